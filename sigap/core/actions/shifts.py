"""The start and end of a person's shift at a desk, and the sign of life between."""

from django.utils.translation import gettext as _

from .. import clock
from ..actors import Actor, Permission, Role
from ..errors import Invalid, Refused
from ..journal import record, subject_of
from ..kinds import Reason
from ..kinds.accounts import SignIn
from ..models import Shift
from ..queries import check_reason
from ..rows import rows, write
from ..transaction import transaction

# In the words of the index that holds only these.
OPEN = "ended_at IS NULL"


def start_shift(*, role: str, desk: str, actor: Actor) -> Shift:
    """Begin a shift; one that is still open is ended first."""
    if role not in set(Role):
        raise Invalid(_("Choose at least one role."), code="roles")
    with transaction():
        end_shift(actor=actor)
        now = clock.now()
        shift = Shift.objects.create(
            user_id=actor.person_id(), role=role, desk=desk, started_at=now, heartbeat_at=now
        )
        body = SignIn(user=actor.user_id, role=role)
        record("shift.started", subject=subject_of(shift), actor=actor, body=body)
        return shift


def be_on_shift(*, actor: Actor) -> None:
    """Begin a shift unless one is open: whoever holds a call is at work, and their console's
    sign of life is waited for. Who was away is back."""
    with transaction():
        shifts = rows(Shift, OPEN, user=actor.person_id())
        for shift in shifts:
            _resume(shift, actor)
        if not shifts:
            role = Role.SUPERVISOR if actor.may(Permission.SUPERVISE) else Role.CALL_TAKER
            start_shift(role=role, desk="", actor=actor)


def pause_shift(*, reason: str, actor: Actor) -> None:
    """Say that this person is away from the desk, with the reason: no telephone of theirs rings
    until they are back. A call that they still have in hand stays theirs."""
    with transaction():
        check_reason("pause", reason)
        shifts = rows(Shift, OPEN, user=actor.person_id())
        if not shifts:
            raise Refused(_("You are not on shift."), code="shift")
        for shift in shifts:
            if shift.paused_at:
                raise Refused(_("You are paused already."), code="paused")
            shift.paused_at, shift.pause_reason = clock.now(), reason
            write(shift, "paused_at", "pause_reason")
            body = Reason(reason=reason)
            record("shift.paused", subject=subject_of(shift), actor=actor, body=body)


def resume_shift(*, actor: Actor) -> None:
    """This person is back at the desk."""
    with transaction():
        for shift in rows(Shift, OPEN, user=actor.person_id()):
            _resume(shift, actor)


def _resume(shift: Shift, actor: Actor) -> None:
    if shift.paused_at:
        body = Reason(reason=shift.pause_reason)
        shift.paused_at, shift.pause_reason = None, ""
        write(shift, "paused_at", "pause_reason")
        record("shift.resumed", subject=subject_of(shift), actor=actor, body=body)


def end_shift(*, actor: Actor) -> None:
    """End the open shift of this person, if there is one."""
    with transaction():
        for shift in Shift.objects.filter(user_id=actor.person_id(), ended_at=None):
            shift.ended_at = clock.now()
            shift.save(update_fields=["ended_at"])
            body = SignIn(user=actor.user_id, role=shift.role)
            record("shift.ended", subject=subject_of(shift), actor=actor, body=body)


def heartbeat(*, actor: Actor) -> None:
    """Note that this person's console is alive. Presence is not history: not journalled."""
    with transaction():
        for shift in rows(Shift, OPEN, user=actor.person_id()):
            shift.heartbeat_at = clock.now()
            write(shift, "heartbeat_at")
