"""A person answers: at a station's screen, by a key of the telephone, or to a test."""

from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actors import Actor, of_user
from sigap.core.errors import Forbidden
from sigap.core.journal import record, subject_of
from sigap.core.kinds.alerts import AlertAnswered
from sigap.core.queries import fetch
from sigap.core.transaction import transaction
from sigap.dispatch.actions import step as step_job
from sigap.dispatch.queries import get as get_job

from ..models import Alert, Delivery, Screen
from .parts import arrive, unit_of


def take_from_screen(alert_id: int, *, actor: Actor) -> Alert:
    """Somebody pressed "received" at a station: that is a person's acknowledgement of the job."""
    with transaction():
        alert = fetch(Alert.objects.select_related("unit", "agency"), pk=alert_id)
        return acknowledge_alert(alert.pk, how="station", actor=actor)


def acknowledge_alert(alert_id: int, *, how: str, actor: Actor) -> Alert:
    """A person of the unit or the agency takes it. Of a job this is the job's own acknowledge,
    with all that follows from it; again it changes nothing."""
    with transaction():
        alert = fetch(Alert.objects.select_related("unit", "agency"), pk=alert_id)
        own = alert.unit is not None and alert.unit.call_sign == actor.unit
        if not own and alert.agency.code != actor.agency:
            raise Forbidden(_("This alert is not yours."))
        if not alert.stands:
            return alert
        if alert.cause == "assignment":
            _take_job(alert, actor)
            return alert
        alert.acknowledged_at, alert.acknowledged_how = clock.now(), how[:12]
        alert.acknowledged_by_id, alert.due_at = actor.user_id, None
        alert.save()
        waited = round((clock.now() - alert.made_at).total_seconds())
        body = AlertAnswered(how=how, unit=unit_of(alert), waited_s=waited)
        subject = subject_of(alert)
        record("alert.acknowledged", subject=subject, case=alert.case, actor=actor, body=body)
        return alert


def take_by_phone(delivery: Delivery) -> None:
    """Who was rung pressed the key that takes the job. Part of an action."""
    person, alert = delivery.person, delivery.alert
    if person is not None and person.is_active and alert.stands:
        acknowledge_alert(alert.pk, how="voice", actor=of_user(person))


def arrive_at(screen: Screen, kind: str, *, actor: Actor) -> None:
    """A screen shows what was meant for it. Part of an action."""
    now = clock.now()
    waiting = Delivery.objects.filter(channel=kind, state="queued").select_related(
        "alert__unit", "alert__agency"
    )
    to = f"screen:{screen.pk}" if kind == "station" else f"agency:{screen.agency.code}"
    for delivery in waiting.filter(recipient=to):
        if delivery.alert.stands:
            arrive(delivery, now, actor=actor)


def _take_job(alert: Alert, actor: Actor) -> None:
    job = get_job(int(alert.subject.partition(":")[2]))
    if job.state == "notified":
        source = "crew" if actor.unit == job.unit.call_sign else "agency"
        step_job(job.pk, "acknowledge", source=source, actor=actor)
