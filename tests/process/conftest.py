"""Real servers: a drill for the browser, a city on each database for the rest."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from sim.browser import HttpBrowser

from .browsing import chromium
from .server import Server, running


@pytest.fixture(scope="session")
def drill(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`sigap drill`: calls ring and units move by themselves."""
    with running(Server("drill", data_dir=tmp_path_factory.mktemp("drill"))) as server:
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests; each opens a window of its own."""
    with chromium() as started:
        yield started


@pytest.fixture
def server(drill: Server) -> Server:
    """The drill with three incidents that wait for the dispatcher."""
    taker = HttpBrowser(drill.url, "call_taker")
    for street in ("Jl. Contoh 1", "Jl. Contoh 2", "Jl. Contoh 3"):
        call = taker.post("/calls/enter", {})["call"]
        taker.post(
            f"/calls/{call}/incident",
            {
                "type": "ambulans",
                "area": _area(taker),
                "address": street,
                "call_class": "emergency",
            },
        )
    return drill


def _area(taker: HttpBrowser) -> str:
    return next(iter(taker.get("/console/catalogue")["areas"]))
