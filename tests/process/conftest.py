"""Real servers: a drill that moves by itself, and a quiet city in which only the tests act."""

import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Page

from .asking import Person
from .board import fill_boards
from .browsing import chromium, window
from .centre import Centre
from .cities import (  # noqa: F401 - fixtures, and the hook that leaves PostgreSQL out
    City,
    fresh,
    prototype,
    pytest_collection_modifyitems,
    served,
    set_up,
)
from .server import AML_KEY, Server, running


@pytest.fixture(scope="session")
def drill(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`sigap drill`: calls ring and units move by themselves."""
    with running(Server("drill", data_dir=tmp_path_factory.mktemp("drill"))) as server:
        yield server


@pytest.fixture(scope="session")
def new_city(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Server]:
    """Makes a city of its own, not started: Kediri's pack and one person per role."""
    model = set_up(City(tmp_path_factory.mktemp("model")))

    def copy(**settings: str) -> Server:
        data_dir = tmp_path_factory.mktemp("city") / "data"
        shutil.copytree(model.data_dir, data_dir)
        return City(data_dir).server(aml_key=AML_KEY, **settings)

    return copy


@pytest.fixture(scope="session")
def city(new_city: Callable[[], Server]) -> Iterator[Server]:
    """`sigap serve`: nothing happens but what a test does."""
    with running(new_city()) as server:
        yield server


@pytest.fixture(scope="module")
def new_centre(tmp_path_factory: pytest.TempPathFactory) -> Centre:
    """A city with a real exchange, not started. Its gate listens for a second only, and no
    telephone rings by itself."""
    centre = Centre(set_up(City(tmp_path_factory.mktemp("centre") / "data")))
    for name, value in {"gate.first_s": 1, "gate.second_s": 1, "calls.phones_ring_s": 300}.items():
        centre.set(name, value)
    return centre


@pytest.fixture(scope="session")
def busy_city(new_city: Callable[[], Server]) -> Iterator[Server]:
    """A city in the middle of a shift: something to see on every screen."""
    with running(new_city()) as server:
        yield server


@pytest.fixture(scope="session")
def incident(busy_city: Server) -> int:
    """The busy city's incident in which the most has happened."""
    return fill_boards(busy_city)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests; each opens windows of its own."""
    with chromium() as started:
        yield started


@pytest.fixture
def enter(browser: Browser, city: Server) -> Iterator[Callable[..., Page]]:
    """Opens a window for the person of a role in the city: enter("dispatcher")."""
    with ExitStack() as windows:
        yield lambda role, **more: windows.enter_context(window(browser, city, role, **more))


@pytest.fixture(scope="session")
def colleague(city: Server) -> Person:
    """A call taker without a screen."""
    return Person(city.url)


@pytest.fixture(scope="session")
def open_incident(colleague: Person) -> Callable[..., int]:
    """Opens an incident (a field on fire) at an address that no other has; its number."""
    numbers = itertools.count(1)
    area = next(iter(colleague.get("/console/catalogue")["areas"]))

    def opened(type: str = "kebakaran_lahan", **more: object) -> int:
        call = colleague.command("/calls/enter").json()["call"]
        facts = {"type": type, "area": area, "address": f"Jl. Uji Coba {next(numbers)}"}
        closing = {"call_class": "emergency"}
        answer = colleague.command(f"/calls/{call}/incident", **(facts | closing | more))
        return int(answer.json()["incident"])

    return opened


@pytest.fixture
def waiting(open_incident: Callable[..., int]) -> list[int]:
    """Three incidents that wait for the dispatcher."""
    return [open_incident() for _ in range(3)]


@pytest.fixture
def crew_is_free(city: Server) -> Iterator[None]:
    """The city's only crew, that of AMB-01, has no job left when the test is over."""
    yield
    dispatcher = Person(city.url, "dispatcher")
    for incident in dispatcher.get("/console/state")["incidents"]:
        if any(job["unit"] == "AMB-01" for job in incident["jobs"]):
            facts = {"reason": "not_needed", "confirm": True}
            dispatcher.command(f"/incidents/{incident['id']}/cancel", **facts)
