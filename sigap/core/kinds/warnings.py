"""What the journal says of public warnings, received and issued."""

from ..codes import Code
from .body import Body, Reason


class SourceTold(Body):
    """How it goes with a source of warnings: what is wrong, nothing where all is well again."""

    fault: Code = ""


class WarningReceived(Body):
    """A warning that came: the codes that it carries (those we do not know as "Unknown") and
    how many areas of the city it touches."""

    source: int
    status: Code
    msg_type: Code
    severity: Code
    urgency: Code
    certainty: Code
    areas: int


class WarningRefused(Body):
    """Something that came and is not taken for a warning, and why."""

    fault: Code


class WarningEnded(Body):
    """The message by which a warning ended."""

    by: int | None = None


class AnnouncementWritten(Body):
    """What kind of warning of the city's own was written: its codes, never its words."""

    msg_type: Code
    category: Code
    severity: Code
    urgency: Code
    certainty: Code
    areas: int
    before: int | None = None


WARNING_KINDS: dict[str, type[Body]] = {
    "source.failed": SourceTold,
    "source.recovered": SourceTold,
    "warning.received": WarningReceived,
    "warning.refused": WarningRefused,
    "warning.replace": WarningEnded,
    "warning.cancel": WarningEnded,
    "warning.expire": WarningEnded,
    "announcement.drafted": AnnouncementWritten,
    "announcement.edited": AnnouncementWritten,
    "announcement.propose": Body,
    "announcement.send_back": Reason,
    "announcement.drop": Body,
    "announcement.issue": Body,
    "announcement.replace": WarningEnded,
    "announcement.withdraw": WarningEnded,
    "announcement.expire": WarningEnded,
}
