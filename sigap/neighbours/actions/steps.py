"""Steps that several actions on what is agreed with a centre share."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actions.personal import keep
from sigap.core.actors import Actor, Role
from sigap.core.codes import LETTERS
from sigap.core.errors import Invalid, Refused
from sigap.core.journal import record, subject_of
from sigap.core.kinds.neighbours import Agreed, AidAsked
from sigap.core.models import User
from sigap.core.queries import fetch
from sigap.core.rows import insert

from ..models import Aid, Between, Centre, Handover, Parcel
from ..record import Record

MOST_RECORD = 300_000
MOST_BY = 80


def centre_of(code: str) -> Centre:
    """The active centre of this code."""
    return fetch(Centre, code=code, active=True)


def case_of(row: Between) -> str:
    """In whose timeline it stands: the incident's, else the call's."""
    if row.incident_id:
        return f"incident:{row.incident_id}"
    call = getattr(row, "call_id", None)
    return f"call:{call}" if call else ""


def body_of(row: Between, **more: Any) -> Agreed | AidAsked:
    """What the journal says of it."""
    if isinstance(row, Aid):
        return AidAsked(
            centre=row.centre.code,
            incident=row.incident_id,
            capability=row.capability,
            count=row.count,
            **more,
        )
    call = row.call_id if isinstance(row, Handover) else None
    return Agreed(centre=row.centre.code, incident=row.incident_id, call=call, **more)


def note(row: Between, kind: str, actor: Actor, *, after: str = "", **more: Any) -> None:
    """Record something about it that moves nothing."""
    record(
        kind,
        subject=subject_of(row),
        case=case_of(row),
        actor=actor,
        after=after,
        body=body_of(row, **more),
    )


def keep_record(row: Between, told: Record, actor: Actor) -> None:
    """Keep what was told as words that are erased with the case."""
    keep(subject_of(row), "record", told.model_dump_json(), actor=actor, most=MOST_RECORD)


def post(row: Between, kind: str, content: str, actor: Actor) -> None:
    """Put something on its way to the centre; one without an address hears it by telephone."""
    if not row.centre.url:
        return
    text = keep(subject_of(row), "parcel", content, actor=actor, most=MOST_RECORD)
    if text is None:
        return
    now = clock.now()
    about = subject_of(row)
    insert(Parcel(centre=row.centre, about=about, kind=kind, content=text, made_at=now, due_at=now))


def due_in(seconds: float) -> datetime:
    """The time so many seconds from now."""
    return clock.now() + timedelta(seconds=seconds)


def role_of(actor: Actor) -> str:
    """By which role somebody acts: another centre is told that, and no name."""
    roles = fetch(User, pk=actor.person_id()).roles
    ranked = [r for r in (Role.SUPERVISOR, Role.DISPATCHER, Role.CALL_TAKER) if r in roles]
    return str(ranked[0] if ranked else (roles[0] if roles else ""))


def check_ours(row: Between, *, ours: bool) -> None:
    """Refuse what only the other centre may do."""
    if row.ours != ours:
        raise Refused(_("That is for the other centre to do."), code="theirs")


def codes(words: Iterable[str], known: Iterable[str]) -> list[str]:
    """The chosen parts, in their order; Invalid for one that is none."""
    chosen = set(words)
    if wrong := chosen - set(known):
        raise Invalid(_("Unknown part: %(what)s") % {"what": sorted(wrong)[0][:40]}, code="parts")
    return [name for name in known if name in chosen]


def code_or_other(words: str, most: int) -> str:
    """A code as it was sent, where it is one; else "other": the words themselves are kept apart."""
    return words if re.fullmatch(f"[{LETTERS}]{{1,{most}}}", words) else "other" if words else ""
