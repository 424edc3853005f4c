"""What is to be simulated: how many calls of which class, from when to when, who works."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

GHOST = ("misdial", "silent", "noise")
VALID = ("emergency", "repeat", "complaint")


@dataclass(frozen=True)
class Preset:
    """A stretch of days (both included, local dates) with its number of calls per class.

    Abandoned, test and out-of-area calls come in addition to the classes of the public table.
    """

    pack: str
    name: str
    first: date
    last: date
    calls: Mapping[str, int]
    # Share of each class that rings without a number.
    withheld: Mapping[str, float] = field(
        default_factory=lambda: {"silent": 0.14, "misdial": 0.09, "noise": 0.11, "prank": 0.2}
    )
    desks: int = 4  # call takers on duty by day; one fewer at night

    @property
    def total(self) -> int:
        """All calls, the abandoned ones included."""
        return sum(self.calls.values())

    def scaled(self, part: float) -> "Preset":
        """The same with a part of the calls; no class that was there disappears."""
        return replace(
            self, calls={c: max(1, round(n * part)) if n else 0 for c, n in self.calls.items()}
        )

    def days(self, first: date, last: date) -> "Preset":
        """A shorter stretch with the share of the calls that falls to it."""
        part = ((last - first).days + 1) / ((self.last - self.first).days + 1)
        return replace(self.scaled(part), first=first, last=last)


def public_table(calls: Mapping[str, int]) -> dict[str, int]:
    """The finer classes summed as the city publishes them; the rest stands apart."""
    return {
        "valid": sum(calls.get(c, 0) for c in VALID),
        "prank": calls.get("prank", 0),
        "ghost": sum(calls.get(c, 0) for c in GHOST),
        "information": calls.get("information", 0),
    }


PRESETS: dict[str, Preset] = {
    # The city's own evaluation of April to October 2025: 496, 18,557, 65,024 and 2,084 are
    # its figures; how they divide further is made up.
    "kediri-2025": Preset(
        pack="kediri",
        name="Kota Kediri (simulasi)",
        first=date(2025, 4, 1),
        last=date(2025, 10, 31),
        calls={
            "emergency": 318,
            "repeat": 64,
            "complaint": 114,
            "prank": 18_557,
            "misdial": 29_871,
            "silent": 31_706,
            "noise": 3_447,
            "information": 2_084,
            "test": 31,
            "out_of_area": 57,
            "abandoned": 3_641,
        },
    )
}
