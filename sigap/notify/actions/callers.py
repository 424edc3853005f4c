"""Callers are told by message that help is coming, that it must wait, and how it ended.

Only those whose type of incident allows it, each thing once: by SMS, and how it ended by WhatsApp
where the city has a template for that; then SMS goes where WhatsApp fails.
"""

import secrets
from datetime import timedelta

from django.conf import settings

from sigap.complaints.survey.queries import mobile_of
from sigap.core import clock
from sigap.core.actions.following import read_on
from sigap.core.actors import Actor
from sigap.core.journal import record, subject_of
from sigap.core.kinds.alerts import NoticeMoved
from sigap.core.machine import change, move
from sigap.core.models import Journal
from sigap.core.parameters import value
from sigap.core.rows import append, row, write
from sigap.core.transaction import transaction
from sigap.incidents.models import Incident
from sigap.incidents.queries import carrier, family_ids, get

from ..models import Cursor, Notice
from ..queries import why_unwanted
from ..recipients import outcome_by_whatsapp

AT_ONCE = 20
UNSURE = timedelta(seconds=60)
LONGEST_PAUSE_S = 300.0
# What the journal says, and what the caller is told of it.
TELLING = {"incident.start": "coming", "incident.parked": "parked", "incident.close": "over"}
_BY_WHATSAPP = ("incident.close",)


def follow_cases(*, actor: Actor) -> int:
    """Read on in the journal: whose incident has come further is told so. Returns how many rows
    were read."""
    told = TELLING if settings.ENV.sms_url else _BY_WHATSAPP if outcome_by_whatsapp() else ()
    reactions = dict.fromkeys(told, _tell)
    return read_on(Cursor, "callers", reactions, actor=actor)


def claim_notices(*, actor: Actor) -> list[Notice]:
    """The messages that may go now, claimed; what is not wanted any more is dropped with the
    reason."""
    due = Notice.objects.filter(state="queued", due_at__lte=clock.now())
    if not due.exists():
        return []
    with transaction():
        now, claimed = clock.now(), []
        oldest = now - timedelta(seconds=value("alerts.retry_s"))
        for notice in due.select_related("incident__type", "contact").order_by("pk")[:AT_ONCE]:
            if reason := why_unwanted(notice):
                _end(notice, "drop", reason, actor)
            elif notice.made_at <= oldest:
                _end(notice, "fail", "gave_up", actor)
            else:
                notice.tries += 1
                notice.due_at = now + UNSURE
                write(notice, "tries", "due_at")
                claimed.append(notice)
        return claimed


def note_notice(notice_id: int, reason: str, *, actor: Actor, again: bool = False) -> None:
    """What the far end said: taken (no reason), or why not. `again`: it may take it later."""
    with transaction():
        notice = row(Notice, pk=notice_id)
        if notice is None or notice.state != "queued":
            return
        if not reason:
            _end(notice, "send", "", actor)
        elif _has_other_way(notice):
            _by_sms(notice, reason, actor)
        elif again:
            pause = min(LONGEST_PAUSE_S, 2.0**notice.tries)
            notice.due_at, notice.error = clock.now() + timedelta(seconds=pause), reason
            write(notice, "due_at", "error")
        else:
            _end(notice, "fail", reason, actor)


def note_notice_receipt(notice_id: int, status: str, reason: str, *, actor: Actor) -> bool:
    """What the far end tells later. Returns whether the message is ours."""
    command = {"sent": "send", "failed": "fail"}.get(status, "deliver")
    with transaction():
        notice = row(Notice, pk=notice_id)
        if notice is None or not notice.MACHINE.allows(notice.state, command):
            return notice is not None
        if command == "fail" and _has_other_way(notice):
            _by_sms(notice, reason, actor)
        else:
            _end(notice, command, reason if command == "fail" else "", actor)
        return True


def _tell(entry: Journal, actor: Actor) -> None:
    kind, incident = TELLING[entry.kind], carrier(get(int(entry.subject.partition(":")[2])))
    if incident.type.tells == "nothing" or incident.afterwards:
        return
    if kind == "coming" and incident.type.tells != "live":
        return
    if kind == "over" and incident.disposition and not incident.disposition.valid:
        return  # a false report
    if row(Notice, incident=incident.pk, kind=kind):
        return
    mobiles = mobile_of(family_ids(incident))
    contact = next((mobiles[pk] for pk in family_ids(incident) if pk in mobiles), None)
    if contact is None:
        return
    link_of(incident)
    now = clock.now()
    by = "whatsapp" if kind == "over" and outcome_by_whatsapp() else "sms"
    notice = Notice(
        incident=incident, kind=kind, channel=by, contact=contact, made_at=now, due_at=now
    )
    append([notice])
    notice = Notice.objects.get(incident=incident, kind=kind)
    record(
        "notice.queued",
        subject=subject_of(notice),
        case=subject_of(incident),
        actor=actor,
        after=notice.state,
        body=NoticeMoved(notice=kind),
    )


def _has_other_way(notice: Notice) -> bool:
    return notice.channel == "whatsapp" and bool(settings.ENV.sms_url)


def _by_sms(notice: Notice, reason: str, actor: Actor) -> None:
    """WhatsApp did not bring it: SMS shall, at once."""
    move(
        notice,
        "instead",
        actor=actor,
        case=f"incident:{notice.incident_id}",
        body=NoticeMoved(notice=notice.kind, reason=reason),
        channel="sms",
        tries=0,
        due_at=clock.now(),
        error="",
    )


def link_of(incident: Incident) -> str:
    """The secret part of the link by which its caller finds it; made at the first use. Part of
    an action."""
    if incident.token is None:
        change(incident, token=secrets.token_urlsafe(16))
    return incident.token or ""


def _end(notice: Notice, command: str, reason: str, actor: Actor) -> None:
    move(
        notice,
        command,
        actor=actor,
        case=f"incident:{notice.incident_id}",
        body=NoticeMoved(notice=notice.kind, reason=reason),
        due_at=None,
        error=reason,
    )
