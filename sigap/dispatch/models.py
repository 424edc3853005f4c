"""Response plans and assignments."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from sigap.core.codes import CodeField
from sigap.core.machine import Machine, StateField, state_constraint
from sigap.fleet.models import Agency, Hospital, Unit
from sigap.incidents.models import LEVELS, Incident, IncidentType

from .machine import ASSIGNMENT, OPEN


class ResponsePlan(models.Model):
    """What to send to a type of incident; priority 0 is for all that have no plan of their own.

    At a higher alarm level it is all that is to be there by then: what was sent before counts, so
    a level brings the difference only.
    """

    PRIORITIES = ((0, "*"), (1, "P1"), (2, "P2"), (3, "P3"), (4, "P4"))

    type = models.ForeignKey(IncidentType, models.CASCADE, related_name="plans")
    priority = models.IntegerField(choices=PRIORITIES, default=0)
    # How long a unit may take to acknowledge; empty: as `dispatch.acknowledge_s` says.
    acknowledge_s = models.IntegerField(null=True, blank=True)
    level = models.IntegerField(choices=LEVELS, default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["type", "priority", "level"], name="plan_once")
        ]

    def __str__(self) -> str:
        level = f" L{self.level}" if self.level > 1 else ""
        return f"{self.type} P{self.priority or '*'}{level}"


class PlanStep(models.Model):
    """So many units of an agency with a capability."""

    plan = models.ForeignKey(ResponsePlan, models.CASCADE, related_name="steps")
    agency = models.ForeignKey(Agency, models.PROTECT)
    capability = CodeField()
    count = models.PositiveIntegerField(default=1)
    min_crew = models.PositiveIntegerField(default=0)  # of each unit, at least
    # What each must carry in order, by the codes of the kinds of equipment.
    equipment = models.JSONField(default=list, blank=True)
    rank = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "agency", "capability"], name="step_once")
        ]
        ordering = ["plan", "rank", "id"]


class Assignment(models.Model):
    """One unit sent to one incident. A unit may hold several, each with its own state."""

    MACHINE: ClassVar[Machine] = ASSIGNMENT
    state = StateField(ASSIGNMENT)
    version = models.IntegerField(default=0)
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="assignments")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="assignments")
    # Whose unit it was then: the past does not move when the unit does.
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="assignments")
    # Why this unit: the recommendation's words as a code, and its rank (None: by hand).
    reason = models.CharField(max_length=128, blank=True)
    rank = models.IntegerField(null=True)
    eta_s = models.IntegerField(null=True)
    # Which units were recommended then, [[call sign, seconds], ...], and the city's reason for
    # choosing this one instead.
    advised = models.JSONField(default=list, blank=True)
    choice = models.CharField(max_length=32, blank=True)
    created_at = models.DateTimeField()
    state_at = models.DateTimeField()
    ended_reason = models.CharField(max_length=32, blank=True)
    acknowledge_due_at = models.DateTimeField(null=True)
    # Its positions show it near the incident, or gone from where it was told: since when. That
    # is put before a person and sets nothing.
    seen_near_at = models.DateTimeField(null=True)
    seen_leaving_at = models.DateTimeField(null=True)
    destination = models.ForeignKey(Hospital, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            state_constraint(ASSIGNMENT),
            models.UniqueConstraint(
                fields=["incident", "unit"],
                condition=Q(state__in=("proposed", *OPEN)),
                name="unit_once_per_incident",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "unit"], name="assignment_state"),
            models.Index(
                fields=["acknowledge_due_at"],
                condition=Q(acknowledge_due_at__isnull=False),
                name="assignment_ack_due",
            ),
        ]

    @property
    def answer_s(self) -> int | None:
        """How long its unit's answer is waited for; None where nobody waits."""
        due = self.acknowledge_due_at
        return round((due - self.state_at).total_seconds()) if due else None


class AssignmentTime(models.Model):
    """When an assignment reached a state, who says so, and when it was recorded. A later row
    of the same state corrects an earlier one; both stay."""

    SOURCES = ("crew", "dispatcher", "agency", "gps", "derived", "import")

    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="times")
    state = models.CharField(max_length=20)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    source = models.CharField(max_length=12)
    # What the crew's phone calls this press, so that sending it twice counts once.
    external_id = models.CharField(max_length=64, null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    source__in=("crew", "dispatcher", "agency", "gps", "derived", "import")
                ),
                name="time_source_known",
            ),
            models.UniqueConstraint(
                fields=["assignment", "external_id"],
                condition=Q(external_id__isnull=False),
                name="press_once",
            ),
        ]
        indexes = [models.Index(fields=["assignment", "state"])]


# Django looks for tables here.
from .field.models import CrewAct, FieldPhoto, FieldReport, OnBoard  # noqa: E402, F401
