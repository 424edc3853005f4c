"""Alarms: raised by timers and checks, answered by people.

An alarm stands as long as its cause does and ends with it (`finish_alarm`): people can only
make it quiet for a while, after which it comes back.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from .. import clock
from ..actors import Actor
from ..errors import Invalid, Refused
from ..journal import record, subject_of
from ..kinds import AlarmAnswered, AlarmRaised
from ..machine import move
from ..models import Alarm
from ..parameters import value
from ..queries import check_reason, fetch
from ..rows import rows
from ..transaction import transaction

# In the words of the index that holds only open alarms.
OPEN_ALARM = "NOT state = 'done'"
# Alarms about what has happened and stands no longer; these, a person ends.
OF_EVENTS = frozenset(
    {"danger", "declined", "refused", "unrecorded", "unclaimed"}
    | {"handover_declined", "severe_warning", "mayday", "wants_caller"}
)
MOST_MINUTES = 480


def raise_alarm(
    code: str,
    about: models.Model,
    *,
    owner: str,
    actor: Actor,
    urgency: int = 2,
    case: str = "",
    **details: Any,
) -> Alarm | None:
    """Raise an alarm about a row, unless the same one is open already (then None): that one
    comes back when it has become more urgent.

    `owner` is the role that must act, `details` codes and numbers for the screen.
    """
    subject = subject_of(about)
    with transaction():
        for known in rows(Alarm, OPEN_ALARM, code=code, subject=subject):
            if urgency < known.urgency:
                _repeat(known, actor, urgency=urgency)
            return None
        alarm = Alarm.objects.create(
            code=code,
            subject=subject,
            case=case,
            owner=owner,
            urgency=urgency,
            details=details,
            raised_at=clock.now(),
        )
        record(
            "alarm.raised",
            subject=subject_of(alarm),
            case=case,
            actor=actor,
            after=alarm.state,
            body=AlarmRaised(alarm=code, owner=owner, late_s=details.get("late_s", 0)),
        )
        return alarm


def keep_alarms(
    code: str, causes: Iterable[models.Model], *, owner: str, urgency: int, actor: Actor
) -> int:
    """Raise an alarm about each of the rows that are its causes now, and end those about all
    others. Returns how many are new."""
    with transaction():
        now = list(causes)
        raised = [raise_alarm(code, c, owner=owner, urgency=urgency, actor=actor) for c in now]
        standing = {subject_of(cause) for cause in now}
        for alarm in rows(Alarm, OPEN_ALARM, code=code):
            if alarm.subject not in standing:
                _finish(alarm, actor)
        return sum(alarm is not None for alarm in raised)


def acknowledge_alarm(alarm_id: int, *, actor: Actor) -> Alarm:
    """Say that somebody is dealing with it; the sound stops for a while."""
    with transaction():
        alarm = fetch(Alarm, pk=alarm_id)
        until = clock.now() + timedelta(seconds=value("alarms.repeat_s"))
        body = AlarmAnswered(alarm=alarm.code, until=until)
        move(alarm, "acknowledge", actor=actor, case=alarm.case, body=body, quiet_until=until)
        return alarm


def shelve_alarm(alarm_id: int, *, minutes: int, reason: str, actor: Actor) -> Alarm:
    """Put an alarm aside with a reason until a time; the most urgent only for a short one."""
    check_reason("shelve", reason)
    with transaction():
        alarm = fetch(Alarm, pk=alarm_id)
        most = int(value("alarms.shelve_urgent_min")) if alarm.urgency == 1 else MOST_MINUTES
        if not 1 <= minutes <= most:
            raise Invalid(_("Shelve for 1 to %(most)s minutes.") % {"most": most}, code="minutes")
        until = clock.now() + timedelta(minutes=minutes)
        body = AlarmAnswered(alarm=alarm.code, reason=reason, until=until)
        move(alarm, "shelve", actor=actor, case=alarm.case, body=body, quiet_until=until)
        return alarm


def close_alarm(alarm_id: int, *, actor: Actor) -> Alarm:
    """Say that what the alarm asked for is done. Refused while its cause can be seen: it ends
    with that."""
    with transaction():
        alarm = fetch(Alarm, pk=alarm_id)
        if alarm.code not in OF_EVENTS:
            raise Refused(_("This alarm ends by itself, as soon as its cause does."), code="cause")
        _finish(alarm, actor)
        return alarm


def finish_alarm(code: str, about: models.Model, *, actor: Actor, reason: str = "") -> bool:
    """End the open alarm of this code about a row: its cause is gone. Returns whether there
    was one."""
    with transaction():
        known = rows(Alarm, OPEN_ALARM, code=code, subject=subject_of(about))
        for alarm in known:
            _finish(alarm, actor, reason)
        return bool(known)


def repeat_alarms(*, actor: Actor) -> int:
    """Bring back the alarms that were to be quiet until now. Returns how many."""
    with transaction():
        due = list(Alarm.objects.filter(quiet_until__lte=clock.now()))
        for alarm in due:
            _repeat(alarm, actor)
        return len(due)


def _repeat(alarm: Alarm, actor: Actor, **fields: Any) -> None:
    body = AlarmAnswered(alarm=alarm.code)
    move(alarm, "repeat", actor=actor, case=alarm.case, body=body, quiet_until=None, **fields)


def _finish(alarm: Alarm, actor: Actor, reason: str = "") -> None:
    body = AlarmAnswered(alarm=alarm.code, reason=reason)
    move(alarm, "finish", actor=actor, case=alarm.case, body=body, quiet_until=None)
