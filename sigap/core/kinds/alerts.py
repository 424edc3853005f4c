"""What the journal says of alerts: who was to be reached, by which way, and what became of it."""

from ..codes import Code
from .body import Body, Reason


class AlertMade(Body):
    """Why people are alerted, how many, and what the roster lacked."""

    cause: Code
    unit: Code = ""
    people: int = 0
    gap: Code = ""


class AlertStep(Body):
    """What is done because nobody has answered yet."""

    step: Code
    unit: Code = ""


class AlertAnswered(Body):
    """By what a person answered an alert, and how long that took."""

    how: Code
    unit: Code = ""
    waited_s: int | None = None


class DeliveryMoved(Body):
    """What became of one message: by which channel, to whom, the how-manieth attempt, and why it
    failed or was not sent any more."""

    channel: Code
    unit: Code = ""
    person: int | None = None
    attempt: int = 1
    tries: int = 0
    reason: Code = ""


class NoticeMoved(Body):
    """What became of one message to the caller of an incident, and why it was not sent."""

    notice: Code
    reason: Code = ""


class DutyChanged(Body):
    """Whose duty, for which unit or agency, and who said so."""

    person: int
    agency: Code
    unit: Code = ""
    source: Code = ""


class DeviceChanged(Body):
    """Whose device takes pushes, or does no more, and why."""

    person: int
    reason: Code = ""


ALERT_KINDS: dict[str, type[Body]] = {
    "notice.queued": NoticeMoved,
    "notice.send": NoticeMoved,
    "notice.deliver": NoticeMoved,
    "notice.instead": NoticeMoved,
    "notice.fail": NoticeMoved,
    "notice.drop": NoticeMoved,
    "alert.made": AlertMade,
    "alert.escalated": AlertStep,
    "alert.acknowledged": AlertAnswered,
    "alert.over": Reason,
    "delivery.send": DeliveryMoved,
    "delivery.deliver": DeliveryMoved,
    "delivery.fail": DeliveryMoved,
    "delivery.drop": DeliveryMoved,
    "delivery.read": DeliveryMoved,
    "duty.begun": DutyChanged,
    "duty.entered": DutyChanged,
    "duty.ended": DutyChanged,
    "duty.removed": DutyChanged,
    "device.added": DeviceChanged,
    "device.removed": DeviceChanged,
}
