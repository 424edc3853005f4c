"""What the journal says of itself: its days as they are published, and what people remark about it
afterwards."""

from ..codes import Code
from .body import Body, NoteAdded, NoteStruck


class DayClosed(Body):
    """A day of the journal that is published from now on, with its heads (see core.days)."""

    first: int
    last: int
    head: Code
    root: Code
    cases_root: Code


RECORD_KINDS: dict[str, type[Body]] = {
    "journal.closed": DayClosed,
    "review_note.written": NoteAdded,
    "review_note.struck": NoteStruck,
}
