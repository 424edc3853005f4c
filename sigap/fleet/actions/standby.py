"""Units that wait elsewhere for now. Nothing of this happens by itself: it was proposed, and
somebody said yes or no."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actors import Actor, Permission
from sigap.core.errors import Invalid, Refused
from sigap.core.journal import record, subject_of
from sigap.core.kinds.readiness import MovedBack, MovedUp
from sigap.core.machine import change, expect
from sigap.core.transaction import transaction
from sigap.places.models import Area

from ..models import Capability, MoveUp, Post, Unit
from .parts import allowed


@dataclass(frozen=True)
class Proposed:
    """What the machine proposed: a place by its code and name, where it is, for want of which kind
    of unit, and what share of the demand (percent) in how many areas it brings back."""

    place: str
    name: str
    lat: float
    lng: float
    capability: str
    gain_percent: float
    areas: int


def answer_move_up(
    call_sign: str, proposed: Proposed, *, accepted: bool, actor: Actor, version: int | None = None
) -> MoveUp:
    """Let a unit wait where it was proposed, or say no. Until it is moved back it is taken to be
    there where no position tells where it is."""
    actor.require(Permission.DISPATCH)
    _check(proposed)
    with transaction():
        unit = allowed(call_sign, actor)
        expect(unit, version)
        if accepted:
            _end(unit, actor)
        answer = MoveUp(
            unit=unit,
            state="accepted" if accepted else "declined",
            place=proposed.place,
            name=proposed.name,
            lat=proposed.lat,
            lng=proposed.lng,
            capability=proposed.capability,
            gain_percent=proposed.gain_percent,
            areas=proposed.areas,
            answered_at=clock.now(),
        )
        answer.save()
        change(unit)
        record(
            "unit.moved_up" if accepted else "unit.move_up_declined",
            subject=subject_of(unit),
            actor=actor,
            body=MovedUp(
                unit=unit.call_sign,
                place=proposed.place,
                capability=proposed.capability,
                gain_percent=proposed.gain_percent,
                areas=proposed.areas,
            ),
        )
        return answer


def _check(proposed: Proposed) -> None:
    """Codes go on record: they must be of something."""
    sort, _dot, code = proposed.place.partition(".")
    known = {
        "post": Post.objects.filter(code=code),
        "area": Area.objects.filter(code=code),
        "unit": Unit.objects.filter(call_sign=code),
    }
    there = code.isdecimal() if sort == "staging" else sort in known and known[sort].exists()
    if not there:
        raise Invalid(_("This place is not known any more. Choose again."), code="place")
    if not Capability.objects.filter(code=proposed.capability).exists():
        raise Invalid(_("No unit in use is of this kind."), code="capability")


def move_back(call_sign: str, *, actor: Actor, version: int | None = None) -> Unit:
    """Let it wait at its own place again."""
    actor.require(Permission.DISPATCH)
    with transaction():
        unit = allowed(call_sign, actor)
        expect(unit, version)
        if not _end(unit, actor):
            raise Refused(_("%(unit)s waits at its own place.") % {"unit": unit.call_sign})
        change(unit)
        return unit


def _end(unit: Unit, actor: Actor) -> bool:
    held = MoveUp.objects.filter(unit=unit, state="accepted").first()
    if held is None:
        return False
    held.state, held.ended_at = "ended", clock.now()
    held.save(update_fields=["state", "ended_at"])
    body = MovedBack(unit=unit.call_sign, place=held.place)
    record("unit.moved_back", subject=subject_of(unit), actor=actor, body=body)
    return True
