"""When a press really happened, by a phone whose clock may be wrong by hours. No database."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

# By so much a measured offset may be off.
TOLERANCE = timedelta(seconds=60)
# A phone that lay about for longer than this has a clock that nobody can vouch for.
OLDEST = timedelta(days=30)
# From this offset on a clock is called wrong.
WRONG_MS = 2000
MOST_MS = 4_000_000_000_000  # the year 2096


@dataclass(frozen=True)
class Press:
    """A press, when it was, and how far the phone's clock could be believed."""

    at: datetime
    clock: str  # one of CLOCKS of dispatch.field.models

    @property
    def occurred_at(self) -> datetime | None:
        """The time to act by; None where only its arrival is known."""
        return None if self.clock == "unknown" else self.at


def pressed_at(
    phone_ms: int | None, offset_ms: int | None, sent_ms: int | None, now: datetime
) -> Press:
    """The time of a press by the phone's clock, moved by the offset that the phone had measured
    when it was pressed, or else by that of its clock at the sending."""
    if phone_ms is None:
        return Press(now, "right")  # pressed on a page without a script, just now
    now_ms = round(now.timestamp() * 1000)
    if offset_ms is None:
        offset_ms = now_ms - sent_ms if sent_ms is not None else 0
    told = phone_ms + offset_ms
    if not 0 <= told <= MOST_MS:
        return Press(now, "unknown")
    at = datetime.fromtimestamp(told / 1000, UTC)
    if at > now + TOLERANCE or at < now - OLDEST:
        return Press(now, "unknown")
    return Press(min(at, now), "corrected" if abs(offset_ms) > WRONG_MS else "right")
