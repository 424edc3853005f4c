"""A routing service of the city's own: asked beside the requests, believed while it answers."""

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import isinf, isnan
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings

from sigap.core.actors import Actor
from sigap.places.actions import close_road, lift_closure
from sigap.places.queries import travel_times
from sigap.places.roads import outside

GOAL, NEAR, FAR, ISLAND = (-7.82, 112.01), (-7.82, 112.02), (-7.80, 112.05), (-7.70, 112.0)
SECONDS = {NEAR: 90.5, FAR: 600.0, ISLAND: None}


class Service:
    """What OSRM and Valhalla would answer; it checks what it is asked and may be out of order."""

    def __init__(self) -> None:
        self.asked = 0
        self.answer: Callable[[list[tuple[float, float]]], Any] | None = None
        self.status = 200
        self.faults: list[str] = []

    def osrm(self, path: str) -> Any:
        url = urlsplit(path)
        points = [
            (float(lat), float(lng))
            for lng, lat in (p.split(",") for p in url.path.rsplit("/", 1)[1].split(";"))
        ]
        query = parse_qs(url.query)
        if not url.path.startswith("/table/v1/driving/") or query["destinations"] != ["0"]:
            self.faults.append(path)
        sources = [points[int(n)] for n in query["sources"][0].split(";")]
        if points[0] != GOAL:
            self.faults.append(str(points[0]))
        return {"code": "Ok", "durations": [[SECONDS[place]] for place in sources]}

    def valhalla(self, question: Any) -> Any:
        if [(t["lat"], t["lon"]) for t in question["targets"]] != [GOAL]:
            self.faults.append(str(question))
        places = [(p["lat"], p["lon"]) for p in question["sources"]]
        return {"sources_to_targets": [[{"time": SECONDS[place]}] for place in places]}


@pytest.fixture
def service() -> Iterator[Service]:
    """One on loopback."""
    told = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say(lambda: told.osrm(self.path))

        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"]))
            self._say(lambda: told.valhalla(json.loads(sent)))

        def _say(self, make: Callable[[], Any]) -> None:
            told.asked += 1
            content = json.dumps(told.answer([]) if told.answer else make()).encode()
            self.send_response(told.status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    told.url = f"http://127.0.0.1:{server.server_address[1]}"  # type: ignore[attr-defined]
    yield told
    server.shutdown()
    server.server_close()


@pytest.fixture(params=["osrm", "valhalla"])
def asked(
    request: pytest.FixtureRequest, service: Service, monkeypatch: pytest.MonkeyPatch, db: None
) -> Iterator[Service]:
    """The city has set it."""
    more = {"router_url": service.url, "router_kind": request.param}  # type: ignore[attr-defined]
    monkeypatch.setattr(settings, "ENV", settings.ENV.model_copy(update=more))
    outside.forget()
    yield service
    outside.wait()
    outside.forget()


def times(*places: tuple[float, float]) -> list[float]:
    """What is known now, and then what has been answered to it."""
    list(travel_times(GOAL, places))
    outside.wait()
    return list(travel_times(GOAL, places))


def test_nobody_waits_for_it_and_the_next_question_has_its_answer(asked: Service) -> None:
    assert all(isnan(seconds) for seconds in travel_times(GOAL, [NEAR, FAR]))
    outside.wait()
    assert list(travel_times(GOAL, [NEAR, FAR])) == [90.5, 600.0]
    assert (asked.asked, asked.faults) == (1, [])


def test_where_it_knows_no_way_there_is_none(asked: Service) -> None:
    [near, island] = times(NEAR, ISLAND)
    assert near == SECONDS[NEAR] and isinf(island)


@pytest.mark.parametrize("answer", [{}, {"durations": [["soon"]]}, [], {"durations": [[-5]]}])
def test_an_answer_that_makes_no_sense_counts_as_none(asked: Service, answer: Any) -> None:
    asked.answer = lambda _places: answer
    assert isnan(times(NEAR)[0])


def test_when_it_is_away_it_is_left_alone_for_a_while(asked: Service) -> None:
    asked.status = 503
    assert isnan(times(NEAR)[0]) and isnan(times(NEAR)[0])
    assert asked.asked == 1


def test_while_a_road_is_closed_that_it_does_not_know_of_it_is_not_believed(
    asked: Service, actor: Callable[[str], Actor]
) -> None:
    boss = actor("dispatcher")
    assert times(NEAR) == [SECONDS[NEAR]]
    closure = close_road(*GOAL, 30, reason="flood", actor=boss)
    assert isnan(travel_times(GOAL, [NEAR])[0])
    lift_closure(closure.pk, actor=boss)
    assert list(travel_times(GOAL, [NEAR])) == [SECONDS[NEAR]]
