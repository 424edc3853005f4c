"""Parts that several actions on alerts share; inside their transactions."""

from collections.abc import Iterable
from datetime import datetime

from sigap.core import clock
from sigap.core.actors import Actor
from sigap.core.journal import record, subject_of
from sigap.core.kinds.alerts import AlertStep, DeliveryMoved
from sigap.core.machine import move
from sigap.core.models import User
from sigap.dispatch.actions import alarm_unreached

from ..machine import PERSONAL, SCREENS
from ..models import Alert, Delivery, Device, Screen
from ..recipients import is_any_way_known, is_watched, order, screens, usable


def unit_of(alert: Alert) -> str:
    """The call sign that the journal names an alert by."""
    return alert.unit.call_sign if alert.unit else ""


def moved(delivery: Delivery, reason: str = "") -> DeliveryMoved:
    """What the journal says of a delivery."""
    return DeliveryMoved(
        channel=delivery.channel,
        unit=unit_of(delivery.alert),
        person=delivery.person_id,
        attempt=delivery.attempt,
        tries=delivery.tries,
        reason=reason,
    )


def end(delivery: Delivery, command: str, reason: str, *, actor: Actor) -> None:
    """A delivery comes to nothing, with the reason."""
    move(
        delivery,
        command,
        actor=actor,
        case=delivery.alert.case,
        body=moved(delivery, reason),
        due_at=None,
        error=reason,
    )


def arrive(delivery: Delivery, at: datetime, *, actor: Actor) -> None:
    """A delivery has reached whom it was for; that says nothing of whether they heed it."""
    if not delivery.MACHINE.allows(delivery.state, "deliver"):
        return
    move(
        delivery,
        "deliver",
        actor=actor,
        case=delivery.alert.case,
        body=moved(delivery),
        occurred_at=at,
        due_at=None,
        error="",
        sent_at=delivery.sent_at or at,
        delivered_at=at,
    )


def send_by(alert: Alert, person: User, channel: str, attempt: int) -> list[Delivery]:
    """Queue a message to a person by one channel: of pushes one to each of their devices."""
    if channel != "push":
        return [_queued(alert, channel, f"user:{person.pk}", attempt, person=person)]
    devices = Device.objects.filter(person=person, active=True).order_by("pk")
    return [
        _queued(alert, channel, f"device:{device.pk}", attempt, person=person, device=device)
        for device in devices
    ]


def ring_screens(alert: Alert) -> list[Delivery]:
    """Let the stations' screens ring: they ask by themselves, so that nothing is sent. One that
    is cut off has failed before it began."""
    now, found = clock.now(), []
    unit = alert.unit if alert.cause != "mayday" else None
    for screen in screens(unit, alert.agency, "station", now):
        found.append(_queued(alert, "station", f"screen:{screen.pk}", 1, due=False))
        if not is_watched(screen, now):
            found[-1].error = "cut_off"
    return found


def show_on_board(alert: Alert) -> Delivery:
    """Put it on the board of the agency, as what is left where nobody can be told."""
    known = Delivery.objects.filter(alert=alert, channel="board").first()
    return known or _queued(alert, "board", f"agency:{alert.agency.code}", 1, due=False)


def next_channels(alert: Alert, people: Iterable[User] | None = None) -> int:
    """Try the next channel of each person of the alert, in the agency's order. Returns how
    many messages that made."""
    deliveries = list(alert.deliveries.select_related("person"))
    if people is None:
        people = {d.person_id: d.person for d in deliveries if d.person}.values()
    people = [person for person in people if person.is_active]
    ways, made = usable(people, order(alert.agency)), 0
    for person in people:
        tried = [d.channel for d in deliveries if d.person_id == person.pk]
        left = [channel for channel in ways[person.pk] if channel not in tried]
        if left:
            made += len(send_by(alert, person, left[0], len(set(tried)) + 1))
    return made


def look_again(alert: Alert, *, actor: Actor) -> None:
    """After something failed: where nothing is on its way any more, go on at once instead of
    waiting for an answer that cannot come. Where nothing is left, somebody must be told now."""
    if not alert.stands or alert.cause == "test" or _is_any_alive(alert):
        return
    if next_channels(alert):
        step(alert, "second", actor=actor)
        return
    if alert.cause != "assignment":
        return  # the dispatcher has an alarm already, or says it by radio in any case
    if alert.gap != "nobody":
        alert.gap = "nobody" if is_any_way_known() else "not_set_up"
        alert.save(update_fields=["gap"])
    show_on_board(alert)
    if alert.gap == "nobody" and not _is_board_watched(alert) and alert.step in ("first", "second"):
        alarm_unreached(int(alert.subject.partition(":")[2]), actor=actor)
        step(alert, "next_unit", actor=actor)


def step(alert: Alert, name: str, *, actor: Actor, due_at: datetime | None = None) -> None:
    """Go on to a step of the escalation and record it; `due_at` is when the one after it is
    due, where it changes."""
    if alert.step == name:
        return
    alert.step = name
    if due_at is not None:
        alert.due_at = due_at
    alert.save(update_fields=["step", "due_at"])
    body = AlertStep(step=name, unit=unit_of(alert))
    record("alert.escalated", subject=subject_of(alert), case=alert.case, actor=actor, body=body)


def _queued(
    alert: Alert,
    channel: str,
    recipient: str,
    attempt: int,
    *,
    person: User | None = None,
    device: Device | None = None,
    due: bool = True,
) -> Delivery:
    """A message that waits to be sent; the one that is there already where it was queued before."""
    now = clock.now()
    known, _made = Delivery.objects.get_or_create(
        alert=alert,
        channel=channel,
        recipient=recipient,
        attempt=attempt,
        defaults={
            "person": person,
            "device": device,
            "made_at": now,
            "due_at": now if due else None,
        },
    )
    return known


def _is_any_alive(alert: Alert) -> bool:
    """Whether some message has arrived, is on its way, or may still go without a fault."""
    deliveries = alert.deliveries.all()
    return any(
        d.state in ("sent", "delivered") or (d.state == "queued" and not d.error)
        for d in deliveries
        if d.channel in PERSONAL or d.channel == SCREENS[0] or d.state == "delivered"
    )


def _is_board_watched(alert: Alert) -> bool:
    """Whether somebody of the agency looks at its board just now."""
    now = clock.now()
    return any(
        is_watched(screen, now)
        for screen in Screen.objects.filter(kind="board", agency=alert.agency)
        if screen.person.is_active
    )
