"""Who is on duty, by which ways people are reached, and what became of each alert."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

from sigap.core.machine import Machine, StateField, state_constraint
from sigap.core.models import Contact, JournalReader, User
from sigap.fleet.models import Agency, Unit
from sigap.incidents.models import Incident

from .machine import CHANNELS, DELIVERY, NOTICE, NOTICE_CHANNELS, NOTICES


class Cursor(JournalReader):
    """How far the journal was read for alerts, and for messages to callers."""


class Duty(models.Model):
    """When a person works for a unit, or for an agency as a whole."""

    SOURCES = (("phone", "phone"), ("roster", "roster"))

    person = models.ForeignKey(User, models.PROTECT, related_name="duties")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="duties")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="duties")
    role = models.CharField(max_length=20)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)  # as planned; a shift begun on the phone has none
    ended_at = models.DateTimeField(null=True)  # when it really ended, where that was before
    source = models.CharField(max_length=10, choices=SOURCES)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=models.F("starts_at")),
                name="duty_ends_after_it_starts",
            )
        ]
        indexes = [models.Index(fields=["unit", "starts_at"], name="duty_of_unit")]


class Device(models.Model):
    """A browser that takes pushes of an account. Whoever knows the address can write to it, so
    that it is kept encrypted; `key` finds it again."""

    person = models.ForeignKey(User, models.PROTECT, related_name="devices")
    key = models.CharField(max_length=64, unique=True)
    sealed = models.TextField(blank=True)  # endpoint and keys; emptied when it is gone
    label = models.CharField(max_length=60, blank=True)
    active = models.BooleanField(default=True)
    made_at = models.DateTimeField()


class Phone(models.Model):
    """A person's own number for alerts, encrypted: it is personal data."""

    person = models.OneToOneField(User, models.PROTECT, related_name="alert_phone")
    sealed = models.CharField(max_length=255)


class Screen(models.Model):
    """A station's screen, or an agency's board that somebody looks at. Presence, not history:
    it is not journalled."""

    KINDS = (("station", "station"), ("board", "board"))

    kind = models.CharField(max_length=10, choices=KINDS)
    person = models.ForeignKey(User, models.PROTECT, related_name="screens")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True)
    agency = models.ForeignKey(Agency, models.PROTECT)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "person"], name="screen_once")]


def check_channels(channels: Any) -> None:
    """Refuse what is no channel, or none at all."""
    known = isinstance(channels, list) and bool(channels) and set(channels) <= set(CHANNELS)
    if not known or len(set(channels)) < len(channels):
        raise ValidationError(_("Possible: %(known)s.") % {"known": ", ".join(CHANNELS)})


class Ways(models.Model):
    """By which channels an agency's people are alerted, the first one first."""

    agency = models.OneToOneField(Agency, models.CASCADE, related_name="ways")
    channels = models.JSONField(default=list, validators=[check_channels])

    def __str__(self) -> str:
        return self.agency.short


class Alert(models.Model):
    """Why people are alerted, how far that has gone, and who answered."""

    cause = models.CharField(max_length=20)  # assignment, test, ...
    subject = models.CharField(max_length=40)
    case = models.CharField(max_length=40, blank=True, db_index=True)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True)
    agency = models.ForeignKey(Agency, models.PROTECT)
    made_at = models.DateTimeField()
    # How those who were to be alerted were found: "" by the roster, else what was missing.
    gap = models.CharField(max_length=20, blank=True)
    step = models.CharField(max_length=20, default="first")
    wait_s = models.IntegerField()  # how long a person's answer is waited for at each step
    due_at = models.DateTimeField(null=True)  # when the next step is due
    # Only a person acknowledges: `acknowledged_how` is by what.
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    acknowledged_how = models.CharField(max_length=12, blank=True)
    over = models.CharField(max_length=20, blank=True)  # why nobody need be alerted any more

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cause", "subject"], name="alert_once")]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="alert_due")
        ]

    @property
    def stands(self) -> bool:
        """Whether an answer is still waited for."""
        return self.acknowledged_at is None and not self.over


class Delivery(models.Model):
    """One message to one recipient by one channel."""

    MACHINE: ClassVar[Machine] = DELIVERY
    state = StateField(DELIVERY)
    version = models.IntegerField(default=0)
    alert = models.ForeignKey(Alert, models.PROTECT, related_name="deliveries")
    channel = models.CharField(max_length=10)
    recipient = models.CharField(max_length=40)  # device:3, user:5, screen:2, agency:psc119
    person = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    device = models.ForeignKey(Device, models.PROTECT, null=True, related_name="+")
    attempt = models.IntegerField(default=1)
    tries = models.IntegerField(default=0)  # how often the far end was asked to take it
    due_at = models.DateTimeField(null=True)  # when the worker is to try (again)
    error = models.CharField(max_length=32, blank=True)
    external = models.CharField(max_length=128, blank=True)  # the far end's name for it
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)  # as the far end says, which is no acknowledgement

    class Meta:
        constraints = [
            state_constraint(DELIVERY),
            models.UniqueConstraint(
                fields=["alert", "recipient", "channel", "attempt"], name="delivery_once"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="delivery_due"),
            models.Index(fields=["channel", "made_at"], name="delivery_channel"),
        ]


class Notice(models.Model):
    """What the caller of an incident is told by message: help is coming, it must wait, it is over.
    The words are made when it is sent, and kept nowhere."""

    MACHINE: ClassVar[Machine] = NOTICE
    state = StateField(NOTICE)
    version = models.IntegerField(default=0)
    kind = models.CharField(max_length=10)
    channel = models.CharField(max_length=10, default="sms")
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="notices")
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, related_name="+")
    tries = models.IntegerField(default=0)
    due_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=32, blank=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            state_constraint(NOTICE),
            models.CheckConstraint(condition=Q(kind__in=NOTICES), name="notice_kind_known"),
            models.CheckConstraint(
                condition=Q(channel__in=NOTICE_CHANNELS), name="notice_channel_known"
            ),
            models.UniqueConstraint(fields=["incident", "kind"], name="notice_once"),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="notice_due")
        ]


class Channel(models.Model):
    """Whether a channel works: when it last did, and since when it has not."""

    name = models.CharField(max_length=10, unique=True)
    success_at = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    misses = models.IntegerField(default=0)  # in a row, by a fault of the far end
    error = models.CharField(max_length=32, blank=True)
