"""Agencies (OPD) and their units."""

from typing import ClassVar

from django.db import models

from sigap.core.codes import CodeField
from sigap.core.machine import Machine, StateField, state_constraint

from .machine import UNIT


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
    on_duty = models.BooleanField(default=True)
    readiness = models.CharField(max_length=10, choices=READINESS, default="ready")
    reason = models.CharField(max_length=32, blank=True)  # why unavailable
    # A withdrawn unit that returns may still be short of crew or equipment.
    readiness_reason = models.CharField(max_length=32, blank=True)
    state_since = models.DateTimeField(null=True, blank=True)
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


# The app's tables are found through this module.
from .positions.models import Device, TrackPoint  # noqa: E402, F401
