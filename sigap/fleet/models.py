"""Agencies (OPD), their posts, units and equipment, and the hospitals to which patients go."""

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from sigap.core.codes import CodeField, check_code
from sigap.core.machine import Machine, StateField, state_constraint
from sigap.core.models import Text

from .machine import EQUIPMENT, UNIT


class Agency(models.Model):
    """An agency that answers calls or complaints (organisasi perangkat daerah)."""

    code = CodeField(unique=True)
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    short = models.CharField(max_length=20)
    kind = CodeField(max_length=20, blank=True)  # medical, fire, ...: whose targets count
    rank = models.IntegerField(default=100)

    def __str__(self) -> str:
        return self.short


class Capability(models.Model):
    """What a unit can do, in the words that response plans ask for."""

    code = CodeField(unique=True)
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)

    def __str__(self) -> str:
        return self.name


class Post(models.Model):
    """A place where an agency's vehicles stand ready."""

    code = CodeField(unique=True)
    name = models.CharField(max_length=80)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="posts")
    place = models.CharField(max_length=120, blank=True)  # the address, in words
    lat = models.FloatField(null=True, blank=True)
    lng = models.FloatField(null=True, blank=True)
    capacity = models.PositiveIntegerField(default=1)  # vehicles
    example = models.BooleanField(default=False)
    active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class Unit(models.Model):
    """A vehicle with its crew."""

    READINESS = (("ready", "ready"), ("limited", "limited"), ("not_ready", "not_ready"))

    MACHINE: ClassVar[Machine] = UNIT
    state = StateField(UNIT)
    version = models.IntegerField(default=0)
    call_sign = CodeField(unique=True)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="units")
    kind = models.CharField(max_length=60)
    kind_en = models.CharField(max_length=60, blank=True)
    capabilities = models.JSONField(default=list, blank=True)
    crew = models.IntegerField(default=2)
    station = models.CharField(max_length=80, blank=True)
    station_lat = models.FloatField(null=True, blank=True)
    station_lng = models.FloatField(null=True, blank=True)
    post = models.ForeignKey(Post, models.PROTECT, null=True, blank=True, related_name="units")
    on_duty = models.BooleanField(default=True)
    readiness = models.CharField(max_length=10, choices=READINESS, default="ready")
    reason = models.CharField(max_length=32, blank=True)  # why unavailable
    # A withdrawn unit that returns may still be short of crew or equipment.
    readiness_reason = models.CharField(max_length=32, blank=True)
    state_since = models.DateTimeField(null=True, blank=True)
    # The must-have equipment that kept it from being proposed when this was last looked at, as the
    # journal has it. What holds now is asked of `queries.blocks`.
    blocked_by = models.JSONField(default=list, blank=True)
    example = models.BooleanField(default=False)  # made up by the city pack
    active = models.BooleanField(default=True)

    # The last known position. Frequent, so written outside the journal.
    lat = models.FloatField(null=True, blank=True)
    lng = models.FloatField(null=True, blank=True)
    accuracy_m = models.IntegerField(null=True, blank=True)
    position_at = models.DateTimeField(null=True, blank=True)
    position_source = models.CharField(max_length=12, blank=True)
    # What is to be known of it: its devices are in two places, or the newest fix is doubted.
    position_mark = models.CharField(max_length=12, blank=True)
    # Counts the flushes of positions, in the order of their commits: what is above a number is
    # what has moved since.
    moved_no = models.BigIntegerField(default=0)

    class Meta:
        constraints = [state_constraint(UNIT)]

    def __str__(self) -> str:
        return self.call_sign


class MoveUp(models.Model):
    """That a unit waits elsewhere for now, because the units that usually reach some areas are
    away: as it was proposed, and what somebody answered. It holds until the unit is sent home."""

    STATES = ("accepted", "declined", "ended")

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="move_ups")
    state = models.CharField(max_length=10)
    place = CodeField(max_length=64)  # the place's code: of a post, an area, ...
    name = models.CharField(max_length=120)
    lat = models.FloatField()
    lng = models.FloatField()
    capability = CodeField()  # of which kind of unit there were too few
    gain_percent = models.FloatField()  # of the demand that is reached in time again
    areas = models.PositiveIntegerField()
    answered_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=("accepted", "declined", "ended")), name="move_up_state_known"
            ),
            models.UniqueConstraint(
                fields=["unit"], condition=Q(state="accepted"), name="waits_at_one_place"
            ),
        ]


class EquipmentKind(models.Model):
    """Something that vehicles carry, and how often it is to be looked at."""

    code = CodeField(unique=True)
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    # Units with one of these capabilities carry it.
    carried_by = models.JSONField(default=list, blank=True)
    must_have = models.BooleanField(default=False)
    every_hours = models.PositiveIntegerField(default=0)  # 0: at the start of each shift
    has_expiry = models.BooleanField(default=False)
    rank = models.IntegerField(default=100)
    example = models.BooleanField(default=False)
    active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class Equipment(models.Model):
    """One thing that a unit carries, in the state in which the last check found it."""

    MACHINE: ClassVar[Machine] = EQUIPMENT
    state = StateField(EQUIPMENT)
    version = models.IntegerField(default=0)
    unit = models.ForeignKey(Unit, models.CASCADE, related_name="equipment")
    kind = models.ForeignKey(EquipmentKind, models.PROTECT, related_name="pieces")
    label = models.CharField(max_length=40, blank=True)  # its number, or what tells it from others
    expires_on = models.DateField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=32, blank=True)  # why it is not in order
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            state_constraint(EQUIPMENT),
            models.UniqueConstraint(fields=["unit", "kind", "label"], name="piece_once"),
        ]
        indexes = [models.Index(fields=["state"], name="equipment_state")]

    def __str__(self) -> str:
        return f"{self.unit} {self.kind} {self.label}".strip()


class EquipmentCheck(models.Model):
    """What somebody found when they looked at one piece of equipment."""

    RESULTS = ("passed", "failed", "missing")
    SOURCES = ("crew", "agency")

    equipment = models.ForeignKey(Equipment, models.CASCADE, related_name="checks")
    by = models.CharField(max_length=40)  # an actor's code
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    result = models.CharField(max_length=10)
    reason = models.CharField(max_length=32, blank=True)
    note = models.ForeignKey(Text, models.SET_NULL, null=True, related_name="+")
    source = models.CharField(max_length=10)
    # What the sender calls the sheet, so that sending it twice counts once.
    external_id = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(result__in=("passed", "failed", "missing")), name="check_result_known"
            ),
            models.CheckConstraint(
                condition=Q(source__in=("crew", "agency")), name="check_source_known"
            ),
            models.UniqueConstraint(fields=["equipment", "external_id"], name="check_once"),
        ]
        indexes = [models.Index(fields=["external_id"], name="check_sheet")]


class Hospital(models.Model):
    """Where patients are taken. What it has free and whether it receives: see its status."""

    code = CodeField(unique=True)
    name = models.CharField(max_length=120)
    place = models.CharField(max_length=120, blank=True)  # kelurahan or address, in words
    lat = models.FloatField(null=True, blank=True)
    lng = models.FloatField(null=True, blank=True)
    specialties = models.JSONField(default=list, blank=True)
    phone = models.CharField(max_length=20, blank=True)  # of the house, never of a person
    # Whose people say what is free there, beside the city's health office.
    agency = models.ForeignKey(
        Agency, models.PROTECT, null=True, blank=True, related_name="hospitals"
    )
    active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Specialties are codes: they go on record where some are not received."""
        try:
            for name in self.specialties:
                check_code(name)
        except ValidationError as error:
            raise ValidationError({"specialties": error.messages}) from None


class HospitalStatus(models.Model):
    """Whether a hospital receives patients, as somebody last said."""

    RECEIVING = ("yes", "no", "limited")

    hospital = models.OneToOneField(Hospital, models.CASCADE, related_name="status")
    version = models.IntegerField(default=0)
    receiving = models.CharField(max_length=10, blank=True)  # "": nobody has said
    refused = models.JSONField(default=list)  # the specialties that it does not receive: limited
    said_at = models.DateTimeField(null=True)
    source = models.CharField(max_length=32, blank=True)  # the agency that said it, or "112"
    diversion_reason = models.CharField(max_length=32, blank=True)
    # After this nobody knows whether it receives again: not "open" by itself.
    diverted_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(receiving__in=("", "yes", "no", "limited")), name="receiving_known"
            )
        ]


class HospitalBeds(models.Model):
    """The beds of one kind in a hospital, as somebody last counted them. No row, or no number:
    unknown, which is not none."""

    KINDS = ("ed", "icu", "general")

    hospital = models.ForeignKey(Hospital, models.CASCADE, related_name="beds")
    kind = models.CharField(max_length=10)
    free = models.PositiveIntegerField(null=True)
    total = models.PositiveIntegerField(null=True)
    counted_at = models.DateTimeField(null=True)  # those that are free
    source = models.CharField(max_length=32)  # the agency that said it, or "112"

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=("ed", "icu", "general")), name="bed_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(free__isnull=True) | Q(total__isnull=True) | Q(free__lte=F("total")),
                name="free_beds_within_total",
            ),
            models.UniqueConstraint(fields=["hospital", "kind"], name="beds_once"),
        ]


# The app's tables are found through this module.
from .positions.models import Device, TrackPoint  # noqa: E402, F401
