"""What the journal and the screens say of alerts, in the language of whoever reads it."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from sigap.notify.models import Alert, Delivery

# Behind whose sentence the reason stands.
TELL_WHY = {"notice.fail", "notice.drop", "notice.instead"} | {
    "delivery.fail",
    "delivery.drop",
    "alert.over",
    "alert.made",
    "device.removed",
}


def alert_templates() -> dict[str, str]:
    """A sentence for each kind of journal row about them."""
    return {
        "alert.made": _("Alert to %(unit)s, %(people)s people"),
        "alert.escalated": _("%(unit)s does not answer: %(step)s"),
        "alert.acknowledged": _("%(unit)s has taken it (%(how)s) after %(waited)s s"),
        "alert.over": _("Alert over"),
        "delivery.send": _("%(channel)s to %(unit)s, %(who)s: sent"),
        "delivery.deliver": _("%(channel)s to %(unit)s, %(who)s: arrived"),
        "delivery.read": _("%(channel)s to %(unit)s, %(who)s: read"),
        "delivery.fail": _("%(channel)s to %(unit)s, %(who)s: failed"),
        "delivery.drop": _("%(channel)s to %(unit)s, %(who)s: not sent any more"),
        "notice.queued": _("The caller is to be told: %(notice)s"),
        "notice.send": _("The caller was told: %(notice)s"),
        "notice.deliver": _("The message to the caller arrived: %(notice)s"),
        "notice.instead": _("The caller is told by SMS, not by WhatsApp: %(notice)s"),
        "notice.fail": _("The caller was not told: %(notice)s"),
        "notice.drop": _("The caller need not be told any more: %(notice)s"),
        "duty.begun": _("Duty begun on the phone: %(who)s, %(unit)s"),
        "duty.entered": _("On the roster: %(who)s, %(unit)s"),
        "duty.ended": _("Duty ended: %(who)s, %(unit)s"),
        "duty.removed": _("Out of the roster: %(who)s, %(unit)s"),
        "device.added": _("A phone of %(who)s takes alerts"),
        "device.removed": _("A phone of %(who)s takes no alerts any more"),
    }


def alert_facts(body: dict[str, Any], people: dict[str, str]) -> dict[str, Any]:
    """What those sentences name."""
    person = body.get("person")
    return {
        "channel": channel_names().get(body.get("channel", ""), ""),
        "who": people.get(f"user:{person}", _("the screen")),
        "people": body.get("people", 0),
        "step": step_names().get(body.get("step", ""), body.get("step", "")),
        "notice": notice_names().get(body.get("notice", ""), ""),
        "how": how_names().get(body.get("how", ""), body.get("how", "")),
        "waited": body.get("waited_s", 0) or 0,
    }


def channel_names() -> dict[str, str]:
    """By which ways people are alerted."""
    return {
        "push": "Push",
        "station": _("Station screen"),
        "whatsapp": "WhatsApp",
        "sms": "SMS",
        "voice": _("Voice call"),
        "board": _("Agency board"),
    }


def notice_names() -> dict[str, str]:
    """What callers are told."""
    return {
        "coming": _("help is coming"),
        "parked": _("it must wait"),
        "over": _("how it ended"),
    }


def step_names() -> dict[str, str]:
    """What is done because nobody answers."""
    return {
        "first": _("first channel"),
        "second": _("next channel tried"),
        "next_unit": _("next unit proposed"),
        "supervisor": _("supervisor alarmed"),
    }


def how_names() -> dict[str, str]:
    """By what a person answered."""
    return {
        "crew": _("crew"),
        "agency": _("agency"),
        "dispatcher": _("dispatcher"),
        "station": _("Station screen"),
        "voice": _("Voice call"),
        "gps": _("GPS"),
        "derived": _("derived"),
    }


def why_names() -> dict[str, str]:
    """Why the roster did not tell whom to alert, or a message came to nothing."""
    return {
        "no_roster": _("nobody on the roster: all of the unit"),
        "no_people": _("no crew known: the agency's board"),
        "no_address": _("no phone known of those on duty"),
        "nobody": _("nobody can be reached: tell them by radio"),
        "not_set_up": _("alerts are not set up"),
        "acknowledged": _("already taken"),
        "cancelled": _("called off"),
        "declined": _("declined"),
        "completed": _("already over"),
        "deactivated": _("the account is closed"),
        "gone": _("the phone takes no pushes any more"),
        "cut_off": _("the screen is cut off"),
        "gave_up": _("tried for too long"),
        "timeout": _("no answer in time"),
        "unreachable": _("could not be reached"),
        "no_number": _("no number known"),
        "asked": _("switched off on the phone"),
        "stuck": _("nobody sends"),
        "called_off": _("called off"),
    }


def why(code: str) -> str:
    """A reason in words; a far end's own code stands for itself."""
    return why_names().get(code, code)


def result(delivery: Delivery, alert: Alert) -> str:
    """What became of a message, in a sentence: that it was sent says nothing of its arrival."""
    if delivery.state == "queued":
        if delivery.error:
            return _("tried %(n)s times: %(why)s") % {
                "n": delivery.tries,
                "why": why(delivery.error),
            }
        return pgettext("delivery", "waits")
    if delivery.state in ("failed", "dropped"):
        failed = delivery.state == "failed"
        said = pgettext("delivery", "failed") if failed else pgettext("delivery", "not sent")
        return f"{said}: {why(delivery.error)}"
    if delivery.read_at:
        return pgettext("delivery", "read")
    if delivery.state == "delivered":
        return pgettext("delivery", "arrived")
    return _("sent; no sign that it arrived") if alert.stands else pgettext("delivery", "sent")


def shown(alert: Alert) -> dict[str, Any]:
    """An alert with what became of each of its messages."""
    names = channel_names()
    return {
        "alert": alert,
        "unit": alert.unit.call_sign if alert.unit else alert.agency.short,
        "gap": why(alert.gap) if alert.gap else "",
        "over": why(alert.over) if alert.over else "",
        "messages": [
            {
                "row": row,
                "channel": names.get(row.channel, row.channel),
                "who": row.person.name if row.person else "",
                "device": row.device.label if row.device else "",
                "result": result(row, alert),
            }
            for row in alert.deliveries.all()
        ],
    }
