"""What the journal says of crews in the field: help asked for, reports, photos, who is on board."""

from ..codes import Code
from .body import Body


class HelpAsked(Body):
    """A crew calls for help, or asks to be connected with the caller."""

    unit: Code


class HelpOver(Body):
    """A crew's call for help is called off, and why."""

    unit: Code
    reason: Code


class CrewOnBoard(Body):
    """How many are on a vehicle, and which of them by their accounts."""

    unit: Code
    count: int
    users: list[int] = []


class Reported(Body):
    """A crew's form: lines and numbers; its words are kept as an erasable text."""

    unit: Code
    form: Code
    counts: dict[Code, int] = {}
    text_id: int | None = None


class PhotoTaken(Body):
    """A photo of a crew that is kept, by the SHA-256 of what is seen."""

    unit: Code
    photo: int
    sha256: Code


FIELD_KINDS: dict[str, type[Body]] = {
    "unit.mayday": HelpAsked,
    "unit.mayday_over": HelpOver,
    "unit.wants_caller": HelpAsked,
    "unit.on_board": CrewOnBoard,
    "field.report": Reported,
    "field.photo": PhotoTaken,
}
