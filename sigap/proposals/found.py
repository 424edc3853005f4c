"""What those who look for something hand over to be proposed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Finding:
    """Something that a scan has found; `agency` is the code of whose it is."""

    kind: str
    stream: str
    agency: str
    areas: Sequence[str]
    cases: Sequence[str]  # the newest first
    since: datetime
    until: datetime
    seen: int
    expected: float | None = None
    once_in: float | None = None
    key: str = ""


@dataclass(frozen=True)
class Calibrated:
    """What the scores of one kind of case mean from now on."""

    stream: str
    curves: dict[str, dict[str, float]]
    cases: int
    days: int
