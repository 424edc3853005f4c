"""The start and end of a person's shift at a desk, and the sign of life between."""

from django.utils.translation import gettext as _

from .. import clock
from ..actors import Actor, Permission, Role
from ..errors import Invalid
from ..journal import record, subject_of
from ..kinds import SignIn
from ..models import Shift
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
    sign of life is waited for."""
    with transaction():
        if not rows(Shift, OPEN, user=actor.person_id()):
            role = Role.SUPERVISOR if actor.may(Permission.SUPERVISE) else Role.CALL_TAKER
            start_shift(role=role, desk="", actor=actor)


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
