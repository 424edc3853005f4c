"""What the journal says of jobs becomes alerts, answers and their ends."""

from sigap.core import clock
from sigap.core.actions.alarms import finish_alarm
from sigap.core.actions.following import React, read_on
from sigap.core.actors import Actor, Role, of_user
from sigap.core.journal import record, subject_of
from sigap.core.kinds import Reason
from sigap.core.kinds.alerts import AlertAnswered
from sigap.core.models import Alarm, Journal, User
from sigap.core.rows import row
from sigap.dispatch.models import Assignment
from sigap.dispatch.queries import acknowledge_s
from sigap.dispatch.queries import get as get_job
from sigap.fleet.models import MoveUp, Unit
from sigap.incidents.queries import carrier

from ..machine import SCREENS
from ..models import Alert, Cursor
from .duties import begin_duty, end_shift, open_shifts
from .making import make_alert
from .parts import end, unit_of


def follow_jobs(*, actor: Actor) -> int:
    """Read on in the journal: units that were notified are alerted, and who has answered is
    alerted no more. Returns how many rows were read."""
    return read_on(Cursor, "alerts", _REACTIONS, actor=actor)


def _notified(entry: Journal, actor: Actor) -> None:
    job = get_job(_pk(entry))
    if job.state != "notified" or job.incident.afterwards:
        return  # answered by now, or told of when it was over
    make_alert(
        "assignment",
        subject=subject_of(job),
        case=subject_of(job.incident),
        unit=job.unit,
        wait_s=acknowledge_s(carrier(job.incident)),
        due_at=job.acknowledge_due_at or clock.now(),
        actor=actor,
    )


def _answered(entry: Journal, actor: Actor) -> None:
    """Somebody took the job, by whichever screen or voice; what they pressed says so too when
    it was the next step at once."""
    alert = Alert.objects.select_related("unit").filter(subject=entry.subject).first()
    if alert is None or not alert.stands:
        return
    at = entry.occurred_at or entry.at
    alert.acknowledged_at, alert.due_at = at, None
    alert.acknowledged_how = str(entry.body.get("source", ""))[:12]
    noun, _colon, pk = entry.actor.partition(":")
    alert.acknowledged_by_id = int(pk) if noun == "user" else None
    alert.save()
    waited = max(0, round((at - alert.made_at).total_seconds()))
    body = AlertAnswered(how=alert.acknowledged_how, unit=unit_of(alert), waited_s=waited)
    record("alert.acknowledged", subject=subject_of(alert), case=alert.case, actor=actor, body=body)
    _calm(alert, actor)


def _over(entry: Journal, actor: Actor) -> None:
    alert = Alert.objects.select_related("unit").filter(subject=entry.subject).first()
    if alert is None or not alert.stands:
        return
    alert.over, alert.due_at = entry.after[:20], None
    alert.save()
    body = Reason(reason=alert.over)
    record("alert.over", subject=subject_of(alert), case=alert.case, actor=actor, body=body)
    _calm(alert, actor)


def _shift(entry: Journal, actor: Actor) -> None:
    """A unit goes on or off duty: whoever of its crew said so on their phone begins their shift,
    and when it goes off duty all shifts begun on a phone are over."""
    on_duty, sign = entry.body.get("on_duty"), entry.body.get("unit", "")
    if on_duty is False:
        for duty in open_shifts(sign):
            end_shift(duty, actor=actor)
    noun, _colon, pk = entry.actor.partition(":")
    person = row(User, pk=int(pk)) if noun == "user" and on_duty else None
    if person is not None and person.unit == sign and Role.CREW in person.roles:
        begin_duty(actor=of_user(person))


def _on_board(entry: Journal, actor: Actor) -> None:
    """Who is on the vehicle, as its phone says: the shifts of those named begin, and those of
    whoever has left are over. Where only a count was told, nobody's changes."""
    sign, there = entry.body.get("unit", ""), set(entry.body.get("users") or ())
    if not there and entry.body.get("count"):
        return
    for duty in open_shifts(sign):
        if duty.person_id not in there:
            end_shift(duty, actor=actor)
    for person in User.objects.filter(pk__in=there, unit=sign, is_active=True).order_by("pk"):
        if Role.CREW in person.roles:
            begin_duty(actor=of_user(person))


def _alarmed(entry: Journal, actor: Actor) -> None:
    """A crew is in need itself. The dispatcher has an alarm already; its colleagues hear too."""
    unit = _of_mayday(entry)
    if unit is not None:
        subject = entry.subject
        make_alert("mayday", subject=subject, unit=unit, case=entry.case, actor=actor)


def _alarm_over(entry: Journal, actor: Actor) -> None:
    _call_off("mayday", entry.subject, "called_off", actor)


def _moved_up(entry: Journal, actor: Actor) -> None:
    """A unit is to wait elsewhere: its crew is told where."""
    held = _waits(entry, "accepted")
    if held is not None:
        make_alert("move_up", subject=subject_of(held), unit=held.unit, actor=actor)


def _moved_back(entry: Journal, actor: Actor) -> None:
    """It need not any more: its crew is told so, unless it is told of another place."""
    ended = _waits(entry, "ended")
    if ended is None:
        return
    _call_off("move_up", subject_of(ended), "ended", actor)
    if _waits(entry, "accepted") is None:
        make_alert("move_back", subject=subject_of(ended), unit=ended.unit, actor=actor)


def _waits(entry: Journal, state: str) -> MoveUp | None:
    rows = MoveUp.objects.select_related("unit__agency").filter(unit_id=_pk(entry), state=state)
    return rows.order_by("-answered_at", "-pk").first()


def _call_off(cause: str, subject: str, why: str, actor: Actor) -> None:
    alert = Alert.objects.select_related("unit").filter(cause=cause, subject=subject)
    for standing in alert.filter(over=""):
        standing.over = why
        standing.save()
        body = Reason(reason=standing.over)
        about = subject_of(standing)
        record("alert.over", subject=about, case=standing.case, actor=actor, body=body)
        _quiet(standing, actor)


def _of_mayday(entry: Journal) -> Unit | None:
    if entry.body.get("alarm") != "mayday":
        return None
    alarm = row(Alarm, pk=_pk(entry))
    noun, _colon, pk = alarm.subject.partition(":") if alarm else ("", "", "")
    return Unit.objects.select_related("agency").filter(pk=pk).first() if noun == "unit" else None


def _calm(alert: Alert, actor: Actor) -> None:
    """Screens show it no more and its alarm ends."""
    _quiet(alert, actor)
    job = row(Assignment, pk=int(alert.subject.partition(":")[2]))
    if job is not None:
        finish_alarm("unanswered", job, actor=actor)


def _quiet(alert: Alert, actor: Actor) -> None:
    """Screens show it no more. What is just being sent is left to its end."""
    waiting = alert.deliveries.filter(state="queued", channel__in=SCREENS)
    for delivery in waiting.select_related("alert__unit"):
        end(delivery, "drop", alert.over or "acknowledged", actor=actor)


def _pk(entry: Journal) -> int:
    return int(entry.subject.partition(":")[2])


_REACTIONS: dict[str, React] = {
    "assignment.notify": _notified,
    "assignment.acknowledge": _answered,
    "assignment.depart": _answered,
    "assignment.arrive": _answered,
    "assignment.decline": _over,
    "assignment.cancel": _over,
    "assignment.complete": _over,
    "unit.changed": _shift,
    "unit.on_board": _on_board,
    "unit.moved_up": _moved_up,
    "unit.moved_back": _moved_back,
    "alarm.raised": _alarmed,
    "alarm.finish": _alarm_over,
}
