"""What reports where units are, and where they have been. Frequent, so outside the journal."""

from django.db import models
from django.db.models import Q

from sigap.core.models import User

PHONE = "phone"  # a crew's own, known by who is signed in
KINDS = ("owntracks", "traccar", "json")  # what an administrator makes, known by its token


class Device(models.Model):
    """A phone or tracker of a unit: who it is, what it said last that is believed, and what
    it said that is not yet."""

    unit = models.ForeignKey("fleet.Unit", models.CASCADE, related_name="devices")
    kind = models.CharField(max_length=12)
    label = models.CharField(max_length=40, blank=True)
    # A keyed hash: the token itself is shown once and kept nowhere.
    digest = models.CharField(max_length=64, null=True, unique=True)
    # The number that is built into a tracker. No secret: its server shows a token of its own.
    identifier = models.CharField(max_length=64, null=True, unique=True)
    person = models.ForeignKey(User, models.CASCADE, null=True, related_name="+")
    active = models.BooleanField(default=True)
    last_at = models.DateTimeField(null=True)  # when it was heard, by our clock
    last_fault = models.CharField(max_length=16, blank=True)

    at = models.DateTimeField(null=True)
    lat = models.FloatField(null=True)
    lng = models.FloatField(null=True)
    accuracy_m = models.IntegerField(null=True)
    doubt_at = models.DateTimeField(null=True)
    doubt_lat = models.FloatField(null=True)
    doubt_lng = models.FloatField(null=True)
    # The newest point of its track, from which the next is thinned.
    track_at = models.DateTimeField(null=True)
    track_lat = models.FloatField(null=True)
    track_lng = models.FloatField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "person"], condition=Q(person__isnull=False), name="phone_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.unit.call_sign} {self.label or self.kind}"


class TrackPoint(models.Model):
    """Where a device of a unit was: thinned, and erased after the city's days."""

    unit = models.ForeignKey("fleet.Unit", models.CASCADE, related_name="track")
    device = models.ForeignKey(Device, models.CASCADE, related_name="track")
    at = models.DateTimeField()
    lat = models.FloatField()
    lng = models.FloatField()
    accuracy_m = models.IntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["device", "at"], name="track_once")]
        indexes = [
            models.Index(fields=["unit", "at"], name="track_of_unit"),
            models.Index(fields=["at"], name="track_age"),
        ]
