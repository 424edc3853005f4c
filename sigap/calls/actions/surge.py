"""A supervisor declares that far more calls come than usual: callers then skip the gate."""

from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actors import Actor, Permission
from sigap.core.errors import Refused
from sigap.core.journal import record, subject_of
from sigap.core.kinds import Reason
from sigap.core.queries import check_reason
from sigap.core.rows import insert, write
from sigap.core.transaction import transaction

from ..models import Surge
from ..queries import surge


def declare_surge(*, reason: str, actor: Actor) -> Surge:
    """Begin a surge, with the reason."""
    actor.require(Permission.SUPERVISE)
    with transaction():
        check_reason("surge", reason)
        if surge():
            raise Refused(_("A surge is declared already."))
        declared = Surge(reason=reason, started_at=clock.now())
        insert(declared)
        record(
            "surge.declared", subject=subject_of(declared), actor=actor, body=Reason(reason=reason)
        )
        return declared


def end_surge(*, actor: Actor) -> None:
    """The surge is over."""
    actor.require(Permission.SUPERVISE)
    with transaction():
        declared = surge()
        if declared is None:
            raise Refused(_("No surge is declared."))
        declared.ended_at = clock.now()
        write(declared, "ended_at")
        body = Reason(reason=declared.reason)
        record("surge.ended", subject=subject_of(declared), actor=actor, body=body)
