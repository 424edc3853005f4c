"""A city in the middle of a shift, made through its public interfaces: what every screen has
to show at once."""

from datetime import UTC, datetime, timedelta
from typing import Any

from ..voices import write_leg
from .asking import Exchange, Person, event
from .server import Server, until

# One of each priority; the second looks like a repeat of the first.
INCIDENTS = (
    {"type": "kebakaran_bangunan", "priority": 1, "address": "Jl. Dhoho" + "h" * 150, "victims": 3},
    {"type": "kebakaran_bangunan", "priority": 1, "address": "Jl. Dhoho 14"},
    {"type": "ambulans", "priority": 2, "address": "Jl. Pemuda 3"},
    {"type": "kebakaran_lahan", "priority": 3, "address": "Jl. Brawijaya 40"},
    {"type": "kebakaran_lahan", "priority": 4, "address": "Jl. " + "Panjang Sekali " * 8},
)
AT = {"lat": -7.8228, "lng": 112.0119, "location_source": "map"}
# As the product writes them.
REGULAR, ABANDONED, RINGING = "+6281234500001", "+6281234500002", "+6281234500003"


def fill_boards(server: Server) -> int:
    """Calls that ring, wait and were given up; incidents of every priority; units at work;
    alarms. Returns the incident in which the most has happened."""
    taker, dispatcher = Person(server.url), Person(server.url, "dispatcher")
    crew, exchange = Person(server.url, "crew"), Exchange(server.url)
    for number, name in enumerate(("silent", "prank", "information")):
        _rings(exchange, f"closed-{number}", REGULAR)
        _close(taker, _waiting(taker, REGULAR), name)
        record(server, exchange, f"closed-{number}")
    first, *_ = [_incident(taker, facts) for facts in INCIDENTS]
    wanted = {"units": ["AMB-01", "DAM-01", "POL-01"], "choice": "radio"}
    _command(dispatcher, f"/dispatch/incidents/{first}/send", **wanted)
    for step in ("acknowledge", "depart"):
        _command(crew, f"/crew/assignments/{_job(dispatcher, 'AMB-01')}/step", command=step)
    now = datetime.now(UTC)
    near = [AT | {"accuracy_m": 9, "at": (now + timedelta(seconds=n)).isoformat()} for n in (0, 1)]
    _command(crew, "/crew/position", points=near)
    _command(dispatcher, f"/incidents/{first}/note", text="Api di lantai dua.")
    _command(
        dispatcher, "/dispatch/units/DAM-02/availability", command="withdraw", reason="damaged"
    )

    _rings(exchange, "abandoned", ABANDONED, minutes=9)
    exchange.report(event("abandoned", "ended", number=ABANDONED, at=_ago(8)))
    _rings(exchange, "answered", REGULAR)
    _command(taker, f"/calls/{_waiting(taker, REGULAR)}/take")
    _rings(exchange, "ringing", RINGING, minutes=5)
    for name, minutes in (("aside", 3), ("unheard", 6)):
        _unheard(exchange, name, minutes)
    exchange.report(event("unheard", "ended", number=None, at=_ago(5)))
    until(lambda: taker.get("/console/state")["alarms"], 60, "no alarm")
    return first


def record(server: Server, exchange: Exchange, call: str, *, seconds: float = 2) -> None:
    """Leave the recording of a call of the exchange in the folder, and announce it."""
    incoming = server.data_dir / "recordings" / "incoming"
    incoming.mkdir(parents=True, exist_ok=True)
    for side, hertz in (("in", 440), ("out", 660)):
        write_leg(incoming / f"{call}_1-{side}.wav", seconds, hertz)
    exchange.report(event(call, "recorded", file=f"{call}_1"))


def _rings(exchange: Exchange, call: str, number: str, *, minutes: float = 0) -> None:
    kinds = ("presented", "gate_key", "queued")
    events = [event(call, kind, number=number, at=_ago(minutes)) for kind in kinds]
    assert {answer.status_code for answer in exchange.report(*events)} == {202}


def _unheard(exchange: Exchange, call: str, minutes: float) -> None:
    rings = event(call, "presented", number=None, at=_ago(minutes))
    silent = event(call, "gate_silent", number=None, at=_ago(minutes), heard_s=14.0)
    answers = exchange.report(rings, silent | {"reason": "no_sign"})
    assert {answer.status_code for answer in answers} == {202}


def _ago(minutes: float) -> str:
    return (datetime.now(UTC) - timedelta(minutes=minutes)).isoformat()


def _waiting(taker: Person, number: str) -> int:
    """The call of this number that rings, as soon as it does."""

    def found() -> list[int]:
        calls = taker.get("/console/state")["calls"]
        return [c["id"] for c in calls if c["number"] == number and c["state"] == "queued"]

    until(found, 30, f"{number} never rang")
    return found()[0]


def _close(taker: Person, call: int, name: str) -> None:
    _command(taker, f"/calls/{call}/take")
    _command(taker, f"/calls/{call}/close", **{"class": name})


def _incident(taker: Person, facts: dict[str, Any]) -> int:
    call = _command(taker, "/calls/enter", number="0354112112")["call"]
    known = AT | {"chronology": "Asap tebal dari dapur.", "reporter": "Ibu Contoh"}
    made = _command(taker, f"/calls/{call}/incident", call_class="emergency", **(known | facts))
    return int(made["incident"])


def _job(dispatcher: Person, unit: str) -> int:
    units = dispatcher.get("/console/state")["units"]
    return next(int(u["jobs"][0]["id"]) for u in units if u["call_sign"] == unit)


def _command(person: Person, path: str, **data: Any) -> dict[str, Any]:
    answer = person.command(path, **data)
    assert answer.status_code == 200, f"{path}: {answer.text}"
    content: dict[str, Any] = answer.json()
    return content
