"""What an exchange of one's own carries: 150 calls at once with speech, keys or silence through
the gate with the default numbers; and 300 short calls, ten begun in a second.

The callers' own processor time is on the same cores, and shown.
"""

import asyncio
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from sim.voices import sound
from tests.process.centre import TRUNK, Centre
from tests.process.cities import City, set_up
from tests.process.crowd import Crowd, right, short_calls

from . import sipp
from .product import TICKS
from .table import Measure

AT_ONCE, LASTS_S, BEGIN_S = 150, 60.0, 20.0
SETTLE_S = 3.0  # after the last call began, until the processor time is measured
WINDOW_S = 30.0
LATER_S = 10.0  # after the end of the last call
PLAYS = {
    "speech": sipp.Play("speech", sound=None, after_s=11),
    "key": sipp.Play("key", key="0", after_s=6),
    "silent": sipp.Play("silent"),
}
SHORT_CALLS, PER_SECOND = 300, 10


def run() -> list[Measure]:
    """Each on a centre of its own."""
    with tempfile.TemporaryDirectory(prefix="sigap-bench-") as folder:
        many = _many_at_once(Path(folder))
    with tempfile.TemporaryDirectory(prefix="sigap-bench-") as folder:
        return many + _many_after_another(Path(folder))


def _many_at_once(folder: Path) -> list[Measure]:
    centre = Centre(set_up(City(folder / "data")), prompts_s=0)
    with centre.working():
        pids = {
            "Asterisk": centre.exchange.process.pid,
            "control": centre.control.process.pid,
            "voice detector": _child(centre.control.process.pid),
            "server": centre.server.process.pid,
        }
        began, before = time.monotonic(), {name: _processor_s(pid) for name, pid in pids.items()}
        said = len(centre.control.log.read_text())
        callers = _call(centre, folder)
        try:
            time.sleep(BEGIN_S + SETTLE_S)
            callers_pids = {f"caller {n}": c.pid for n, c in enumerate(callers)}
            first = {name: _processor_s(pid) for name, pid in (pids | callers_pids).items()}
            time.sleep(WINDOW_S)
            last = {name: _processor_s(pid) for name, pid in (pids | callers_pids).items()}
            open_ = _count(centre, "ended_at IS NULL")
            for caller in callers:
                caller.wait(BEGIN_S + LASTS_S + 60)
        finally:
            for caller in callers:
                caller.kill()
                caller.wait()
        _until(lambda: not _count(centre, "ended_at IS NULL"), LATER_S)
        _until(lambda: not centre.channels(), LATER_S)
        spent = {name: _processor_s(pid) - before[name] for name, pid in pids.items()}
        memory = {name: _memory_mb(pid) for name, pid in pids.items()}
        wrong, gates = _wrong(centre)
        print(f"  decisions: {dict(gates)}; {time.monotonic() - began:.0f} s", flush=True)
        left = centre.channels()
        late = centre.control.log.read_text()[said:].count("detector False")
    share = {name: last[name] - first[name] for name in first}
    calls = sum(share[name] for name in callers_pids)
    rows = [
        Measure("calls at once", open_, at_least=AT_ONCE),
        Measure("calls decided wrongly", wrong, at_most=0),
        Measure("channels left over", left, at_most=0),
        Measure("times the voice detector could not keep up", late, at_most=0),
    ]
    for name in pids:
        rows.append(
            Measure(
                f"{name}: processor per second of a call",
                share[name] / WINDOW_S / AT_ONCE * 1000,
                "ms",
            )
        )
        rows.append(
            Measure(
                f"{name}: processor per call of {LASTS_S:.0f} s", spent[name] / AT_ONCE * 1000, "ms"
            )
        )
        rows.append(Measure(f"{name}: memory", memory[name], "MB"))
    own = sum(share[name] for name in pids)
    return [
        *rows,
        Measure("all of them: cores", own / WINDOW_S, at_most=2),
        Measure("the callers: cores", calls / WINDOW_S),
        Measure("calls that one core carries", AT_ONCE * WINDOW_S / own),
    ]


def _call(centre: Centre, folder: Path) -> "list[subprocess.Popen[bytes]]":
    each = AT_ONCE // len(PLAYS)
    speaks = sound("fire", 500)
    found = []
    for n, play in enumerate(PLAYS.values()):
        made = sipp.Play(play.name, speaks if n == 0 else None, play.key, play.after_s)
        numbers = [f"08127{n}{count:06}" for count in range(each)]
        found.append(
            sipp.start(
                folder,
                centre.sip,
                made,
                numbers,
                local=TRUNK,
                per_second=each / BEGIN_S,
                lasts_s=LASTS_S,
            )
        )
    return found


def _wrong(centre: Centre) -> tuple[int, Counter[tuple[str, str, str]]]:
    """How many calls were not decided as they should be, or are not there at all."""
    gates: Counter[tuple[str, str, str]] = Counter()
    rows = centre.city.ask(
        "SELECT number, gate, gate_reason FROM calls_call "
        "JOIN core_contact ON core_contact.id = contact_id"
    )
    names = list(PLAYS)
    for number, gate, reason in rows:
        gates[names[int(number[-7])], gate, reason] += 1
    right_ones = sum(count for (wanted, gate, _), count in gates.items() if wanted == gate)
    return AT_ONCE - right_ones, gates


def _many_after_another(folder: Path) -> list[Measure]:
    centre = Centre(set_up(City(folder / "data")))
    for name, value in {"gate.first_s": 1, "gate.second_s": 1}.items():
        centre.set(name, value)
    with centre.working():
        began = time.monotonic()
        crowd = Crowd(centre, per_second=PER_SECOND, at_once=SHORT_CALLS)
        found = asyncio.run(crowd.call(short_calls(SHORT_CALLS)))
        took = time.monotonic() - began
        _until(lambda: not centre.channels(), LATER_S)
        left = centre.channels()
    return [
        Measure(f"{SHORT_CALLS} calls at {PER_SECOND} a second took", took, "s", at_most=60),
        Measure("of them lost", sum(not (b.answered and b.state) for b in found), at_most=0),
        Measure("of them decided wrongly", sum(not right(b) for b in found), at_most=0),
        Measure("channels left over", left, at_most=0),
    ]


def _count(centre: Centre, where: str) -> int:
    ((count,),) = centre.city.ask(f"SELECT count(*) FROM calls_call WHERE {where}")  # noqa: S608
    return int(count)


def _until(done: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not done() and time.monotonic() < end:
        time.sleep(0.2)


def _child(pid: int) -> int:
    """The process that this one started last."""
    for status in Path("/proc").glob("[0-9]*/stat"):
        if status.read_text().rpartition(")")[2].split()[1] == str(pid):
            return int(status.parent.name)
    raise AssertionError("no voice detector")


def _processor_s(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return float("nan")
    return (int(fields[11]) + int(fields[12])) / TICKS


def _memory_mb(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return float("nan")
    [line] = [x for x in status.splitlines() if x.startswith("VmHWM:")]
    return int(line.split()[1]) / 1024
