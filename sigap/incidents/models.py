"""Incidents, and what a city says about them: types, questions, rules, dispositions."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sigap.core.codes import CodeField
from sigap.core.machine import Machine, StateField, state_constraint
from sigap.core.models import Text
from sigap.places.models import Area, Landmark

from .machine import INCIDENT
from .triage import answers_to

# What callers are told: nothing, how it ended, or also where the unit is, roughly.
TELLS = (("nothing", "nothing"), ("outcome", "outcome"), ("live", "live"))
PRIORITIES = ((1, "P1"), (2, "P2"), (3, "P3"), (4, "P4"))
# The alarm level says how much is sent: each asks for more than the one before.
LEVELS = ((1, "A1"), (2, "A2"), (3, "A3"), (4, "A4"))


class IncidentType(models.Model):
    """What happened, as the city sorts it (traffic accident, dangerous animal, ...)."""

    code = CodeField(unique=True)
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    group = CodeField(max_length=20)
    priority = models.IntegerField(choices=PRIORITIES, default=3)
    siren = models.BooleanField(default=False)
    lead = CodeField(blank=True)  # agency code
    # Within these, another open incident of the type may be the same one.
    duplicate_minutes = models.IntegerField(default=60)
    duplicate_metres = models.IntegerField(default=500)
    rank = models.IntegerField(default=100)
    active = models.BooleanField(default=True)
    # Whether its callers are told anything by message: their telephone may be read by others.
    tells = models.CharField(max_length=10, choices=TELLS, default="nothing")

    def __str__(self) -> str:
        return self.name


class Question(models.Model):
    """A triage question of a type: yes/no/unsure, a count, or a choice."""

    KINDS = (("yes_no", "yes_no"), ("count", "count"), ("choice", "choice"))

    type = models.ForeignKey(IncidentType, models.CASCADE, related_name="questions")
    code = CodeField()
    rank = models.IntegerField(default=0)
    kind = models.CharField(max_length=10, choices=KINDS, default="yes_no")
    text = models.CharField(max_length=120)
    text_en = models.CharField(max_length=120)
    options = models.JSONField(default=list, blank=True)  # [[code, label, label_en], ...]

    class Meta:
        constraints = [models.UniqueConstraint(fields=["type", "code"], name="question_once")]
        ordering = ["type", "rank", "id"]

    def __str__(self) -> str:
        return self.text

    def answer_names(self) -> dict[str, str]:
        """What people call the answers that it takes, by code."""
        usual = {"yes": _("Yes"), "no": _("No"), "unsure": _("Not sure")}
        last = -1 if get_language() == "en" else 1
        own = {option[0]: str(option[last]) for option in self.options}
        return {code: own.get(code) or usual.get(code, code) for code in answers_to(self)}


class PriorityRule(models.Model):
    """Answers that propose a priority, in words a person can check. First match wins."""

    type = models.ForeignKey(IncidentType, models.CASCADE, related_name="rules")
    code = CodeField(max_length=20)
    rank = models.IntegerField(default=0)
    when = models.JSONField(default=dict)  # {question code: [accepted answers]}
    priority = models.IntegerField(choices=PRIORITIES)
    siren = models.BooleanField(default=False)
    text = models.CharField(max_length=160)
    text_en = models.CharField(max_length=160)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["type", "code"], name="rule_once")]
        ordering = ["type", "rank", "id"]

    def __str__(self) -> str:
        return self.code


class Disposition(models.Model):
    """How an incident ended; `valid` when somebody in the field dealt with it."""

    code = CodeField(unique=True)
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    valid = models.BooleanField(default=True)
    active = models.BooleanField(default=True)
    # How its caller is told of it, where callers are told at all.
    told = models.CharField(max_length=120, blank=True)
    told_en = models.CharField(max_length=120, blank=True)

    def __str__(self) -> str:
        return self.name


class Incident(models.Model):
    """One event in the city, however many people report it."""

    MACHINE: ClassVar[Machine] = INCIDENT
    state = StateField(INCIDENT)
    version = models.IntegerField(default=0)
    # An older system's key, so that an import can be repeated.
    source = models.CharField(max_length=32, blank=True)
    external_id = models.CharField(max_length=64, null=True, blank=True)

    type = models.ForeignKey(IncidentType, models.PROTECT, related_name="incidents")
    priority = models.IntegerField(choices=PRIORITIES)
    level = models.IntegerField(choices=LEVELS, default=1)
    suggested_priority = models.IntegerField(null=True)
    suggested_rule = models.CharField(max_length=20, blank=True)
    siren = models.BooleanField(default=False)
    answers = models.JSONField(default=dict)
    victims = models.IntegerField(null=True)

    lat = models.FloatField(null=True)
    lng = models.FloatField(null=True)
    # Where the point came from: typed, landmark, area, map, handset, import.
    location_source = models.CharField(max_length=12, blank=True)
    accuracy_m = models.IntegerField(null=True)
    area = models.ForeignKey(Area, models.PROTECT, null=True, related_name="incidents")
    landmark = models.ForeignKey(Landmark, models.SET_NULL, null=True)
    # The words as typed, kept beside whatever the map made of them.
    address = models.ForeignKey(Text, models.SET_NULL, null=True, related_name="+")
    chronology = models.ForeignKey(Text, models.SET_NULL, null=True, related_name="+")
    reporter = models.ForeignKey(Text, models.SET_NULL, null=True, related_name="+")

    # The clocks start here: the ring of its first call, if anybody saw it, and the first answer.
    received_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(db_index=True)
    # Entered long after it happened (an outage): when units did what is known only where
    # somebody says so.
    afterwards = models.BooleanField(default=False)
    resolved_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    # When it must have a unit on its way; cleared at the first notification.
    dispatch_due_at = models.DateTimeField(null=True)
    # Not urgent, and put behind the others in a mass event: since when, and when to look again.
    parked_at = models.DateTimeField(null=True)
    parked_until = models.DateTimeField(null=True)
    # Where units gather that are not sent to one place yet.
    staging_lat = models.FloatField(null=True)
    staging_lng = models.FloatField(null=True)

    disposition = models.ForeignKey(Disposition, models.PROTECT, null=True)
    # By which its caller finds it: a link that nobody guesses, made when they are told of it.
    token = models.CharField(max_length=43, null=True, unique=True)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged")
    legal_hold = models.CharField(max_length=32, blank=True)  # why its data must not be erased

    class Meta:
        constraints = [
            state_constraint(INCIDENT),
            models.UniqueConstraint(
                fields=["source", "external_id"],
                condition=Q(external_id__isnull=False),
                name="incident_imported_once",
            ),
            models.CheckConstraint(
                condition=Q(state="merged", merged_into__isnull=False)
                | (~Q(state="merged") & Q(merged_into__isnull=True)),
                name="merged_names_the_other",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "opened_at"], name="incident_state"),
            models.Index(
                fields=["dispatch_due_at"],
                condition=Q(dispatch_due_at__isnull=False),
                name="incident_dispatch_due",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def point(self) -> tuple[float, float] | None:
        """Where it is. The point that stands for a whole kelurahan is none: nothing is so many
        metres away from it."""
        if self.lat is None or self.lng is None or self.location_source == "area":
            return None
        return self.lat, self.lng

    @property
    def began_at(self) -> datetime:
        """The first time that is known of it."""
        return self.received_at or self.answered_at or self.opened_at


class Need(models.Model):
    """What a mass event lacks, of the city's own list of such things, and how much has come."""

    version = models.IntegerField(default=0)
    incident = models.ForeignKey(Incident, models.CASCADE, related_name="needs")
    what = models.CharField(max_length=32)
    count = models.PositiveIntegerField()
    met = models.PositiveIntegerField(default=0)
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "what"], condition=Q(ended_at=None), name="need_once"
            )
        ]
        ordering = ["id"]


class IncidentLink(models.Model):
    """Two incidents that belong together without being the same."""

    KINDS = (("parent", "parent"), ("related", "related"))

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="links")
    other = models.ForeignKey(Incident, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=KINDS)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["incident", "other", "kind"], name="link_once")
        ]
