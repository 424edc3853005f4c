"""What the journal says of proposals of the machine and of its thresholds."""

from datetime import date

from ..codes import Code
from .body import Body


class ProposalOpened(Body):
    """What was found: of which kind of case, how many, where, and how rare that is by chance.
    Nothing else is changed by it."""

    what: Code
    stream: Code
    agency: Code = ""
    areas: list[Code] = []
    cases: list[Code] = []
    seen: int
    expected: float | None = None
    once_in: float | None = None


class ProposalAnswered(Body):
    """What an agency says to it: why not, until when, since when; words are kept as a note."""

    stream: Code
    agency: Code = ""
    reason: Code = ""
    planned_for: date | None = None
    done_on: date | None = None
    text_id: int | None = None


class ThresholdMoved(Body):
    """Days between two false alarms of a kind of case, by which answer to which proposal."""

    stream: Code
    before: int
    after: int
    proposal: int


class ThresholdCalibrated(Body):
    """Of how many cases in how many days the thresholds of a kind of case were made anew."""

    stream: Code
    cases: int
    days: int


PROPOSAL_KINDS: dict[str, type[Body]] = {
    "proposal.opened": ProposalOpened,
    "proposal.accept": ProposalAnswered,
    "proposal.dismiss": ProposalAnswered,
    "proposal.finish": ProposalAnswered,
    "proposal.pass_on": ProposalAnswered,
    "threshold.moved": ThresholdMoved,
    "threshold.calibrated": ThresholdCalibrated,
}
