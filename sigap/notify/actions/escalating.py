"""Nobody has answered in time: the next channel, then the next unit, then the supervisor."""

from datetime import timedelta

from sigap.core import clock
from sigap.core.actions.alarms import raise_alarm
from sigap.core.actors import Actor, Role
from sigap.core.parameters import value
from sigap.core.transaction import transaction
from sigap.dispatch.actions import wait_longer
from sigap.dispatch.queries import get as get_job
from sigap.incidents.queries import carrier

from ..models import Alert, Delivery
from .parts import end, look_again, next_channels, step


def escalate_due(*, actor: Actor) -> int:
    """Take the next step of each alert that nobody has answered in its time, and give up on
    stations that have gone. Returns how many."""
    now = clock.now()
    due = Alert.objects.filter(due_at__lte=now)
    silent = Delivery.objects.filter(
        channel="station",
        state="queued",
        made_at__lte=now - timedelta(seconds=value("alerts.screen_s")),
    )
    if not due.exists() and not silent.exists():
        return 0
    with transaction():
        alerts = list(due.select_related("unit", "agency"))
        for alert in alerts:
            _escalate(alert, actor)
        gone = list(silent.select_related("alert__unit", "alert__agency"))
        for delivery in gone:
            if delivery.alert.stands:
                end(delivery, "fail", "cut_off", actor=actor)
                look_again(delivery.alert, actor=actor)
            else:
                end(delivery, "drop", delivery.alert.over or "acknowledged", actor=actor)
        return len(alerts) + len(gone)


def _escalate(alert: Alert, actor: Actor) -> None:
    """At each step as long is waited as at the one before. Another unit is proposed by dispatch,
    at the time that is put off here when there is a channel left to try."""
    after = clock.now() + timedelta(seconds=alert.wait_s)
    job_id = int(alert.subject.partition(":")[2])
    if get_job(job_id).state != "notified":
        Alert.objects.filter(pk=alert.pk).update(due_at=None)  # its answer is read in a moment
    elif alert.step == "first" and next_channels(alert):
        wait_longer(job_id, alert.wait_s, actor=actor)
        step(alert, "second", actor=actor, due_at=after)
    elif alert.step in ("first", "second"):
        step(alert, "next_unit", actor=actor, due_at=after)
    else:
        _tell_supervisor(alert, job_id, actor)


def _tell_supervisor(alert: Alert, job_id: int, actor: Actor) -> None:
    job = get_job(job_id)
    Alert.objects.filter(pk=alert.pk).update(due_at=None)
    alert.due_at = None
    step(alert, "supervisor", actor=actor)
    raise_alarm(
        "unanswered",
        job,
        owner=Role.SUPERVISOR,
        urgency=min(carrier(job.incident).priority, 3),
        case=alert.case,
        actor=actor,
        unit=job.unit.call_sign,
        late_s=round((clock.now() - alert.made_at).total_seconds()),
    )
