"""Whom the gate lets through: labelled calls through a real exchange with the real prompts and
the default numbers, and what that means for a city with Kediri's calls.

Each who speaks does so once, at another time after the answer. No such call and none with a key
may end in the silent queue; those that do are named.
"""

import asyncio
import sys
import tempfile
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sim.voices import sound
from tests.process.centre import Centre
from tests.process.cities import City, set_up
from tests.process.crowd import Became, Crowd, Teller, at_times, shuffled

from .table import Measure

AT_ONCE, PER_SECOND = 40, 4
FIRST_SEED = 500  # sounds that no rule was tuned with
SPEECH = {
    "speech": 40,
    "halo": 16,
    "tolong": 16,
    "fire": 10,
    "whisper": 20,
    "child": 20,
    "shout": 14,
    "speech_in_street": 20,
}
KEYS = {"key 0": ("0", False, 20), "other key": ("1379*#", False, 18)}
TONES = {"key 0 as tones": ("0", True, 12), "other key as tones": ("25#", True, 9)}
QUIET = {
    "silence": 14,
    "hiss": 12,
    "pocket": 12,
    "street": 12,
    "music": 12,
    "television": 12,
    "breathing": 12,
    "tapping": 12,
}
NO_SOUND, EARLY = 6, 12
# Kediri, April to October 2025. What its ghost calls sound like is not known: taken as equal
# parts of the quiet kinds, but for tapping, which may be somebody who cannot speak.
CALLS, GHOST = 86_161, 65_024
GHOSTS = [kind for kind in QUIET if kind != "tapping"]
HANDLING_S = 20  # of an operator, per silent call that rings: an assumption
SPEAKS_FROM_S, SPEAKS_UNTIL_S = 0.3, 22.0  # both prompts and both times of listening


def run() -> list[Measure]:
    """All calls, through one centre."""
    tellers = _tellers()
    with ThreadPoolExecutor(2) as makers:
        list(makers.map(lambda t: t.kind and sound(t.kind, t.seed), tellers))
    with tempfile.TemporaryDirectory(prefix="sigap-bench-") as folder:
        centre = Centre(set_up(City(Path(folder) / "data")), prompts_s=0)
        with centre.working():
            crowd = Crowd(centre, per_second=PER_SECOND, at_once=AT_ONCE)
            return _judge(asyncio.run(crowd.call(shuffled(tellers))))


def _tellers() -> list[Teller]:
    spoken = [
        Teller(kind, kind, FIRST_SEED + n) for kind, calls in SPEECH.items() for n in range(calls)
    ]
    keys = [
        Teller(label, keys=keys[n % len(keys)], in_band=in_band)
        for label, (keys, in_band, calls) in (KEYS | TONES).items()
        for n in range(calls)
    ]
    quiet = [
        Teller(kind, kind, FIRST_SEED + n, over_and_over=True)
        for kind, calls in QUIET.items()
        for n in range(calls)
    ]
    mute = [Teller("no sound at all", sends=False)] * NO_SOUND
    early = [Teller("hangs up early", leaves_s=0.3 + 0.4 * n) for n in range(EARLY)]
    times = (SPEAKS_FROM_S, SPEAKS_UNTIL_S)
    return [
        *at_times(shuffled(spoken), *times),
        *at_times(shuffled(keys), *times),
        *quiet,
        *mute,
        *early,
    ]


def _judge(found: list[Became]) -> list[Measure]:
    by_label: dict[str, list[Became]] = defaultdict(list)
    for became in found:
        by_label[became.teller.label].append(became)
        _name_if_wrong(became)
    persons = [b for b in found if b.teller.gives_sign]
    rows = [
        Measure("calls", len(found), at_least=300),
        Measure("of them with speech or a key", len(persons)),
        Measure("speech or key set aside as silent", _count(persons, "silent"), at_most=0),
        Measure("speech or key without a decision", _count(persons, ""), at_most=0),
        Measure("speech or key let through as noise or unheard", _others(persons)),
        Measure("calls not answered or not in the database", _lost(found), at_most=0),
        Measure(
            "no sound at all, yet taken for silent",
            _count(by_label["no sound at all"], "silent"),
            at_most=0,
        ),
        Measure(
            "hung up early, not to be rung back", _not_due(by_label["hangs up early"]), at_most=0
        ),
    ]
    for kind in QUIET:
        rows.append(Measure(f"kept off operators: {kind}", _kept(by_label[kind]) * 100, "%"))
    kept = sum(_kept(by_label[kind]) for kind in GHOSTS) / len(GHOSTS)
    saved = 1000 * GHOST / CALLS * kept * HANDLING_S
    return [
        *rows,
        Measure("Kediri's ghost calls kept off operators", kept * 100, "%"),
        Measure("assumed: an operator's time per silent call", HANDLING_S, "s"),
        Measure("operators' time saved per 1,000 calls of Kediri's", saved, "s"),
    ]


def _name_if_wrong(became: Became) -> None:
    teller = became.teller
    wanted = ("key",) if teller.keys else ("speech", "noise")
    if teller.gives_sign and became.gate not in wanted:
        said = f"keys {teller.keys}" if teller.keys else f"seed {teller.seed}"
        what = f"{teller.label} ({said}, after {teller.after_s:.1f} s)"
        print(f"  {what}: {became.gate or 'no decision'} {became.reason}", file=sys.stderr)


def _count(found: list[Became], gate: str) -> int:
    return sum(b.gate == gate for b in found)


def _others(persons: list[Became]) -> int:
    return sum(b.gate in ("noise", "open", "skipped") for b in persons)


def _lost(found: list[Became]) -> int:
    return sum(not (b.state and b.answered) for b in found)


def _not_due(early: list[Became]) -> int:
    return sum((b.state, b.call_class) != ("callback_due", "abandoned") for b in early)


def _kept(quiet: list[Became]) -> float:
    return _count(quiet, "silent") / len(quiet)
