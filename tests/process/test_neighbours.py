"""Two cities' own servers hand a call over to each other, and let each other read a record."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pyotp
import pytest

from sim.neighbour import Neighbour

from .asking import Person, client
from .cities import ROOT
from .server import Server, free_port, running, until

WAIT_S = 30.0
TO_KAB, TO_KOTA = "secret-from-kota-to-kab-1", "secret-from-kab-to-kota-2"


@dataclass
class Side:
    """One city, and its people."""

    server: Server
    taker: Person
    dispatcher: Person
    supervisor: Person

    def page(self, address: str) -> str:
        """What the call taker sees there."""
        return self.taker.http.get(address, headers={"Accept": "text/html"}).text

    def wait(self, address: str, words: str) -> str:
        """Look until it says so."""
        until(lambda: words in self.page(address), WAIT_S, lambda: self.page(address)[-3000:])
        return self.page(address)

    def newest(self, noun: str) -> str:
        """The address of what is first in the list, once there is one."""
        found: list[str] = []

        def is_there() -> bool:
            found[:] = re.findall(rf'"(/neighbours/{noun}/\d+)"', self.page("/neighbours"))
            return bool(found)

        until(is_there, WAIT_S, self.server.tail)
        return found[0]


def form(person: Person, to: str, /, **data: Any) -> httpx.Response:
    """Send a form as a page does."""
    answer = person.http.post(to, data=data, headers=person._token())
    assert answer.status_code == 302, (to, answer.status_code, answer.text[-2000:])
    return answer


def boss(server: Server) -> Person:
    """A supervisor, who has to set up a second factor first."""
    person = Person(server.url, "supervisor")
    page = person.http.get("/account/second-factor").text
    secret = re.search(r'class="[^"]*secret[^"]*">([A-Z2-7 ]+)<', page)
    assert secret, page
    code = pyotp.TOTP(secret[1].replace(" ", "")).now()
    person.command("/account/second-factor", code=code)
    return person


def knows(server: Server, **centre: Any) -> None:
    """Enter the other city."""
    enter = [sys.executable, "-m", "tests.process.neighbours", json.dumps(centre)]
    subprocess.run(enter, env=server.environment, cwd=ROOT, check=True)


def names(code: str, name: str) -> dict[str, str]:
    return {"code": code, "name": name, "name_en": name, "area": name}


@pytest.fixture(scope="module")
def sides(new_city: Callable[..., Server]) -> Iterator[tuple[Side, Side]]:
    """Kota Kediri and Kabupaten Kediri, each with its own data and key."""
    ports = free_port(), free_port()
    kota, kab = (new_city(port=port) for port in ports)
    kab_as = names("kab_kediri", "112 Kab. Kediri") | {"known_as": "kota_kediri"}
    kota_as = names("kota_kediri", "112 Kota Kediri") | {"known_as": "kab_kediri"}
    knows(kota, **kab_as, url=kab.url, secret_out=TO_KAB, secret_in=TO_KOTA)
    knows(kab, **kota_as, url=kota.url, secret_out=TO_KOTA, secret_in=TO_KAB)
    with running(kota), running(kab):
        yield tuple(  # type: ignore[misc]
            Side(
                server,
                Person(server.url),
                Person(server.url, "dispatcher"),
                boss(server),
            )
            for server in (kota, kab)
        )


@pytest.fixture(scope="module")
def handed(sides: tuple[Side, Side]) -> tuple[str, str]:
    """A call that rang in the city and is the Kabupaten's: its page here and there."""
    kota, kab = sides
    call = kota.taker.command("/calls/enter", number="081233451190").json()["call"]
    typed = {"type": "kebakaran_lahan", "address": "Pasar Pare", "what": "Asap tebal"}
    sent = {"send": "true", "centre": "kab_kediri", "parts": ["address", "words", "number"]}
    here = form(kota.taker, f"/calls/{call}/handover", **sent, **typed)
    return here.headers["Location"], kab.newest("handovers")


def test_a_call_is_handed_over_accepted_and_followed(
    sides: tuple[Side, Side], handed: tuple[str, str]
) -> None:
    kota, kab = sides
    here, there = handed
    assert "Pasar Pare" in kab.page(there) and "Asap tebal" in kab.page(there)
    assert "0812" in kab.page(there)
    board = kab.taker.get("/console/state")
    assert "handover_in" in [alarm["code"] for alarm in board["alarms"]]
    form(kab.taker, f"{there}/accept", type="kebakaran_lahan")
    accepted = kab.page(there)
    number = re.findall(r"/incidents/(\d+)", accepted)[0]
    kota.wait(here, f" · {number}")
    board = kota.taker.get("/console/state")
    assert [c for c in board["calls"] if c["state"] == "closed"] == []
    units = {"units": ["AMB-01"], "confirm": True}
    sent = kab.dispatcher.command(f"/dispatch/incidents/{number}/send", **units)
    assert sent.status_code == 200, sent.text
    kota.wait(here, 'id="news"')
    for side in sides:
        assert "broken" not in side.server.run("journal", "verify")


def test_a_record_is_shared_read_and_not_read_any_more(sides: tuple[Side, Side]) -> None:
    kota, kab = sides
    call = kota.taker.command("/calls/enter").json()["call"]
    area = next(iter(kota.taker.get("/console/catalogue")["areas"]))
    facts = {"type": "kebakaran_lahan", "address": "Jl. Rahasia 9", "area": area}
    opened = kota.taker.command(f"/calls/{call}/incident", **facts, call_class="emergency")
    incident = opened.json()["incident"]
    proposal = {"incident": incident, "centre": "kab_kediri", "hours": "1", "parts": "units"}
    here = form(kota.taker, "/neighbours/propose", **proposal).headers["Location"]
    form(kota.supervisor, f"{here}/approve")
    there = kab.newest("shares")
    form(kab.taker, f"{there}/accept")
    kab.wait(there, f">{incident}</dd>")
    assert "Rahasia" not in kab.page(there)
    form(kota.taker, f"{here}/end")
    until(lambda: f'{there}/fetch"' not in kab.page(there), WAIT_S, kab.server.tail)
    story = kota.taker.get(f"/incidents/{incident}/timeline.json")["rows"]
    assert [row["kind"] for row in story if row["kind"] == "share.read"] == ["share.read"]


def test_who_does_not_sign_or_signs_too_late_stays_outside(sides: tuple[Side, Side]) -> None:
    kota, _kab = sides
    door = client(kota.server.url, **{"Content-Type": "application/json"})
    stranger = Neighbour(expects="", speaks=TO_KOTA)
    body = b'{"note":"dance","reference":"x"}'
    good = stranger.sign(body, "kab_kediri")
    assert door.post("/hooks/eido", content=body).status_code == 401
    assert door.post("/hooks/eido", content=body + b" ", headers=good).status_code == 401
    wrong = stranger.sign(body, "somebody")
    assert door.post("/hooks/eido", content=body, headers=wrong).status_code == 401
    old = good | {"X-Sigap-Time": str(int(time.time()) - 4000)}
    assert door.post("/hooks/eido", content=body, headers=old).status_code == 401
    form_kind = good | {"Content-Type": "text/plain"}
    assert door.post("/hooks/eido", content=body, headers=form_kind).status_code == 415
    large = b"x" * 300_000
    signed = stranger.sign(large, "kab_kediri")
    assert door.post("/hooks/eido", content=large, headers=signed).status_code == 413
    assert door.get("/hooks/eido").status_code == 405
    first = door.post("/hooks/eido", content=body, headers=good)
    again = door.post("/hooks/eido", content=body, headers=good)
    assert first.status_code == again.status_code == 202
    assert first.json()["id"] == again.json()["id"]  # the same letter
    bearer = {"Authorization": f"Bearer {TO_KOTA}"}
    assert door.post("/hooks/eido", content=b"[" * 5000, headers=bearer).status_code == 202

    def alarmed() -> bool:
        alarms = kota.taker.get("/console/state")["alarms"]
        return "refused" in [alarm["code"] for alarm in alarms]

    until(alarmed, WAIT_S, kota.server.tail)
    assert door.get("/eido/share-x").status_code == 401


def test_nothing_is_lost_while_the_other_is_down(sides: tuple[Side, Side]) -> None:
    kota, kab = sides
    kab.server.kill()
    call = kota.taker.command("/calls/enter", number="081200000077").json()["call"]
    sent = {"send": "true", "centre": "kab_kediri", "parts": ["address"], "address": "Ngasem 4"}
    here = form(kota.taker, f"/calls/{call}/handover", **sent).headers["Location"]
    kota.wait(here, 'class="breach"')
    kab.server.start()
    until(lambda: "Ngasem 4" in kab.page(kab.newest("handovers")), 60, kab.server.tail)
    listed = re.findall(r'"/neighbours/handovers/(\d+)"', kab.page("/neighbours"))
    assert len(listed) == len(set(listed)) == 2
