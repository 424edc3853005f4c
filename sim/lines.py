"""The drill's callers, and the colleagues who answer what the trainee leaves ringing."""

import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sigap.calls.lines import DRILL
from sigap.packs.schema import Pack

from .browser import Answer, Unhappy
from .callers import PREFIX, WIB
from .scenes import Scene, scene
from .slow import World, stamp

LEFT_RINGING_S = 25.0
MOST_INCIDENTS = 12
EMERGENCY_EVERY_S = (90.0, 150.0)
CALL_EVERY_S = (8.0, 20.0)
RINGING = ("presented", "screening", "queued")
TRUNKS = ("112-a", "112-a", "112-b")
OTHERS = {"silent": 30, "misdial": 26, "prank": 22, "noise": 6, "information": 8, "abandoned": 8}
WORDS = {
    "silent": ("(hening)",),
    "misdial": ("(suara saku)", "maaf salah pencet"),
    "noise": ("(suara berisik, tidak ada jawaban)",),
    "prank": ("(anak-anak tertawa)", "pesan bakso dua", "(bernyanyi lalu tertawa)"),
    "information": ("jam buka kantor dispenduk?", "nomor PDAM berapa?", "cara urus KTP hilang?"),
    "abandoned": ("(menutup)",),
}
TALK_S = {"silent": 8, "misdial": 6, "noise": 10, "prank": 14, "information": 40}

Tried = Callable[[], AbstractContextManager[None]]


@dataclass
class Line:
    """One call of the drill, as its caller knows it."""

    call_class: str
    rang: datetime
    scene: Scene | None = None
    about: int | None = None  # the incident that a repeat is about
    hurry: bool = False  # answered and sent at once, so that something moves
    gated: bool = False
    hung_up: bool = False
    next_at: datetime | None = None


class Lines:
    """All calls of the drill; known again after a restart by the time that they began."""

    def __init__(
        self,
        world: World,
        pack: Pack,
        rng: random.Random,
        colleagues: tuple[str, ...],
        tried: Tried,
    ) -> None:
        self._world, self._pack, self._rng = world, pack, rng
        self._colleagues, self._tried = colleagues, tried
        self._lines: dict[str, Line] = {}
        # The very first incidents: not left to the trainee, so that something moves soon.
        self.hurried: set[int] = set()
        self._regulars = [self._new_number() for _ in range(12)]
        self._next_call: datetime | None = None
        self._next_emergency: datetime | None = None
        self._calling_back: dict[int, datetime] = {}

    def tick(self, board: Answer, active: list[Answer], now: datetime) -> None:
        """Let calls ring, and do what callers and colleagues do."""
        with self._tried():
            self._ring_if_due(active, now)
        ids = {o["desk"]: o["id"] for o in board["operators"]}
        busy = {c["operator"] for c in board["calls"]}
        for row in board["calls"]:
            if not row["said"]:
                continue  # the trainee's own entry
            line = self._lines.get(row["began_at"]) or self._found(row)
            with self._tried():
                self._caller(line, row, now)
                self._colleague(line, row, ids, busy, now)
        shown = {c["began_at"] for c in board["calls"]}
        for began in [b for b, line in self._lines.items() if b not in shown]:
            if (now - self._lines[began].rang).total_seconds() > 60:  # noqa: PLR2004 - over
                del self._lines[began]
        for row in board["callbacks"]:
            with self._tried():
                self._call_back(row, now)

    # New calls

    def _ring_if_due(self, active: list[Answer], now: datetime) -> None:
        if self._next_call is None or self._next_emergency is None:
            self._begin(active, now)
            return
        if now >= self._next_emergency and len(active) < MOST_INCIDENTS:
            self._next_emergency = _later(now, self._rng.uniform(*EMERGENCY_EVERY_S))
            self._emergency(now)
        elif now >= self._next_call:
            self._next_call = _later(now, self._rng.uniform(*CALL_EVERY_S))
            self._other(active, now)

    def _begin(self, active: list[Answer], now: datetime) -> None:
        """Something happens at once: one call for the trainee, two units' worth of work."""
        self._next_call = _later(now, 6)
        self._next_emergency = _later(now, 30)
        if not active:
            self._emergency(now, hurry=True)
            self._emergency(_later(now, 0.01), hurry=True)
        self._other([], _later(now, 0.02))

    def _emergency(self, now: datetime, *, hurry: bool = False) -> None:
        here = scene(self._rng, self._pack, now.astimezone(WIB).month)
        self._ring(Line("emergency", now, scene=here, hurry=hurry), here.chronology)

    def _other(self, active: list[Answer], now: datetime) -> None:
        young = [i for i in active if _age(i["opened_at"], now) < 600]  # noqa: PLR2004 - seconds
        if young and self._rng.random() < 0.06:
            about = self._rng.choice(young)
            line = Line("repeat", now, about=about["id"])
            self._ring(line, f"sudah ada yang lapor #{about['id']}?")
            return
        kind = self._rng.choices(list(OTHERS), list(OTHERS.values()))[0]
        self._ring(Line(kind, now), self._rng.choice(WORDS[kind]))

    def _ring(self, line: Line, words: str) -> None:
        often = line.call_class in ("silent", "prank", "misdial") and self._rng.random() < 0.6
        number = self._rng.choice(self._regulars) if often else self._new_number()
        # A trainee hears nobody: what the caller says comes with the name of the line.
        event: Answer = {"trunk": f"{self._rng.choice(TRUNKS)} {DRILL}{words}"[:64]}
        if self._rng.random() > 0.1:
            event["number"] = number
        self._report("presented", stamp(line.rang), **event)
        self._lines[stamp(line.rang)] = line

    def _new_number(self) -> str:
        return f"{PREFIX}{self._rng.randrange(10**8, 10**9)}"

    def _report(self, kind: str, began: str, at: datetime | None = None, **more: str) -> None:
        event = {"event_id": f"{began}:{kind}", "call_id": f"drill-{began}", "kind": kind}
        self._world.exchange(event | {"at": stamp(at) if at else began} | more)

    def _found(self, row: Answer) -> Line:
        """A call from before a restart: its caller has lost patience."""
        kind = "emergency" if row["incident"] else "silent"
        line = Line(kind, datetime.fromisoformat(row["began_at"]).astimezone(UTC), gated=True)
        return self._lines.setdefault(row["began_at"], line)

    # What callers and colleagues do

    def _caller(self, line: Line, row: Answer, now: datetime) -> None:
        began, waited = row["began_at"], (now - line.rang).total_seconds()
        if row["state"] in RINGING:
            if not line.gated and waited > 1:
                line.gated = True
                if line.call_class in ("emergency", "information", "repeat", "prank"):
                    self._report(self._rng.choice(("gate_key", "gate_speech")), began, now)
                self._report("queued", began, now)
            if line.call_class == "abandoned" and waited > 12 and not line.hung_up:  # noqa: PLR2004
                self._hang_up(line, began, now)
        elif row["answered_at"] and not line.hung_up:
            talk = TALK_S.get(line.call_class, 150)
            if _age(row["answered_at"], now) > talk + line.rang.microsecond % 7:
                self._hang_up(line, began, now)

    def _hang_up(self, line: Line, began: str, now: datetime) -> None:
        line.hung_up = True
        self._report("ended", began, now)

    def _colleague(
        self, line: Line, row: Answer, ids: dict[str, int], busy: set[int | None], now: datetime
    ) -> None:
        if row["state"] in RINGING:
            left = 0 if line.hurry else LEFT_RINGING_S
            free = [name for name in self._colleagues if ids.get(name) not in busy]
            waited = (now - line.rang).total_seconds()
            if free and waited >= left and row["operator"] is None:
                self._world.browser(free[0]).post(f"/calls/{row['id']}/take", {})
                busy.add(ids.get(free[0]))
                quick = 1 if line.hurry else self._rng.uniform(6, 14)
                line.next_at = _later(now, quick)
            return
        mine = [name for name in self._colleagues if ids.get(name) == row["operator"]]
        if not mine or (line.next_at and now < line.next_at):
            return
        browser, path = self._world.browser(mine[0]), f"/calls/{row['id']}"
        line.next_at = _later(now, 4)
        if line.scene and not row["incident"]:
            made = browser.post(f"{path}/incident", _facts(line.scene))
            if line.hurry:
                self.hurried.add(made["incident"])
        elif line.about and not row["incident"]:
            try:
                browser.post(f"{path}/link", {"incident": line.about, "close": True})
            except Unhappy:  # it was over before the call was
                line.about, line.call_class = None, "information"
        else:
            kind = line.call_class if line.call_class != "abandoned" else "silent"
            browser.post(f"{path}/close", {"class": kind})

    def _call_back(self, row: Answer, now: datetime) -> None:
        """A colleague rings back whom nobody else rang."""
        due = self._calling_back.setdefault(row["id"], _later(now, self._rng.uniform(90, 200)))
        if now >= due:
            del self._calling_back[row["id"]]
            reached = self._rng.random() < 0.7
            browser = self._world.browser(self._colleagues[0])
            browser.post(f"/calls/{row['id']}/callback", {"reached": reached})


def _facts(here: Scene) -> Answer:
    return {
        "type": here.type.code,
        "lat": here.lat,
        "lng": here.lng,
        "location_source": "map",
        "address": here.address,
        "chronology": here.chronology,
        "reporter": here.reporter,
        "victims": here.victims,
        "answers": here.answers,
    }


def _age(since: str, now: datetime) -> float:
    return (now - datetime.fromisoformat(since)).total_seconds()


def _later(at: datetime, seconds: float) -> datetime:
    return at + timedelta(milliseconds=round(seconds * 1000))
