"""What a crew may press: one name, one function each. All come through one door (`POST /crew/acts`)
and are answered one by one, in the order in which they were pressed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Generic, Literal, TypeVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from pydantic import BaseModel, Field, StringConstraints, ValidationError

from sigap.core.actors import Actor
from sigap.core.codes import Code
from sigap.core.errors import Invalid, Missing, Refused
from sigap.core.queries import fetch
from sigap.core.web import invalid
from sigap.dispatch.actions import (
    choose_destination,
    report_position,
    set_availability,
    set_duty,
    step,
)
from sigap.dispatch.field import actions as field
from sigap.dispatch.field.queries import changed_since, pressed_since
from sigap.dispatch.machine import TARGETS
from sigap.dispatch.models import Assignment
from sigap.fleet.actions import check_unit
from sigap.fleet.machine import UNIT
from sigap.fleet.models import Unit
from sigap.fleet.schemas import Duty, InUse
from sigap.fleet.sheet import Sheet
from sigap.incidents.actions import add_note

from .presses import Press

M = TypeVar("M", bound=BaseModel)
Words = Annotated[str, StringConstraints(max_length=20_000)]
# What both databases can hold as a number of a row.
Number = Annotated[int, Field(ge=1, le=2**63 - 1)]
DONE, ALREADY = "done", "already"


@dataclass(frozen=True)
class Pressed:
    """Who pressed on which vehicle's phone, and when."""

    actor: Actor
    unit: Unit
    key: str
    name: str
    press: Press

    @property
    def at(self) -> datetime | None:
        """When it was; None where only the arrival is known."""
        return self.press.occurred_at


@dataclass(frozen=True)
class Act(Generic[M]):
    """What must be told with it, and what it does; that returns DONE or ALREADY."""

    told: type[M]
    does: Callable[[Pressed, M], str]


class OfJob(BaseModel):
    """Which job it is about."""

    assignment: Number


class JobStep(OfJob):
    """A step of a job."""

    command: Literal["acknowledge", "decline", "depart", "arrive", "transport", "reach", "complete"]
    reason: Code = ""
    destination: Code = ""  # of a transport: the hospital


class Heading(OfJob):
    """The hospital to which the unit drives; "": not known any more."""

    destination: Code = ""


class Checked(BaseModel):
    """A sheet of checks, as its form says it."""

    sheet: dict[str, Any]


class JobNote(OfJob):
    """A note for the dispatcher."""

    text: Words


class Form(OfJob):
    """One of the short forms."""

    form: Literal["patients", "action", "materials"]
    counts: dict[str, int] = {}  # whether they are lines of the form, the action knows
    words: Words = ""


class Photo(OfJob):
    """A photo that will come in pieces."""

    size: int
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Mayday(BaseModel):
    """Help for the crew itself, with the last position where the phone knows one."""

    lat: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)] | None = None
    lng: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)] | None = None
    accuracy_m: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    age_s: Annotated[int, Field(ge=0, le=86_400)] = 0  # of the position


class MaydayOver(BaseModel):
    """Why no help is needed any more."""

    reason: Code


class Aboard(BaseModel):
    """Who is on the vehicle."""

    people: Annotated[list[Number], Field(max_length=100)] = []
    count: Annotated[int, Field(ge=0, le=1000)]


def own_unit(actor: Actor) -> Unit:
    """The vehicle that the account names."""
    unit = Unit.objects.select_related("agency").filter(call_sign=actor.unit, active=True).first()
    if unit is None:
        raise Missing(_("Your account names no unit. Ask an administrator."))
    return unit


def jobs_told(unit: Unit) -> QuerySet[Assignment]:
    """The jobs that the unit was sent to, ended ones too: what was pressed without a network may
    come after the end."""
    rows = Assignment.objects.select_related("incident", "unit", "unit__agency")
    return rows.filter(unit=unit).exclude(state="proposed")


def _job(pressed: Pressed, told: OfJob) -> Assignment:
    job = fetch(Assignment, pk=told.assignment, unit_id=pressed.unit.pk)
    if job.state == "proposed":
        fetch(jobs_told(pressed.unit), pk=job.pk)  # which says that there is none
    job.unit = pressed.unit
    return job


def _step(pressed: Pressed, told: JobStep) -> str:
    row = _job(pressed, told)
    try:
        try:
            _go(pressed, told, pressed.at)
        except Invalid as fault:
            if fault.code not in ("too_early", "future"):
                raise
            # The phone's clock cannot be right: what it says counts, when it says so does not.
            _go(pressed, told, None)
    except Refused:
        if row.times.filter(state=TARGETS[told.command]).exists():
            return ALREADY  # by the other phone on board, or by the dispatcher
        raise
    return DONE


def _go(pressed: Pressed, told: JobStep, at: datetime | None) -> None:
    step(
        told.assignment,
        told.command,
        reason=told.reason,
        occurred_at=at,
        external_id=pressed.key,
        source="crew" if at else "derived",
        destination=told.destination,
        actor=pressed.actor,
    )


def _heading(pressed: Pressed, told: Heading) -> str:
    choose_destination(_job(pressed, told).pk, told.destination, actor=pressed.actor)
    return DONE


def _check(pressed: Pressed, told: Checked) -> str:
    try:
        sheet = Sheet.model_validate(told.sheet | {"external_id": pressed.key})
    except ValidationError as error:
        raise invalid(error) from None
    is_new = check_unit(
        pressed.unit.call_sign,
        sheet.findings(),
        source="crew",
        external_id=pressed.key,
        occurred_at=pressed.at,
        note=sheet.note,
        actor=pressed.actor,
    )
    return DONE if is_new else ALREADY


def _note(pressed: Pressed, told: JobNote) -> str:
    row = _job(pressed, told)
    add_note(row.incident_id, told.text, actor=pressed.actor, occurred_at=pressed.at)
    return DONE


def _form(pressed: Pressed, told: Form) -> str:
    said = told.model_dump(include={"form", "counts", "words"})
    row = _job(pressed, told)
    field.report_field(row, actor=pressed.actor, occurred_at=pressed.at, **said)
    return DONE


def _photo(pressed: Pressed, told: Photo) -> str:
    said = told.model_dump(include={"size", "sha256"})
    row = _job(pressed, told)
    field.announce_photo(row, pressed.key, actor=pressed.actor, occurred_at=pressed.at, **said)
    return DONE


def _duty(pressed: Pressed, told: Duty) -> str:
    for name in ("on_duty", "readiness"):
        if getattr(told, name) is not None:
            _check_newest(pressed, ("unit.changed",), name)
    said = told.model_dump(exclude={"version"})
    set_duty(pressed.unit.call_sign, actor=pressed.actor, occurred_at=pressed.at, **said)
    return DONE


def _availability(pressed: Pressed, told: InUse) -> str:
    if pressed.unit.state == UNIT.table.get(_before(told.command), {}).get(told.command):
        return ALREADY
    _check_newest(pressed, ("unit.withdraw", "unit.return", "unit.reserve", "unit.release"), "")
    set_availability(
        pressed.unit.call_sign,
        told.command,
        reason=told.reason,
        actor=pressed.actor,
        occurred_at=pressed.at,
    )
    return DONE


def _before(command: str) -> str:
    return next(state for state, row in UNIT.table.items() if command in row)


def _check_newest(pressed: Pressed, kinds: tuple[str, ...], name: str) -> None:
    if pressed.at is None:
        return
    unit, at = pressed.unit, pressed.at
    if pressed_since(unit, pressed.name, at) or changed_since(unit, kinds, name, at):
        raise Refused(
            _("This was set anew after you pressed; the later word stands."), code="overtaken"
        )


def _mayday(pressed: Pressed, told: Mayday) -> str:
    unit = pressed.unit
    if told.lat is not None and told.lng is not None:
        report_position(
            unit.call_sign,
            told.lat,
            told.lng,
            accuracy_m=told.accuracy_m,
            at=pressed.press.at - timedelta(seconds=told.age_s),
            actor=pressed.actor,
        )
        unit.refresh_from_db()
    is_new = field.call_for_help(unit, actor=pressed.actor, occurred_at=pressed.at)
    return DONE if is_new else ALREADY


def _mayday_over(pressed: Pressed, told: MaydayOver) -> str:
    field.call_off_help(
        pressed.unit, reason=told.reason, actor=pressed.actor, occurred_at=pressed.at
    )
    return DONE


def _caller(pressed: Pressed, told: OfJob) -> str:
    row = _job(pressed, told)
    is_new = field.ask_for_caller(row, actor=pressed.actor, occurred_at=pressed.at)
    return DONE if is_new else ALREADY


def _aboard(pressed: Pressed, told: Aboard) -> str:
    _check_newest(pressed, ("unit.on_board",), "")
    field.set_on_board(
        pressed.unit,
        people=told.people,
        count=told.count,
        actor=pressed.actor,
        occurred_at=pressed.at,
    )
    return DONE


ACTS: dict[str, Act[Any]] = {
    "step": Act(JobStep, _step),
    "destination": Act(Heading, _heading),
    "check": Act(Checked, _check),
    "note": Act(JobNote, _note),
    "form": Act(Form, _form),
    "photo": Act(Photo, _photo),
    "duty": Act(Duty, _duty),
    "readiness": Act(Duty, _duty),
    "availability": Act(InUse, _availability),
    "mayday": Act(Mayday, _mayday),
    "mayday_over": Act(MaydayOver, _mayday_over),
    "caller": Act(OfJob, _caller),
    "aboard": Act(Aboard, _aboard),
}
