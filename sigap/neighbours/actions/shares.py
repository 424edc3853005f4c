"""An incident's live record for another centre, for a time: proposed by one person here, approved
by a second, accepted over there. Either side ends it at once, and the time does by itself."""

from datetime import timedelta
from uuid import uuid4

from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actions.alarms import finish_alarm, raise_alarm
from sigap.core.actions.personal import keep
from sigap.core.actors import Actor, Permission, Role
from sigap.core.errors import Invalid, Missing, Refused
from sigap.core.journal import subject_of
from sigap.core.machine import change, expect, move
from sigap.core.parameters import value
from sigap.core.transaction import transaction
from sigap.incidents.queries import get as get_incident

from ..models import Centre, Share
from ..notes import ShareAnswer, ShareEnded, ShareOffer
from ..queries import get, is_shared, record_of_incident, with_reference
from ..record import PARTS, Record, only
from .links import make_link
from .steps import (
    MOST_BY,
    body_of,
    case_of,
    centre_of,
    check_ours,
    codes,
    keep_record,
    note,
    post,
    role_of,
)

EARLY, AGAIN = timedelta(minutes=1), timedelta(seconds=1)


def propose_share(
    incident_id: int, centre_code: str, parts: list[str], *, hours: float, actor: Actor
) -> Share:
    """Propose to let a centre read an incident's record: these parts, for so many hours. Nothing is
    given before a second person here approves and the centre accepts."""
    actor.require(Permission.MANAGE_INCIDENTS)
    with transaction():
        most = value("neighbours.share_h")
        if not 0 < hours <= most:
            raise Invalid(_("At most %(most)g hours.") % {"most": most}, code="hours")
        centre, incident = centre_of(centre_code), get_incident(incident_id)
        going_on = Share.objects.filter(centre=centre, incident=incident, ours=True)
        if going_on.filter(state__in=("proposed", "offered", "shared")).exists():
            raise Refused(
                _("It is shared with this centre already, or about to be."), code="shared"
            )
        row = Share.objects.create(
            centre=centre,
            ours=True,
            reference=f"share-{uuid4().hex}",
            incident=incident,
            created_at=clock.now(),
            parts=["state", *[p for p in codes(parts, PARTS) if p != "state"]],
            hours=hours,
            proposed_by=actor.person_id(),
        )
        note(row, "share.proposed", actor, after=row.state, parts=row.parts)
        raise_alarm(
            "share_proposed",
            row,
            owner=Role.SUPERVISOR,
            case=case_of(row),
            actor=actor,
            centre=centre.code,
        )
        return row


def approve_share(share_id: int, *, actor: Actor, version: int | None = None) -> Share:
    """The second person: only now is it offered to the centre. Not by who proposed it."""
    actor.require(Permission.SUPERVISE)
    with transaction():
        row = get(Share, share_id)
        expect(row, version)
        check_ours(row, ours=True)
        if row.proposed_by == actor.person_id():
            raise Refused(_("Somebody else approves what you have proposed."), code="own")
        now = clock.now()
        until = now + timedelta(hours=row.hours)
        body = body_of(row, parts=row.parts, until=until)
        move(row, "approve", actor=actor, case=case_of(row), body=body, until=until)
        title = f"#{row.incident_id} {row.incident.type.name}" if row.incident else ""
        said = ShareOffer(
            reference=row.reference, parts=row.parts, hours=row.hours, title=title[:200]
        )
        post(row, "note", said.model_dump_json(), actor)
        if not row.centre.url and row.centre.access_code:
            make_link(row, actor=actor)
        finish_alarm("share_proposed", row, actor=actor)
        return row  # type: ignore[no-any-return]


def note_share(
    share_id: int, *, accepted: bool, by: str, actor: Actor, version: int | None = None
) -> Share:
    """Write down that the centre accepts, or does not, as it said by telephone."""
    actor.require(Permission.MANAGE_INCIDENTS)
    with transaction():
        row = get(Share, share_id)
        expect(row, version)
        check_ours(row, ours=True)
        if not by.strip():
            raise Invalid(_("Say who answered there: the role."), code="by")
        _answered(row, accepted, by, actor)
        return row  # type: ignore[no-any-return]


def take_offer(said: ShareOffer, centre: Centre, *, actor: Actor) -> Share:
    """Another centre offers a record to read."""
    with transaction():
        row = with_reference(Share, centre, said.reference)
        if row is not None:
            return row  # type: ignore[no-any-return]
        now = clock.now()
        hours = min(said.hours, value("neighbours.share_h"))
        row = Share.objects.create(
            centre=centre,
            ours=False,
            reference=said.reference,
            created_at=now,
            state="offered",
            parts=[part for part in PARTS if part in said.parts],
            hours=hours,
            until=now + timedelta(hours=hours),
        )
        keep(subject_of(row), "title", said.title, actor=actor)
        note(row, "share.received", actor, after=row.state, parts=row.parts, until=row.until)
        raise_alarm(
            "share_in", row, owner=Role.SUPERVISOR, urgency=3, actor=actor, centre=centre.code
        )
        return row


def answer_share(
    share_id: int, *, accepted: bool, actor: Actor, version: int | None = None
) -> Share:
    """Accept, or decline, to read what another centre offers; it is told so."""
    actor.require(Permission.MANAGE_INCIDENTS)
    with transaction():
        row = get(Share, share_id)
        expect(row, version)
        check_ours(row, ours=False)
        _move(row, accepted, actor)
        said = ShareAnswer(
            reference=row.reference,
            answer="accepted" if accepted else "declined",
            by=role_of(actor),
        )
        post(row, "note", said.model_dump_json(), actor)
        finish_alarm("share_in", row, actor=actor)
        return row  # type: ignore[no-any-return]


def take_share_answer(said: ShareAnswer, centre: Centre, *, actor: Actor) -> None:
    """The other centre accepts, or does not."""
    with transaction():
        row = with_reference(Share, centre, said.reference)
        if row is None or not row.ours:
            raise Missing(_("Nothing is known by this reference."), code="reference")
        accepted = said.answer == "accepted"
        if row.MACHINE.allows(row.state, "accept" if accepted else "decline"):
            _answered(row, accepted, said.by, actor)


def end_share(share_id: int, *, actor: Actor) -> Share:
    """End it now, from either side."""
    actor.require(Permission.MANAGE_INCIDENTS)
    with transaction():
        row = get(Share, share_id)
        _end(row, "here", actor)
        if row.delivered_at or not row.ours or row.answered_at:
            post(row, "note", ShareEnded(reference=row.reference).model_dump_json(), actor)
        return row  # type: ignore[no-any-return]


def take_share_end(said: ShareEnded, centre: Centre, *, actor: Actor) -> None:
    """The other centre has ended it."""
    with transaction():
        row = with_reference(Share, centre, said.reference)
        if row is None:
            raise Missing(_("Nothing is known by this reference."), code="reference")
        if row.MACHINE.allows(row.state, "end"):
            _end(row, "there", actor)


def end_shares(*, actor: Actor) -> int:
    """End those whose time is over. Returns how many."""
    now = clock.now()
    over = Share.objects.select_related("centre", "incident").filter(
        state__in=("offered", "shared"), until__lte=now
    )
    if not over.exists():
        return 0
    with transaction():
        ended = list(over)
        for row in ended:
            _end(row, "time", actor)
        return len(ended)


def read_share(reference: str, centre: Centre, *, actor: Actor) -> Record:
    """The record as it is now, for the centre with which it is shared, and for nobody else; each
    reading is on record."""
    with transaction():
        row = with_reference(Share, centre, reference)
        if row is None or not row.ours or not is_shared(row, clock.now()) or not row.incident:
            raise Missing(_("Nothing is shared at this address."), code="not_shared")
        note(row, "share.read", actor, parts=row.parts)
        full = record_of_incident(row.incident, reference=row.reference)
        return only(full, row.parts)


def want_share(share_id: int, *, actor: Actor) -> Share:
    """Ask for another centre's record anew; the worker fetches it at once."""
    actor.require(Permission.MANAGE_INCIDENTS)
    with transaction():
        row = get(Share, share_id)
        check_ours(row, ours=False)
        if not is_shared(row, clock.now()):
            raise Refused(_("This is not shared any more."), code="over")
        change(row, wanted_at=clock.now())
        return row  # type: ignore[no-any-return]


def note_fetched(share_id: int, told: Record | None, *, error: str = "", actor: Actor) -> None:
    """Keep what was fetched of another centre's record; or why it could not be."""
    with transaction():
        row, now = get(Share, share_id), clock.now()
        # Our answer may not have been understood there yet.
        early = error and row.answered_at and now - row.answered_at < EARLY
        again = now + AGAIN if early and is_shared(row, now) else None
        change(row, wanted_at=again, fault="" if again else error[:32])
        if told is not None:
            keep_record(row, told, actor)
            change(row, read_at=clock.now())
            note(row, "share.fetched", actor)


def _answered(row: Share, accepted: bool, by: str, actor: Actor) -> None:
    _move(row, accepted, actor)
    keep(subject_of(row), "answer", by.strip()[:MOST_BY], actor=actor)


def _move(row: Share, accepted: bool, actor: Actor) -> None:
    more = {"wanted_at": clock.now()} if accepted and not row.ours else {}
    move(
        row,
        "accept" if accepted else "decline",
        actor=actor,
        case=case_of(row),
        body=body_of(row, until=row.until),
        answered_at=clock.now(),
        **more,
    )


def _end(row: Share, why: str, actor: Actor) -> None:
    body = body_of(row, reason=why)
    move(row, "end", actor=actor, case=case_of(row), body=body, ended_why=why, wanted_at=None)
    for code in ("share_proposed", "share_in"):
        finish_alarm(code, row, actor=actor)
