"""5,000 acts of crews on 200 phones that lose and regain the network, on both databases.

Each phone has pressed 25 times without a network, by a clock that is up to twelve hours wrong. Of
its tries to send, a tenth finds no network, a tenth is cut off in the middle of what it sends, and
a tenth loses the answer. It tries on until all is answered. Then every act must be there once, in
the order of pressing and with its own time, and must have had its effect once.
"""

import http.client
import json
import random
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tools.postgres import private_cluster

from .product import Product, product
from .table import Measure, percentile

PHONES = 200
ACTS = 25
AT_ONCE = 10  # of one phone, so that a cut falls between its batches too
TRIES = 500
TIMEOUT_S = 60
PAUSE_S = 0.05
HALF_A_DAY_MS = 12 * 3_600_000
OLDEST_MS = 26_000
NO_NETWORK, CUT, NO_ANSWER = 0.1, 0.2, 0.3


def run() -> list[Measure]:
    """Both databases."""
    with product() as served:
        found = _measure(served, "SQLite")
    with private_cluster() as url, product(url) as served:
        return found + _measure(served, "PostgreSQL")


def _measure(served: Product, name: str) -> list[Measure]:
    served.set_up()
    served.prepare("crews", str(PHONES))
    served.start()
    phones = [Phone(served, n) for n in range(PHONES)]
    before, began = served.processor_s(), time.perf_counter()
    with ThreadPoolExecutor(PHONES) as pool:
        list(pool.map(Phone.send_all, phones))
    seconds, spent = time.perf_counter() - began, served.processor_s() - before
    took = [one for phone in phones for one in phone.took_ms]
    return [
        Measure(f"{name}: acts of {PHONES} phones", PHONES * ACTS / seconds, "/s"),
        Measure(f"{name}: answer to a batch, median", percentile(took, 50), "ms"),
        Measure(f"{name}: answer to a batch, P99", percentile(took, 99), "ms"),
        Measure(f"{name}: processor per act", spent / (PHONES * ACTS) * 1000, "ms"),
        Measure(f"{name}: tries that failed", sum(p.failed for p in phones), ""),
        Measure(
            f"{name}: acts lost, doubled or out of order", _wrong(served, phones), "", at_most=0
        ),
        Measure(f"{name}: acts with another time", _untimely(served, phones), "", at_most=0),
    ]


@dataclass
class Phone:
    """One crew's phone. It has seen its job, and then lost the network."""

    served: Product
    number: int
    took_ms: list[float] = field(default_factory=list)
    failed: int = 0

    def __post_init__(self) -> None:
        self._chance = random.Random(self.number)
        browser = self.served.browser(f"crew-{self.number}")
        told = browser.get("/crew/state")
        self.headers = browser.headers() | {"Content-Type": "application/json"}
        self.user, state = told["user"], told["state"]
        self._wrong_ms = self._chance.randint(-HALF_A_DAY_MS, HALF_A_DAY_MS)
        began_ms = round(time.time() * 1000) - OLDEST_MS
        job = state["jobs"][0]["id"]
        self.acts = [
            self._act(name, data, state["unit"]["call_sign"], began_ms + 1000 * n)
            for n, (name, data) in enumerate(_pressed(job))
        ]
        self.outbox = list(self.acts)

    def _act(self, name: str, data: dict[str, Any], unit: str, at_ms: int) -> dict[str, Any]:
        return {
            "id": f"bench-{self.number}-{self._chance.getrandbits(48):012x}",
            "name": name,
            "data": data,
            "user": self.user,
            "unit": unit,
            "phone_ms": at_ms + self._wrong_ms,
            "offset_ms": -self._wrong_ms,
        }

    def send_all(self) -> None:
        """Try until everything is answered."""
        for _try in range(TRIES):
            if not self.outbox:
                return
            answers = self._try(self.outbox[:AT_ONCE])
            if answers is None:
                self.failed += 1
                time.sleep(self._chance.uniform(0, PAUSE_S))
                continue
            over = {one["id"] for one in answers if one["outcome"] == "done"}
            if len(over) != len(answers):
                raise RuntimeError(f"not done: {answers}")
            self.outbox = [act for act in self.outbox if act["id"] not in over]
        raise RuntimeError(f"phone {self.number} got nothing through")

    def _try(self, acts: list[dict[str, Any]]) -> list[dict[str, Any]] | None:
        luck = self._chance.random()
        if luck < NO_NETWORK:
            return None
        body = json.dumps({"sent_ms": round(time.time() * 1000), "acts": acts}).encode()
        line = http.client.HTTPConnection("127.0.0.1", self.served.port, timeout=TIMEOUT_S)
        began = time.perf_counter()
        try:
            line.putrequest("POST", "/crew/acts")
            for name, value in (self.headers | {"Content-Length": str(len(body))}).items():
                line.putheader(name, value)
            line.endheaders()
            line.send(body[: len(body) // 2] if luck < CUT else body)
            if luck < NO_ANSWER:
                return None
            answer = line.getresponse()
            told = json.loads(answer.read())
        except OSError:
            return None
        finally:
            line.close()
        if answer.status != 200:  # noqa: PLR2004
            raise RuntimeError(f"{answer.status}: {told}")
        self.took_ms.append((time.perf_counter() - began) * 1000)
        found: list[dict[str, Any]] = told["answers"]
        return found


def _pressed(job: int) -> list[tuple[str, dict[str, Any]]]:
    """What a crew presses for a job, in order."""

    def step(command: str) -> tuple[str, dict[str, Any]]:
        return "step", {"assignment": job, "command": command}

    def notes(count: int) -> list[tuple[str, dict[str, Any]]]:
        return [("note", {"assignment": job, "text": f"Catatan {n}"}) for n in range(count)]

    form = ("form", {"assignment": job, "form": "patients", "counts": {"red": 1}, "words": "RS"})
    pressed = [step("acknowledge"), *notes(3), step("depart"), *notes(4), step("arrive"), form]
    pressed += [("mayday", {}), *notes(3), ("mayday_over", {"reason": "safe"})]
    pressed += [("caller", {"assignment": job}), form, *notes(4), step("complete")]
    pressed += [("duty", {"on_duty": False}), ("duty", {"on_duty": True})]
    return pressed


def _wrong(served: Product, phones: list[Phone]) -> int:
    """Acts that are not there once and in their order, and effects that are not there once."""
    with served.asked() as ask:
        rows = ask("SELECT user_id, external_id, outcome FROM dispatch_crewact ORDER BY id")
        kinds: dict[str, int] = dict(
            ask("SELECT kind, count(*) FROM core_journal WHERE actor LIKE 'user:%' GROUP BY kind")
        )
    kept: dict[int, list[str]] = {phone.user: [] for phone in phones}
    wrong = abs(len(rows) - PHONES * ACTS)
    for user, key, outcome in rows:
        kept[user].append(key)
        wrong += outcome != "done"
    for phone in phones:
        wrong += sum(a["id"] != b for a, b in zip(phone.acts, kept[phone.user], strict=False))
    names = [act["name"] for act in phones[0].acts]
    once = {"incident.note": "note", "field.report": "form", "unit.mayday": "mayday"}
    once |= {"unit.mayday_over": "mayday_over", "unit.changed": "duty"}
    for kind, name in once.items():
        wrong += abs(kinds.get(kind, 0) - PHONES * names.count(name))
    for command in ("acknowledge", "depart", "arrive", "complete"):
        wrong += abs(kinds.get(f"assignment.{command}", 0) - PHONES)
    return wrong


def _untimely(served: Product, phones: list[Phone]) -> int:
    """Acts, and states of jobs, that do not carry the time at which they were pressed."""
    with served.asked() as ask:
        acts = ask("SELECT external_id, occurred_at FROM dispatch_crewact")
        steps = ask(
            "SELECT external_id, occurred_at FROM dispatch_assignmenttime"
            " WHERE external_id IS NOT NULL"
        )
    pressed = {a["id"]: a["phone_ms"] + a["offset_ms"] for phone in phones for a in phone.acts}
    return sum(_ms(at) != pressed[key] for key, at in (*acts, *steps))


def _ms(at: Any) -> int:
    moment = at if isinstance(at, datetime) else datetime.fromisoformat(at).replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)
