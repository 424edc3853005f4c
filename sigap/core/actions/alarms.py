"""Alarms: raised by timers and checks, answered by people."""

from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from .. import clock
from ..actors import Actor
from ..errors import Invalid
from ..journal import record, subject_of
from ..kinds import AlarmAnswered, AlarmRaised
from ..machine import move
from ..models import Alarm
from ..transaction import transaction


def raise_alarm(
    code: str,
    about: models.Model,
    *,
    owner: str,
    actor: Actor,
    urgency: int = 2,
    due_at: datetime | None = None,
    case: str = "",
    **details: Any,
) -> Alarm | None:
    """Raise an alarm about a row, unless the same one is open already (then None).

    `owner` is the role that must act, `details` codes and numbers for the screen.
    """
    subject = subject_of(about)
    with transaction():
        if Alarm.objects.filter(code=code, subject=subject).exclude(state="done").exists():
            return None
        alarm = Alarm.objects.create(
            code=code,
            subject=subject,
            case=case,
            owner=owner,
            urgency=urgency,
            details=details,
            raised_at=clock.now(),
            due_at=due_at,
        )
        record(
            "alarm.raised",
            subject=subject_of(alarm),
            case=case,
            actor=actor,
            after=alarm.state,
            body=AlarmRaised(alarm=code, owner=owner, due_at=due_at),
        )
        return alarm


def acknowledge_alarm(alarm_id: int, *, actor: Actor) -> Alarm:
    """Say that somebody is dealing with it; the sound stops."""
    with transaction():
        alarm = Alarm.objects.get(pk=alarm_id)
        move(alarm, "acknowledge", actor=actor, case=alarm.case, body=_body(alarm))
        return alarm


def shelve_alarm(alarm_id: int, *, minutes: int, reason: str, actor: Actor) -> Alarm:
    """Put an alarm aside with a reason until a time; then it comes back by itself."""
    if not 1 <= minutes <= 480:
        raise Invalid(_("Shelve for 1 to 480 minutes."))
    if not reason:
        raise Invalid(_("Say why."), code="reason")
    until = clock.now() + timedelta(minutes=minutes)
    with transaction():
        alarm = Alarm.objects.get(pk=alarm_id)
        body = AlarmAnswered(alarm=alarm.code, reason=reason, until=until)
        move(alarm, "shelve", actor=actor, case=alarm.case, body=body, shelved_until=until)
        return alarm


def finish_alarm(code: str, about: models.Model, *, actor: Actor, reason: str = "") -> None:
    """End the open alarm of this code about a row, if there is one: its cause is gone."""
    with transaction():
        for alarm in Alarm.objects.filter(code=code, subject=subject_of(about)).exclude(
            state="done"
        ):
            body = AlarmAnswered(alarm=alarm.code, reason=reason)
            move(alarm, "finish", actor=actor, case=alarm.case, body=body)


def unshelve_due(*, actor: Actor) -> int:
    """Bring back the alarms whose shelving has run out. Returns how many."""
    with transaction():
        due = list(Alarm.objects.filter(state="shelved", shelved_until__lte=clock.now()))
        for alarm in due:
            move(
                alarm,
                "unshelve",
                actor=actor,
                case=alarm.case,
                body=_body(alarm),
                shelved_until=None,
            )
        return len(due)


def _body(alarm: Alarm) -> AlarmAnswered:
    return AlarmAnswered(alarm=alarm.code)
