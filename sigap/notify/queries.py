"""What the screens show of alerts, and what is said in one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models
from django.db.models import Count, Max, Q
from django.utils import translation
from django.utils.translation import gettext as _

from sigap.complaints.chat.queries import may_ask_callers
from sigap.core import clock
from sigap.core.models import User
from sigap.core.names import named
from sigap.core.personal import spoken_number
from sigap.core.queries import deployment, site
from sigap.dispatch.models import Assignment
from sigap.dispatch.queries import get as get_job
from sigap.fleet.models import Agency, MoveUp
from sigap.incidents.machine import ACTIVE
from sigap.incidents.queries import carrier

from .machine import CHANNELS
from .models import Alert, Channel, Delivery, Duty, Notice, Phone, Screen
from .recipients import is_set_up
from .sealed import opened

URGENT = 2  # this priority and above wakes a phone
WEEK = timedelta(days=7)
WAITS = ("move_up", "move_back")  # a unit is to wait elsewhere, or at its own place again


@dataclass(frozen=True)
class Message:
    """What is told: what happened and in which kelurahan, and nothing of any person."""

    title: str
    what: str
    where: str
    url: str
    tag: str
    urgent: bool
    sender: str

    @property
    def body(self) -> str:
        """What happened and where, as one line."""
        return f"{self.what}, {self.where}" if self.where else self.what

    @property
    def text(self) -> str:
        """All of it, for a message that has no title."""
        return f"{self.sender}: {self.title}. {self.body}."


def message_of(delivery: Delivery) -> Message:
    """What a delivery says, in the language of whom it is for."""
    alert, person = delivery.alert, delivery.person
    with translation.override(person.language if person else translation.get_language()):
        unit = alert.unit.call_sign if alert.unit else alert.agency.short
        crew = person is None or (alert.unit is not None and person.unit == alert.unit.call_sign)
        url = "/crew" if crew else "/agency"
        tag, served = f"alert-{alert.pk}", deployment()
        sender = f"112 {served.name}" if served else "112"
        if alert.cause == "mayday":
            what = _("The crew itself is in need. Ask the control room.")
            title = _("%(unit)s calls for help") % {"unit": unit}
            return Message(_titled(title), what, "", "/station", tag, True, sender)
        if alert.cause in WAITS:
            title = _("%(unit)s: where to wait") % {"unit": unit}
            return Message(_titled(title), where_to_wait(alert), "", url, tag, False, sender)
        if alert.cause != "assignment":
            what = _("This is a test. Nothing has happened.")
            title = _("Test alert %(unit)s") % {"unit": unit}
            return Message(title, what, "", url, tag, False, sender)
        incident = carrier(get_job(number_in(alert)).incident)
        title = _("New job for %(unit)s, P%(n)s") % {"unit": unit, "n": incident.priority}
        where = incident.area.name if incident.area else ""
        urgent = incident.priority <= URGENT
        return Message(_titled(title), named(incident.type), where, url, tag, urgent, sender)


def where_to_wait(alert: Alert) -> str:
    """What a unit is told that waits elsewhere for now, or no more."""
    if alert.cause == "move_back":
        return _("Wait at your own place again.")
    held = MoveUp.objects.get(pk=number_in(alert))
    return _("Wait at: %(place)s. Nothing has happened there.") % {"place": held.name}


def _titled(title: str) -> str:
    """Nobody is to drive off because of an exercise."""
    served = deployment()
    return _("EXERCISE. %(title)s") % {"title": title} if served and served.drill else title


def why_stale(delivery: Delivery) -> str:
    """Why nobody needs this message any more; "" while somebody does."""
    alert = delivery.alert
    if alert.over or alert.acknowledged_at:
        return alert.over or "acknowledged"
    if alert.cause == "assignment":
        state = Assignment.objects.values_list("state", flat=True).get(pk=number_in(alert))
        if state in ("declined", "cancelled", "completed"):
            return state
        if state != "notified":
            return "acknowledged"
    waits = MoveUp.objects.filter(unit=alert.unit, state="accepted")
    if alert.cause == "move_up" and not waits.filter(pk=number_in(alert)).exists():
        return "ended"
    if alert.cause == "move_back" and waits.exists():
        return "ended"
    if delivery.device is not None and not delivery.device.active:
        return "gone"
    if delivery.person is not None and not delivery.person.is_active:
        return "deactivated"
    return ""


def number_in(alert: Alert) -> int:
    """The number of the job that an alert is about, or of the waiting place."""
    return int(alert.subject.partition(":")[2])


def phone_of(user: User) -> str:
    """The number by which a person is alerted, as people say it; "" for none."""
    known = Phone.objects.filter(person=user).first()
    return spoken_number(opened(known.sealed)) if known else ""


def alerts_of(incident_ids: Iterable[int]) -> list[Alert]:
    """All alerts of these incidents, with what became of each message."""
    cases = [f"incident:{pk}" for pk in incident_ids]
    return list(_with_deliveries().filter(case__in=cases).order_by("pk"))


def tests_of(agency: Agency, most: int = 5) -> list[Alert]:
    """The newest test alerts of an agency, with their results."""
    return list(_with_deliveries().filter(agency=agency, cause="test").order_by("-pk")[:most])


def ringing_at(screen: Screen) -> list[Alert]:
    """What a station's screen is to show: jobs of its unit or agency that nobody has taken,
    and of the last minutes tests and where to wait; the newest first."""
    standing = Q(acknowledged_at=None, over="")
    whose = Q(unit=screen.unit) if screen.unit else Q(agency=screen.agency)
    recent = Q(made_at__gt=clock.now() - timedelta(minutes=5))
    found = Alert.objects.select_related("unit", "agency").filter(standing & whose)
    alerts = found.filter(~Q(cause__in=("test", *WAITS)) | recent).order_by("-pk")[:20]
    jobs = Assignment.objects.filter(state="notified")
    waiting = {f"assignment:{pk}" for pk in jobs.values_list("pk", flat=True)}
    return [a for a in alerts if a.cause != "assignment" or a.subject in waiting]


def roster_of(agency: Agency, since: datetime) -> Sequence[Duty]:
    """The duties of an agency's people that go on or come within a week."""
    duties = Duty.objects.select_related("person", "unit").filter(agency=agency)
    going = Q(ends_at__gt=since) | Q(ends_at=None, ended_at=None)
    return list(duties.filter(going, starts_at__lt=since + WEEK).order_by("starts_at", "pk"))


@dataclass(frozen=True)
class Health:
    """How one channel does."""

    name: str
    is_set_up: bool
    success_at: datetime | None
    sent: int
    failed: int
    waiting: int
    error: str
    is_down: bool


def channel_health() -> list[Health]:
    """How each channel does: its last success, and the last hour."""
    known = {channel.name: channel for channel in Channel.objects.all()}
    since = clock.now() - timedelta(hours=1)
    counted = Delivery.objects.filter(made_at__gt=since).values("channel")
    figures = {
        row["channel"]: row
        for row in counted.annotate(
            sent=Count("pk", filter=Q(state__in=("sent", "delivered"))),
            failed=Count("pk", filter=Q(state="failed")),
            waiting=Count("pk", filter=Q(state="queued")),
        )
    }
    arrived = dict(
        Delivery.objects.filter(channel="station", delivered_at__isnull=False)
        .values_list("channel")
        .annotate(Max("delivered_at"))
    )
    found = []
    for name in CHANNELS:
        channel, row = known.get(name), figures.get(name, {})
        found.append(
            Health(
                name=name,
                is_set_up=is_set_up(name),
                success_at=channel.success_at if channel else arrived.get(name),
                sent=row.get("sent", 0),
                failed=row.get("failed", 0),
                waiting=row.get("waiting", 0),
                error=channel.error if channel else "",
                is_down=bool(channel and channel.failing_since),
            )
        )
    return found


def _with_deliveries() -> models.QuerySet[Alert]:
    return Alert.objects.select_related("unit", "agency", "acknowledged_by").prefetch_related(
        models.Prefetch(
            "deliveries",
            Delivery.objects.select_related("person", "device").order_by("pk"),
        )
    )


def why_unwanted(notice: Notice) -> str:
    """Why its caller need not be told any more; "" while that is of use."""
    incident = notice.incident
    if notice.contact is None or not notice.contact.number:
        return "erased"
    if notice.kind == "coming" and incident.state not in ACTIVE:
        return "over"
    if notice.kind == "parked" and incident.parked_at is None:
        return "taken_up"
    return ""


def link_for_caller(notice: Notice) -> str:
    """Where its caller sees how it goes, and says how it was."""
    return f"{site()}/bantuan/{notice.incident.token}"


def words_for_caller(notice: Notice) -> str:
    """What a caller is told: nothing of what happened, since others may read it."""
    with translation.override("id"):
        served = deployment()
        sender = f"112 {served.name}" if served else "112"
        link = link_for_caller(notice)
        text = {
            "coming": _("%(sender)s: help is on its way. Follow it: %(link)s"),
            "parked": _(
                "%(sender)s: your report is kept; more urgent ones go first now. In danger ring "
                "112 again. %(link)s"
            ),
            # Whom WhatsApp asks how it was, is not asked here as well.
            "over": _("%(sender)s: your report is done with. How was it? %(link)s")
            if may_ask_callers()
            else _("%(sender)s: your report is done with. %(link)s"),
        }[notice.kind] % {"sender": sender, "link": link}
        return _titled(text)
