"""How many ordinary commands per second people's screens may send: each passes the session,
the rights and the form check, writes, and is on the disk before it is answered."""

import json
from typing import Any

from sim.browser import HttpBrowser

from .load import Answers, request, send
from .product import Product, product
from .table import Measure, percentile

PEOPLE = 8
CLIENTS = 16
ROUNDS = 3
EACH = 200  # entered, then closed, so that no more calls are open than a city may have
BEATS = 200  # per person
SECONDS = 30.0


def run() -> list[Measure]:
    """The product's own way, and the usual one with the same views."""
    with product() as served:
        people = _open(served)
        beats = send(
            served.port, [_post(p, "/console/heartbeat") for p in people] * BEATS, **_crowd()
        )
        entered, closed = _calls(served, people)
        held = served.memory_mb()
    with product() as served:
        usual, _ = _calls(served, _open(served, "-m", "bench.naive"))
    return [
        *_told("sign of life", beats.expect(200)),
        *_told("enter a call", entered),
        *_told("close a call", closed),
        Measure("server's memory", held, "MB"),
        Measure("Django's own ASGI server: enter a call", usual.per_second, "/s"),
        Measure("Sigap's server to that", entered.per_second / usual.per_second, "x"),
    ]


def _open(served: Product, *module: str) -> list[HttpBrowser]:
    served.set_up()
    served.prepare("people", str(PEOPLE))
    served.start(*module)
    return [served.browser(f"bench-{n}") for n in range(PEOPLE)]


def _calls(served: Product, people: list[HttpBrowser]) -> tuple[Answers, Answers]:
    """Calls entered by hand, and closed by whoever entered them."""
    names = people[0].get("/console/catalogue")["users"]
    ids = {name: int(number) for number, name in names.items()}
    me = {ids[f"bench-{n}"]: person for n, person in enumerate(people)}
    entered, closed = Answers(), Answers()
    for _round in range(ROUNDS):
        wanted = [
            _post(people[n % PEOPLE], "/calls/enter", number=f"0812{n:07}") for n in range(EACH)
        ]
        entered += send(served.port, wanted, **_crowd()).expect(200)
        calls = people[0].get("/console/state")["calls"]
        wanted = [
            _post(me[c["operator"]], f"/calls/{c['id']}/close", **{"class": "silent"})
            for c in calls
        ]
        closed += send(served.port, wanted, **_crowd()).expect(200)
    return entered, closed


def _post(person: HttpBrowser, path: str, **data: Any) -> bytes:
    headers = person.headers() | {"Content-Type": "application/json"}
    return request("POST", path, headers, json.dumps(data).encode())


def _crowd() -> dict[str, Any]:
    return {"clients": CLIENTS, "seconds": SECONDS}


def _told(what: str, answers: Answers) -> list[Measure]:
    return [
        Measure(f"{what}: answered", answers.per_second, "/s", at_least=300),
        Measure(f"{what}: median", percentile(answers.latencies_ms, 50), "ms"),
        Measure(f"{what}: P99", percentile(answers.latencies_ms, 99), "ms"),
    ]
