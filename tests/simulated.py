"""A few simulated days of a city, in this process's database."""

from dataclasses import replace
from datetime import date

from sigap.core.actors import system
from sigap.packs.load import find_pack
from sigap.packs.read import read_pack
from sim import fast
from sim.city import plan
from sim.people import hire
from sim.presets import PRESETS

# Over the end of a year, so that months, years and midnight in local time all count.
DAYS = date(2026, 12, 30), date(2027, 1, 2)
CALLS = {"emergency": 40, "repeat": 12, "complaint": 20, "prank": 30, "silent": 60}
CALLS |= {"misdial": 20, "noise": 9, "information": 15, "abandoned": 25, "test": 2}


def simulate() -> None:
    """Some hundred calls, and units that are sent to what they tell of."""
    preset = replace(PRESETS["kediri-2025"], calls=CALLS, first=DAYS[0], last=DAYS[1])
    pack = read_pack(find_pack(preset.pack))
    hire(preset, pack, actor=system("sim"))
    fast.run(plan(preset, pack))
