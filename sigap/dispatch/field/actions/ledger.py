"""Each press of a crew's phone counts once, and its first answer stands."""

from collections.abc import Callable
from datetime import datetime

from sigap.core import clock
from sigap.core.actors import Actor, Permission
from sigap.core.errors import SigapError
from sigap.core.rows import insert, row
from sigap.core.transaction import savepoint, transaction
from sigap.fleet.models import Unit

from ..models import CrewAct

MOST_MESSAGE = 400
OUR_FAULT = 500  # from this status on: nothing was decided, the phone keeps it and tries again


def act_once(
    external_id: str,
    name: str,
    does: Callable[[], str],
    *,
    actor: Actor,
    unit: Unit,
    occurred_at: datetime,
    phone_ms: int | None,
    offset_ms: int | None,
    clock_is: str,
) -> CrewAct:
    """Do what was pressed and note what became of it; where it was noted already, do nothing.

    `does` returns `done` or `already`; what it refuses is undone and noted with the reason.
    """
    actor.require(Permission.CREW_PAGE)
    with transaction():
        known = row(CrewAct, user_id=actor.person_id(), external_id=external_id)
        if known:
            return known
        code, message = "", ""
        try:
            with savepoint():
                outcome = does()
        except SigapError as refusal:
            if refusal.status >= OUR_FAULT:
                raise
            outcome, code, message = (
                "refused",
                refusal.code[:32],
                _plain(str(refusal))[:MOST_MESSAGE],
            )
        act = CrewAct(
            user_id=actor.person_id(),
            external_id=external_id,
            name=name,
            unit=unit,
            occurred_at=occurred_at,
            received_at=clock.now(),
            phone_ms=phone_ms,
            offset_ms=offset_ms,
            clock=clock_is,
            outcome=outcome,
            code=code,
            message=message,
        )
        insert(act)
        return act


def _plain(message: str) -> str:
    """What both databases can hold: PostgreSQL stores no NUL."""
    return "".join(c for c in message if c.isprintable())
