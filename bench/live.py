"""How long after it was committed a change is on a second console's screen, in a real browser,
while 200 more consoles are attached and people send 20 commands a second.

Each command gives an incident another priority, which changes and moves a row of the
dispatcher's list. The time runs from the journal row's `at`, which is taken just before the
commit, to the end of the frame in which the browser painted the new row.
"""

import json
import time
from datetime import UTC, datetime

from playwright.sync_api import Page, expect

from sim.browser import HttpBrowser
from tests.process.browsing import chromium

from .browser import window
from .consoles import Consoles, Heard, follow
from .load import Answers, request, send
from .product import Product, product
from .table import Measure, percentile

CONSOLES = 200
PEOPLE = 8
INCIDENTS, UNITS = 200, 100
PER_SECOND = 20
SECONDS = 30
WARM_UP = 3  # seconds
PRIORITIES = 4
LATE_S = 10.0  # what is not there so long after the last command counts as missing

# Notes each row whose priority is another than before, and when that was painted.
WATCH = """() => {
  const list = document.getElementById("incidents");
  const told = (row) => [Number(row.dataset.id), row.querySelector(".prio").textContent];
  const known = new Map([...list.querySelectorAll("button.row")].map(told));
  window.seen = [];
  new MutationObserver((changes) => {
    const rows = new Set(changes.map(({ target }) => target.closest("button.row")));
    rows.delete(null);
    const fresh = [...rows].map(told).filter(([id, level]) => known.get(id) !== level);
    for (const [id, level] of fresh) known.set(id, level);
    if (fresh.length) painted(() => window.seen.push(...fresh.map((row) => [...row, Date.now()])));
  }).observe(list, { childList: true, subtree: true });
}"""

Change = tuple[int, int]  # an incident and its new priority


def run() -> list[Measure]:
    """On SQLite."""
    with product() as served, chromium() as browser:
        served.set_up()
        served.prepare("people", str(PEOPLE))
        served.prepare("board", str(INCIDENTS), str(UNITS))
        served.start()
        people = [served.browser(f"bench-{n}") for n in range(PEOPLE)]
        cookies = [person.headers()["Cookie"] for person in people]
        dispatcher = served.browser("bench-dispatcher").headers()["Cookie"]
        with (
            follow(served.port, cookies, CONSOLES) as consoles,
            window(browser, served, dispatcher) as page,
        ):
            page.goto("/dispatch")
            expect(page.locator("#incidents button.row")).to_have_count(INCIDENTS)
            page.evaluate(WATCH)
            return _measure(served, people, consoles, page)


def _measure(
    served: Product, people: list[HttpBrowser], consoles: Consoles, page: Page
) -> list[Measure]:
    wanted = _commands(people)
    _send(served, wanted[: WARM_UP * PER_SECOND])
    after, before = _tip(served), served.processor_s()
    answers = _send(served, wanted[WARM_UP * PER_SECOND :])
    spent = served.processor_s() - before
    tip = _tip(served)
    heard, shown = _settled(consoles, page, tip, len(wanted))
    made = _made(served, after)
    ages = [(shown[change] - at) * 1000 for change, at in made.items() if change in shown]
    return [
        Measure("committed to shown: median", percentile(ages, 50), "ms", at_most=60),
        Measure("committed to shown: P95", percentile(ages, 95), "ms", at_most=150),
        Measure("committed to shown: P99", percentile(ages, 99), "ms"),
        Measure("changes measured", len(ages)),
        Measure("changes never shown", len(made) - len(ages), at_most=0),
        Measure("other consoles attached", heard.open, at_least=CONSOLES),
        Measure("other consoles left behind", _behind(heard, tip), at_most=0),
        Measure("commands", answers.per_second, "/s", at_least=PER_SECOND),
        Measure("command answered: median", percentile(answers.latencies_ms, 50), "ms"),
        Measure("command answered: P99", percentile(answers.latencies_ms, 99), "ms"),
        Measure("server's processor", spent / answers.seconds * 100, "%"),
        Measure("server's memory", served.memory_mb(), "MB", at_most=400),
    ]


def _commands(people: list[HttpBrowser]) -> list[bytes]:
    """The incidents in turn get their next priority. None gets one twice, so that a change is
    known by its incident and priority."""
    rows = people[0].get("/console/state")["incidents"]
    number = (WARM_UP + SECONDS) * PER_SECOND
    assert len(rows) == INCIDENTS and number <= INCIDENTS * PRIORITIES
    headers = [person.headers() | {"Content-Type": "application/json"} for person in people]
    found = []
    for n in range(number):
        row, turn = rows[n % INCIDENTS], n // INCIDENTS + 1
        body = json.dumps({"priority": (row["priority"] - 1 + turn) % PRIORITIES + 1}).encode()
        path = f"/incidents/{row['id']}/priority"
        found.append(request("POST", path, headers[n % len(people)], body))
    return found


def _send(served: Product, wanted: list[bytes]) -> Answers:
    rate = PER_SECOND * 1.05  # so that chance makes it no fewer
    return send(served.port, wanted, clients=PEOPLE, seconds=3 * SECONDS, rate=rate).expect(200)


def _tip(served: Product) -> int:
    with served.asked() as ask:
        return int(ask("SELECT max(seq) FROM core_journal")[0][0])


def _made(served: Product, after: int) -> dict[Change, float]:
    """When each change was committed, by the journal."""
    with served.asked() as ask:
        rows = ask(
            "SELECT subject, body, at FROM core_journal "  # noqa: S608 - a number of our own
            f"WHERE kind = 'incident.priority' AND seq > {after}"
        )
    return {
        (int(subject.partition(":")[2]), int(json.loads(body)["chosen"])): _seconds(at)
        for subject, body, at in rows
    }


def _seconds(at: str) -> float:
    return datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp()


def _settled(
    consoles: Consoles, page: Page, tip: int, number: int
) -> tuple[Heard, dict[Change, float]]:
    """What everybody has seen, once it is all, or once it is too late."""
    until = time.monotonic() + LATE_S
    while True:
        heard, seen = consoles.heard(), page.evaluate("window.seen")
        if len(seen) >= number and not _behind(heard, tip) or time.monotonic() > until:
            return heard, {(incident, int(level[1:])): at / 1000 for incident, level, at in seen}
        time.sleep(0.2)


def _behind(heard: Heard, tip: int) -> int:
    return sum(reached < tip for reached in heard.reached)
