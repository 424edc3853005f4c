"""What came from crews' phones, each once; the words are core texts, the photos encrypted files."""

from django.db import models
from django.db.models import Q

from sigap.core.models import Text, User
from sigap.fleet.models import Unit

from ..models import Assignment

OUTCOMES = ("done", "already", "refused")
# How far the phone's clock was to be believed: as it went, corrected by a measured offset, or not
# at all (then the time is that of arrival, and is marked as derived).
CLOCKS = ("right", "corrected", "unknown")
FORMS = ("patients", "action", "materials")


class CrewAct(models.Model):
    """One press of a crew, under the name that its phone gave it, and what became of it: sent
    again, it is answered by this and not done again."""

    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    external_id = models.CharField(max_length=64)
    name = models.CharField(max_length=20)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    # The phone's own clock at the press (ms since 1970) and how far it was off, as it measured.
    phone_ms = models.BigIntegerField(null=True)
    offset_ms = models.BigIntegerField(null=True)
    clock = models.CharField(max_length=10)
    outcome = models.CharField(max_length=8)
    code = models.CharField(max_length=32, blank=True)
    message = models.CharField(max_length=400, blank=True)  # why it was refused, as it was told

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "external_id"], name="crew_act_once"),
            models.CheckConstraint(
                condition=Q(outcome__in=("done", "already", "refused")), name="crew_act_outcome"
            ),
        ]


class OnBoard(models.Model):
    """Who is on a vehicle: colleagues by their accounts, and how many people in all."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="on_board")
    people = models.JSONField(default=list)  # ids of accounts
    count = models.IntegerField()
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["unit"], condition=Q(until=None), name="on_board_once_per_unit"
            )
        ]


class FieldReport(models.Model):
    """A short form of a crew: codes and numbers here, words as an erasable text."""

    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="reports")
    form = models.CharField(max_length=12)
    counts = models.JSONField(default=dict)  # code of a line of the form -> how many
    words = models.ForeignKey(Text, models.SET_NULL, null=True, related_name="+")
    author = models.CharField(max_length=40)
    occurred_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(form__in=("patients", "action", "materials")), name="report_form_known"
            )
        ]


class FieldPhoto(models.Model):
    """A photo that a crew's phone has announced; it comes in pieces, and is kept when whole."""

    mime = "image/jpeg"  # all are drawn anew as this

    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    external_id = models.CharField(max_length=64)
    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="photos")
    name = models.CharField(max_length=64, unique=True)  # of the file: random
    size = models.IntegerField()  # as announced
    sha256 = models.CharField(max_length=64)  # as announced
    received = models.IntegerField(default=0)
    pieces = models.JSONField(default=list)  # their digests, in order
    digest = models.CharField(max_length=64, blank=True)  # of what is kept
    occurred_at = models.DateTimeField()
    announced_at = models.DateTimeField()
    kept_at = models.DateTimeField(null=True)
    refused = models.CharField(max_length=32, blank=True)  # why it is not kept
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "external_id"], name="field_photo_once")
        ]
