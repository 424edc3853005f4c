"""What the machine proposes, what became of it, and how easily it raises an alarm."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from sigap.core.codes import CodeField
from sigap.core.machine import Machine, StateField, state_constraint
from sigap.core.models import Text
from sigap.fleet.models import Agency

from .machine import ALARMS, KINDS, PROPOSAL, STEPS


class Advice(models.Model):
    """What is proposed where something comes more often, all at once, or again and again: the
    city's own words for one kind of case (`type:…`, `category:…` or `prank`), and `all` for all
    that have none."""

    stream = CodeField(unique=True, max_length=50)
    # Whose it is, where that is not the agency of the type or category.
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, related_name="+")
    # Where cases come again stands in public space: its place may be told to all who read.
    public_place = models.BooleanField(default=False)
    trend = models.CharField(max_length=300)
    trend_en = models.CharField(max_length=300)
    burst = models.CharField(max_length=300, blank=True)
    burst_en = models.CharField(max_length=300, blank=True)
    lasting = models.CharField(max_length=300, blank=True)
    lasting_en = models.CharField(max_length=300, blank=True)
    target = models.CharField(max_length=120, blank=True)  # whom outreach should reach
    target_en = models.CharField(max_length=120, blank=True)

    def __str__(self) -> str:
        return self.stream


class Threshold(models.Model):
    """How rare something must be in one kind of case to be an alarm, and what the scores of the
    scans mean there: made of the category's own past."""

    stream = CodeField(unique=True, max_length=50)
    version = models.IntegerField(default=0)
    period = models.IntegerField(default=STEPS[0])  # days between two false alarms
    curves = models.JSONField(default=dict)  # {"scan": {days: score}, "rise": …, "either": …}
    cases = models.IntegerField(default=0)  # of which it was made
    days = models.IntegerField(default=0)
    calibrated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(period__in=STEPS), name="threshold_period_known")
        ]


class Scan(models.Model):
    """One scan that was run, up to which moment: none is run twice."""

    kind = models.CharField(max_length=8)  # days, hours, returns
    until = models.DateTimeField()
    opened = models.IntegerField(default=0)
    # Found, and not opened: an alarm of the kind is younger than a week, or there were too many.
    held = models.IntegerField(default=0)
    why = models.CharField(max_length=8, blank=True)  # why nothing could be found: surge, short

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "until"], name="scan_once")]


class Proposal(models.Model):
    """One thing for one agency to do: an early warning, or a place that returns.

    It names cases and areas by their codes; where exactly that is, and who, only the cases know.
    """

    MACHINE: ClassVar[Machine] = PROPOSAL
    state = StateField(PROPOSAL)
    version = models.IntegerField(default=0)
    kind = models.CharField(max_length=8)
    stream = CodeField(max_length=50)
    # What returns, where it is no place: hours of school days, a caller by the key of a row.
    key = models.CharField(max_length=40, blank=True)
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, related_name="proposals")
    areas = models.JSONField(default=list)  # codes; none: the whole city
    cases = models.JSONField(default=list)  # "incident:12"
    since = models.DateTimeField()
    until = models.DateTimeField()
    seen = models.IntegerField()
    expected = models.FloatField(null=True)
    once_in = models.FloatField(null=True)  # days in which chance does the same once
    found_at = models.DateTimeField(db_index=True)
    answered_at = models.DateTimeField(null=True)
    planned_for = models.DateField(null=True)
    done_on = models.DateField(null=True)
    reason = models.CharField(max_length=32, blank=True)
    note = models.ForeignKey(Text, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            state_constraint(PROPOSAL),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="proposal_kind_known"),
            models.CheckConstraint(
                condition=~Q(state="done") | Q(done_on__isnull=False), name="done_has_a_day"
            ),
            models.CheckConstraint(
                condition=~Q(state="dismissed") | ~Q(reason=""), name="dismissal_has_a_reason"
            ),
        ]
        indexes = [
            models.Index(fields=["agency", "state"], name="proposal_agency"),
            models.Index(fields=["stream", "-found_at"], name="proposal_stream"),
        ]

    @property
    def is_alarm(self) -> bool:
        """Whether it is an early warning."""
        return self.kind in ALARMS
