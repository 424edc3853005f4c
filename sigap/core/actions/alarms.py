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
from ..queries import check_reason, fetch
from ..rows import rows
from ..transaction import transaction

# In the words of the index that holds only open alarms.
OPEN_ALARM = "NOT state = 'done'"


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
        if rows(Alarm, OPEN_ALARM, code=code, subject=subject):
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
            body=AlarmRaised(
                alarm=code, owner=owner, due_at=due_at, late_s=details.get("late_s", 0)
            ),
        )
        return alarm


def acknowledge_alarm(alarm_id: int, *, actor: Actor) -> Alarm:
    """Say that somebody is dealing with it; the sound stops."""
    with transaction():
        alarm = fetch(Alarm, pk=alarm_id)
        move(alarm, "acknowledge", actor=actor, case=alarm.case, body=_body(alarm))
        return alarm


def shelve_alarm(alarm_id: int, *, minutes: int, reason: str, actor: Actor) -> Alarm:
    """Put an alarm aside with a reason until a time; then it comes back by itself."""
    if not 1 <= minutes <= 480:
        raise Invalid(_("Shelve for 1 to 480 minutes."))
    check_reason("shelve", reason)
    until = clock.now() + timedelta(minutes=minutes)
    with transaction():
        alarm = fetch(Alarm, pk=alarm_id)
        body = AlarmAnswered(alarm=alarm.code, reason=reason, until=until)
        move(alarm, "shelve", actor=actor, case=alarm.case, body=body, shelved_until=until)
        return alarm


def close_alarm(alarm_id: int, *, actor: Actor) -> Alarm:
    """Say that what the alarm asked for is done."""
    with transaction():
        alarm = fetch(Alarm, pk=alarm_id)
        move(alarm, "finish", actor=actor, case=alarm.case, body=_body(alarm))
        return alarm


def finish_alarm(code: str, about: models.Model, *, actor: Actor, reason: str = "") -> None:
    """End the open alarm of this code about a row, if there is one: its cause is gone."""
    with transaction():
        for alarm in rows(Alarm, OPEN_ALARM, code=code, subject=subject_of(about)):
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
