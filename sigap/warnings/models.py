"""Where warnings come from, those that came, and those that the city issues itself. Their words
are public: they are no personal data."""

from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from sigap.core.machine import Machine, StateField, state_constraint
from sigap.core.models import User

from .machine import ANNOUNCEMENT, WARNING


class WarningSource(models.Model):
    """An address that warnings are read from: a CAP message, or an index (RSS, Atom) of them."""

    name = models.CharField(max_length=80, unique=True)
    url = models.URLField(max_length=500, unique=True)
    language = models.CharField(max_length=5, default="id", choices=settings.LANGUAGES)
    active = models.BooleanField(default=True)
    every_s = models.IntegerField(
        default=120, validators=[MinValueValidator(30), MaxValueValidator(86_400)]
    )
    # Other hosts that its links may lead to. One that is named may be in our own network.
    hosts = models.JSONField(default=list, blank=True)
    # With one, only what it has signed is shown (PEM).
    certificate = models.TextField(blank=True)
    # What the poll notes about itself; a sign of life, not history.
    due_at = models.DateTimeField(null=True, blank=True)
    watched_at = models.DateTimeField(null=True, blank=True)  # since when it is asked
    ok_at = models.DateTimeField(null=True, blank=True)
    fault = models.CharField(max_length=32, blank=True)
    fault_at = models.DateTimeField(null=True, blank=True)
    distrusted = models.BooleanField(default=False)  # a signature was wrong at the last poll
    etag = models.CharField(max_length=200, blank=True)
    modified = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(every_s__gte=30, every_s__lte=86_400), name="warningsource_pace"
            )
        ]

    def __str__(self) -> str:
        return self.name


class WarningFile(models.Model):
    """A message that an index leads to: what it was when it was read last."""

    source = models.ForeignKey(WarningSource, models.CASCADE, related_name="files")
    url = models.CharField(max_length=500)
    etag = models.CharField(max_length=200, blank=True)
    modified = models.CharField(max_length=64, blank=True)
    asked_at = models.DateTimeField(null=True)
    fault = models.CharField(max_length=32, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "url"], name="warningfile_once")]


class WarningFault(models.Model):
    """Something that came and could not be taken for a warning, and why; once per content."""

    source = models.ForeignKey(WarningSource, models.CASCADE, related_name="faults")
    url = models.CharField(max_length=500)
    code = models.CharField(max_length=32)
    digest = models.CharField(max_length=64, blank=True)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField(db_index=True)
    times = models.IntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "url", "code", "digest"], name="warningfault_once"
            )
        ]


class ReceivedWarning(models.Model):
    """A CAP message of a source, once. What it says is kept as it was understood, and whole."""

    MACHINE: ClassVar[Machine] = WARNING
    state = StateField(WARNING)
    version = models.IntegerField(default=0)
    source = models.ForeignKey(WarningSource, models.PROTECT, related_name="warnings")
    sender = models.CharField(max_length=200)
    identifier = models.CharField(max_length=200)
    sent = models.DateTimeField()
    digest = models.CharField(max_length=64)
    status = models.CharField(max_length=32)
    msg_type = models.CharField(max_length=32)
    scope = models.CharField(max_length=32)
    references = models.JSONField(default=list)  # [sender, identifier, sent in UTC]
    infos = models.JSONField(default=list)
    oddities = models.JSONField(default=list)
    severity = models.CharField(max_length=32)
    urgency = models.CharField(max_length=32)
    certainty = models.CharField(max_length=32)
    areas = models.JSONField(default=list)  # codes of the kelurahan that it touches
    shape = models.JSONField(null=True)  # GeoJSON, simplified, near the city
    expires = models.DateTimeField()
    received_at = models.DateTimeField(db_index=True)
    document = models.TextField()

    class Meta:
        constraints = [
            state_constraint(WARNING),
            models.UniqueConstraint(
                fields=["source", "sender", "identifier", "sent"], name="warning_once"
            ),
        ]
        indexes = [
            models.Index(fields=["expires"], condition=Q(state="in_force"), name="warning_in_force")
        ]

    @property
    def is_practice(self) -> bool:
        """Whether it says of itself that nothing has happened."""
        return self.status != "Actual"


class Announcement(models.Model):
    """A warning of the city's own; an update or a cancellation is one more, which names the
    one before."""

    MACHINE: ClassVar[Machine] = ANNOUNCEMENT
    state = StateField(ANNOUNCEMENT)
    version = models.IntegerField(default=0)
    msg_type = models.CharField(max_length=10, default="Alert")
    before = models.ForeignKey("self", models.PROTECT, null=True, related_name="later")
    category = models.CharField(max_length=10)
    severity = models.CharField(max_length=10)
    urgency = models.CharField(max_length=10)
    certainty = models.CharField(max_length=10)
    event = models.CharField(max_length=80)
    headline = models.CharField(max_length=160)
    description = models.TextField()
    instruction = models.TextField(blank=True)
    event_en = models.CharField(max_length=80, blank=True)
    headline_en = models.CharField(max_length=160, blank=True)
    description_en = models.TextField(blank=True)
    instruction_en = models.TextField(blank=True)
    areas = models.JSONField(default=list)  # codes that were picked
    lat = models.FloatField(null=True)
    lng = models.FloatField(null=True)
    radius_km = models.FloatField(null=True)
    hours = models.FloatField()  # from the issue on
    written_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    proposed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    signed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    # From the issue on; nothing of it changes any more.
    exercise = models.BooleanField(default=False)
    sender = models.CharField(max_length=200, blank=True)
    identifier = models.CharField(max_length=200, blank=True)
    sent = models.DateTimeField(null=True, db_index=True)
    expires = models.DateTimeField(null=True)
    touched = models.JSONField(default=list)  # codes, with those that the circle touches
    regions = models.JSONField(default=list)  # as published: name, code, rings (lat, lng)
    shape = models.JSONField(null=True)  # GeoJSON for the map

    class Meta:
        constraints = [
            state_constraint(ANNOUNCEMENT),
            models.CheckConstraint(
                condition=Q(signed_by=None)
                | (~Q(signed_by=models.F("proposed_by")) & ~Q(signed_by=models.F("written_by"))),
                name="announcement_two_people",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("draft", "proposed", "dropped"))
                | Q(signed_by__isnull=False, sent__isnull=False, expires__isnull=False),
                name="announcement_signed",
            ),
        ]
        indexes = [
            models.Index(
                fields=["expires"], condition=Q(state="issued"), name="announcement_in_force"
            )
        ]
