"""How long after its INVITE was sent a call is on a console: five calls a second, each by a caller
with SIP and sound of their own, through a real exchange.

With the gate, a call is first shown while the caller hears the prompt; without it, it rings at
once. The time ends when the row has arrived on the console's event stream.
"""

import asyncio
import tempfile
import time
from pathlib import Path

from sim.sip import Caller
from tests.process.centre import TRUNK, Centre
from tests.process.cities import City, set_up
from tests.process.crowd import number
from tests.process.streams import Event, Reader

from .table import Measure, percentile

PER_SECOND, CALLS = 5, 150
WARM_UP = 10  # calls
LASTS_S = 2.0
RINGING = "queued"


class Console(Reader):
    """A console that notes when it first heard of each number, and when that first rang."""

    def __init__(self, url: str, cookie: str) -> None:
        super().__init__(url, cookie)
        self.shown: dict[str, float] = {}
        self.rang: dict[str, float] = {}

    def _take(self, event: Event) -> None:
        now = time.monotonic()
        super()._take(event)
        if event.name == "":
            for row in self.events[-1].data["put"].get("calls", ()):
                known = (row["number"] or "")[-9:]
                self.shown.setdefault(known, now)
                if row["state"] == RINGING:
                    self.rang.setdefault(known, now)


def run() -> list[Measure]:
    """With the gate, then without."""
    with tempfile.TemporaryDirectory(prefix="sigap-bench-") as folder:
        centre = Centre(set_up(City(Path(folder) / "data")))
        centre.set("calls.phones_ring_s", 300)
        with centre.working():
            person = centre.person()
            gated = _measure(centre, person.cookie, 0)
            centre.set("gate.on", 0)
            time.sleep(5)  # numbers of the city are read anew within two seconds, here and there
            open_ = _measure(centre, person.cookie, WARM_UP + CALLS)
    shown, _rang, lost = gated
    _shown, rang, lost_open = open_
    return [
        Measure("calls a second", PER_SECOND),
        Measure("INVITE to the call on a console: median", percentile(shown, 50), "ms"),
        Measure("INVITE to the call on a console: P95", percentile(shown, 95), "ms", at_most=300),
        Measure("INVITE to the call on a console: worst", max(shown, default=0), "ms"),
        Measure("gate off, INVITE to ringing: median", percentile(rang, 50), "ms"),
        Measure("gate off, INVITE to ringing: P95", percentile(rang, 95), "ms", at_most=300),
        Measure("calls measured", len(shown) + len(rang), at_least=2 * CALLS),
        Measure("calls never shown", lost + lost_open, at_most=0),
    ]


def _measure(centre: Centre, cookie: str, first: int) -> tuple[list[float], list[float], int]:
    console = Console(centre.server.url, cookie)
    with console:
        sent = asyncio.run(_dial(centre, first))
    measured = sent[WARM_UP:]
    shown = [(console.shown[n] - at) * 1000 for n, at in measured if n in console.shown]
    rang = [(console.rang[n] - at) * 1000 for n, at in measured if n in console.rang]
    return shown, rang, len(measured) - len(shown)


async def _dial(centre: Centre, first: int) -> list[tuple[str, float]]:
    """All calls; the number and the time of the INVITE of each. The clock is `monotonic`."""
    loop = asyncio.get_running_loop()
    due, calls = loop.time(), []
    for n in range(WARM_UP + CALLS):
        await asyncio.sleep(due - loop.time())
        calls.append(asyncio.create_task(_call(centre, number(first + n))))
        due += 1 / PER_SECOND
    sent = await asyncio.gather(*calls)
    await asyncio.sleep(2)  # what is on its way to the console
    return sent


async def _call(centre: Centre, number: str) -> tuple[str, float]:
    async with Caller(centre.sip, number, local=TRUNK) as caller:
        call = await caller.dial("112")
        await call.answered()
        await asyncio.sleep(LASTS_S)
        await call.hang_up()
    return number[-9:], call.times[next(iter(call.times))]
