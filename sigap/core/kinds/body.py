"""What all bodies of journal rows are made of."""

from pydantic import BaseModel, ConfigDict

from ..codes import Code


class Body(BaseModel):
    """The base of all bodies; an empty one says that kind and states tell it all."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Reason(Body):
    """Why somebody did it, as a code of the city's own lists; words are kept as a note."""

    reason: Code = ""
    text_id: int | None = None


class NoteAdded(Body):
    """A note, kept as erasable text."""

    text_id: int


class NoteStruck(Body):
    """A note that does not count any more, and why; its text stays."""

    text_id: int
    reason: Code
