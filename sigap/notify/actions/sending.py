"""What is due is claimed, sent by others outside of any transaction, and noted here."""

from datetime import timedelta

from django.db.models import QuerySet

from sigap.core import clock
from sigap.core.actors import Actor
from sigap.core.journal import record, subject_of
from sigap.core.kinds.alerts import DeviceChanged
from sigap.core.machine import move
from sigap.core.parameters import value
from sigap.core.rows import row, write
from sigap.core.transaction import transaction

from ..models import Delivery, Device
from ..queries import why_stale
from .answers import take_by_phone
from .channels import note_channel
from .parts import arrive, end, look_again, moved, next_channels

AT_ONCE = 40
# So long the answer of a far end is waited for before the message is sent again: a worker that
# died meanwhile leaves nothing behind but this time.
UNSURE = timedelta(seconds=60)
LONGEST_PAUSE_S = 60.0


def claim_deliveries(*, actor: Actor) -> list[Delivery]:
    """The messages that may go now, claimed. Those that nobody needs any more are dropped with
    the reason, and those that were tried for too long have failed."""
    if not _due().exists():
        return []
    with transaction():
        now, claimed = clock.now(), []
        oldest = now - timedelta(seconds=value("alerts.retry_s"))
        for delivery in _due().select_related(*PARTS).order_by("due_at", "pk")[:AT_ONCE]:
            if reason := why_stale(delivery):
                end(delivery, "drop", reason, actor=actor)
            elif delivery.made_at <= oldest:
                _fail(delivery, "gave_up", actor)
            else:
                delivery.tries += 1
                delivery.due_at = now + UNSURE
                write(delivery, "tries", "due_at")
                claimed.append(delivery)
        return claimed


def note_taken(delivery_id: int, external: str = "", *, actor: Actor) -> None:
    """The far end has taken it."""
    with transaction():
        delivery = _get(delivery_id)
        if delivery is None:
            return
        note_channel(delivery.channel, "", actor=actor)
        if not delivery.MACHINE.allows(delivery.state, "send"):
            return  # its receipt was faster
        move(
            delivery,
            "send",
            actor=actor,
            case=delivery.alert.case,
            body=moved(delivery),
            due_at=None,
            error="",
            external=external[:128],
            sent_at=clock.now(),
        )


def note_failed(
    delivery_id: int,
    reason: str,
    *,
    actor: Actor,
    again: bool = True,
    after_s: float = 0.0,
    gone: bool = False,
    down: bool = True,
) -> None:
    """The far end has not taken it. `again`: it may later, so it is tried again, each time after
    a longer pause. `gone`: the device takes pushes no more. `down`: it is a fault of the channel
    and not of this one address."""
    with transaction():
        delivery = _get(delivery_id)
        if delivery is None or delivery.state != "queued":
            return
        if down:
            note_channel(delivery.channel, reason, actor=actor)
        if gone and delivery.device:
            _remove(delivery.device, actor)
        if not again:
            _fail(delivery, reason, actor)
            return
        pause = max(after_s, min(LONGEST_PAUSE_S, 2.0**delivery.tries))
        delivery.due_at, delivery.error = clock.now() + timedelta(seconds=pause), reason
        write(delivery, "due_at", "error")
        look_again(delivery.alert, actor=actor)


def note_receipt(
    reference: str, status: str, *, actor: Actor, reason: str = "", external: str = ""
) -> bool:
    """What a far end tells later of a message: `sent`, `delivered`, `read`, `failed`, or of a
    call `acknowledged`, where a person pressed the key that takes the job. It only ever comes
    further. Returns whether the message is ours."""
    with transaction():
        number = reference.removeprefix("d")
        known = reference[:1] == "d" and number.isascii() and number.isdecimal()
        delivery = _get(int(number)) if known and len(number) < 16 else None  # noqa: PLR2004
        if delivery is None:
            return False
        if external and not delivery.external:
            delivery.external = external[:128]
            write(delivery, "external")
        now = clock.now()
        if status == "failed":
            if delivery.MACHINE.allows(delivery.state, "fail"):
                note_channel(delivery.channel, reason or "failed", actor=actor)
                _fail(delivery, reason or "failed", actor)
        elif status == "sent":
            note_taken(delivery.pk, external, actor=actor)
        elif status in ("delivered", "read", "acknowledged"):
            arrive(delivery, now, actor=actor)
            if status == "read" and delivery.read_at is None:
                delivery.read_at = now
                write(delivery, "read_at")
                case, body = delivery.alert.case, moved(delivery)
                subject = subject_of(delivery)
                record("delivery.read", subject=subject, case=case, actor=actor, body=body)
            if status == "acknowledged" and delivery.channel == "voice":
                take_by_phone(delivery)
        return True


PARTS = ("alert__unit__agency", "alert__agency", "person", "device")


def _due() -> QuerySet[Delivery]:
    return Delivery.objects.filter(state="queued", due_at__lte=clock.now())


def _get(pk: int) -> Delivery | None:
    return Delivery.objects.select_related(*PARTS).filter(pk=pk).first()


def _fail(delivery: Delivery, reason: str, actor: Actor) -> None:
    """It has come to nothing: whom it was for is tried by their next channel at once, unless
    another of their devices has it."""
    end(delivery, "fail", reason, actor=actor)
    alert, person = delivery.alert, delivery.person
    if not alert.stands or alert.cause == "test":
        return
    if person is not None:
        same = alert.deliveries.filter(person=person, channel=delivery.channel)
        if not same.exclude(state__in=("failed", "dropped")).exists():
            later = alert.deliveries.filter(person=person, pk__gt=delivery.pk)
            if not later.exclude(channel=delivery.channel).exists():
                next_channels(alert, [person])
    look_again(alert, actor=actor)


def _remove(device: Device, actor: Actor) -> None:
    known = row(Device, pk=device.pk)
    if known is None or not known.active:
        return
    known.active, known.sealed = False, ""
    write(known, "active", "sealed")
    body = DeviceChanged(person=known.person_id, reason="gone")
    record("device.removed", subject=subject_of(known), actor=actor, body=body)
