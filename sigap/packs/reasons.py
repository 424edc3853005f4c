"""What the rows of a pack are made of, and its lists of reasons."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Row(BaseModel):
    """Base of every pack model: immutable, and a misspelt key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Reason(Row):
    """A reason picked from a list."""

    code: Slug
    name: Text
    name_en: Text


class Reasons(Row):
    """reasons.toml: one list per decision that needs a reason."""

    decline: Annotated[tuple[Reason, ...], Field(min_length=1)]
    unavailable: Annotated[tuple[Reason, ...], Field(min_length=1)]
    cancel: Annotated[tuple[Reason, ...], Field(min_length=1)]
    reopen: Annotated[tuple[Reason, ...], Field(min_length=1)]
    waive: Annotated[tuple[Reason, ...], Field(min_length=1)]
    takeover: Annotated[tuple[Reason, ...], Field(min_length=1)]
    surge: Annotated[tuple[Reason, ...], Field(min_length=1)]
    pause: Annotated[tuple[Reason, ...], Field(min_length=1)]
    shelve: Annotated[tuple[Reason, ...], Field(min_length=1)]
    correct: Annotated[tuple[Reason, ...], Field(min_length=1)]
    other_unit: Annotated[tuple[Reason, ...], Field(min_length=1)]
    need: Annotated[tuple[Reason, ...], Field(min_length=1)]
    closure: Annotated[tuple[Reason, ...], Field(min_length=1)]
    strike: Annotated[tuple[Reason, ...], Field(min_length=1)]
    legal_hold: Annotated[tuple[Reason, ...], Field(min_length=1)]
    rescore: Annotated[tuple[Reason, ...], Field(min_length=1)]
    not_ours: Annotated[tuple[Reason, ...], Field(min_length=1)]
    hold: Annotated[tuple[Reason, ...], Field(min_length=1)]
    archive: Annotated[tuple[Reason, ...], Field(min_length=1)]
    follow_up: Annotated[tuple[Reason, ...], Field(min_length=1)]
    aid: Annotated[tuple[Reason, ...], Field(min_length=1)]
    dismiss: tuple[Reason, ...] = ()  # without them nobody can dismiss a proposal
    not_accepted: Annotated[tuple[Reason, ...], Field(min_length=1)]
    equipment: tuple[Reason, ...] = ()
    diversion: tuple[Reason, ...] = ()
    mayday_over: Annotated[tuple[Reason, ...], Field(min_length=1)]
    # Lines of the crews' forms; without them these are words only.
    field_action: tuple[Reason, ...] = ()
    field_material: tuple[Reason, ...] = ()
