"""Takes what phones had in their outbox: each press once, in order, each answered in words."""

from collections.abc import Mapping
from typing import Annotated, Any

from django.utils.translation import gettext as _
from pydantic import BaseModel, Field, StringConstraints, ValidationError

from sigap.core import clock
from sigap.core.actors import Actor
from sigap.core.errors import Forbidden, Invalid, Missing, Refused
from sigap.core.queries import batched, fetch
from sigap.core.transaction import transaction
from sigap.core.web import invalid
from sigap.dispatch.field.actions import act_once
from sigap.dispatch.field.models import CrewAct
from sigap.fleet.models import Unit

from .acts import ACTS, Pressed
from .presses import pressed_at

MOST_ACTS = 100
# So many in one command: each commit costs a disk its time, and all others wait for a command.
AT_A_TIME = 5
Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{8,64}$")]
Ms = Annotated[int, Field(ge=-(10**15), le=10**15)]


class Sent(BaseModel):
    """One press as the phone kept it; `data` is what the act itself must be told."""

    id: Key
    name: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,20}$")]
    user: int
    unit: Annotated[str, StringConstraints(max_length=32)]
    phone_ms: Ms
    offset_ms: Ms | None = None
    data: dict[str, Any] = {}


class Batch(BaseModel):
    """What a phone had kept, oldest first, and its clock when it sent that."""

    sent_ms: Ms | None = None
    acts: Annotated[list[dict[str, Any]], Field(max_length=MOST_ACTS)]


def take(batch: Batch, *, unit: Unit, actor: Actor) -> list[dict[str, Any]]:
    """Do what was pressed. `done`: it counts now, or did before; `already`: somebody else had said
    it; `refused`: why; `waiting`: of another account, for which the phone keeps it."""
    answers = []
    for several in batched(batch.acts, AT_A_TIME):
        with transaction():
            answers += [_answered(given, batch.sent_ms, unit, actor) for given in several]
    return answers


def press_form(name: str, given: Mapping[str, Any], *, unit: Unit, actor: Actor) -> None:
    """The same from a form of the page without a script; Refused where it is refused."""
    data: dict[str, Any] = {k: v for k, v in given.items() if v != ""}
    data["counts"] = {k[2:]: v for k, v in data.items() if k.startswith("n.")}
    try:
        key = Sent(id=data.get("external_id", ""), name=name, user=0, unit="", phone_ms=0).id
    except ValidationError as error:
        raise invalid(error) from None
    row = _press(key, name, data, unit, actor, None, None, None)
    if row.outcome == "refused":
        raise Refused(row.message, code=row.code)


def _answered(
    given: dict[str, Any], sent_ms: int | None, unit: Unit, actor: Actor
) -> dict[str, Any]:
    key = given.get("id")
    try:
        sent = Sent.model_validate(given)
    except ValidationError as error:
        return _refusal(key, invalid(error))
    if sent.user != actor.user_id:
        why = _("Pressed by another account: that person signs in to send it.")
        return _refusal(key, Forbidden(why, code="account")) | {"outcome": "waiting"}
    if sent.unit != unit.call_sign:
        known = CrewAct.objects.filter(user_id=actor.user_id, external_id=sent.id).first()
        why = _("Your account belongs to %(unit)s now.") % {"unit": unit.call_sign}
        return _answer(known) if known else _refusal(key, Forbidden(why, code="unit"))
    row = _press(sent.id, sent.name, sent.data, unit, actor, sent.phone_ms, sent.offset_ms, sent_ms)
    return _answer(row)


def _press(
    key: str,
    name: str,
    data: dict[str, Any],
    unit: Unit,
    actor: Actor,
    phone_ms: int | None,
    offset_ms: int | None,
    sent_ms: int | None,
) -> CrewAct:
    press = pressed_at(phone_ms, offset_ms, sent_ms, clock.now())

    def does() -> str:
        if name not in ACTS:
            raise Missing(_("There is no such command."))
        act = ACTS[name]
        try:
            told = act.told.model_validate(data)
        except ValidationError as error:
            raise invalid(error) from None
        now = fetch(Unit, pk=unit.pk)  # the one before may have changed it
        now.agency = unit.agency
        return act.does(Pressed(actor, now, key, name, press), told)

    return act_once(
        key,
        name,
        does,
        actor=actor,
        unit=unit,
        occurred_at=press.at,
        phone_ms=phone_ms,
        offset_ms=offset_ms,
        clock_is=press.clock,
    )


def _answer(row: CrewAct) -> dict[str, Any]:
    more = {"code": row.code, "message": row.message} if row.outcome == "refused" else {}
    at_ms = round(row.occurred_at.timestamp() * 1000)
    return {"id": row.external_id, "outcome": row.outcome, "at_ms": at_ms} | more


def _refusal(key: Any, fault: Invalid | Forbidden) -> dict[str, Any]:
    return {"id": key, "outcome": "refused", "code": fault.code, "message": str(fault)}
