"""Reads about what crews have told."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.db.models import Q

from sigap.core.journal import subject_of
from sigap.core.models import Alarm, Journal, User
from sigap.fleet.models import Unit

from .models import CrewAct, FieldPhoto, FieldReport, OnBoard


@dataclass(frozen=True)
class Asked:
    """Something that a crew has asked the room for: when, and when a person first answered. An
    alarm that comes back after a while has been heard all the same."""

    at: datetime
    heard_at: datetime | None


def asked(rows: Iterable[models.Model]) -> dict[tuple[str, str], Asked]:
    """The open calls for help and for a caller that are about these, by code and subject."""
    about = [subject_of(row) for row in rows]
    standing = Alarm.objects.filter(subject__in=about, code__in=("mayday", "wants_caller"))
    alarms = list(standing.exclude(state="done"))
    if not alarms:
        return {}
    heard: dict[str, datetime] = {}
    answers = Journal.objects.filter(
        subject__in=[subject_of(alarm) for alarm in alarms], kind="alarm.acknowledge"
    )
    for subject, at in answers.order_by("seq").values_list("subject", "at"):
        heard.setdefault(subject, at)
    return {(a.code, a.subject): Asked(a.raised_at, heard.get(subject_of(a))) for a in alarms}


def on_board(unit: Unit) -> OnBoard | None:
    """Who is on the vehicle now, if anybody said."""
    return OnBoard.objects.filter(unit=unit, until=None).first()


def colleagues(unit: Unit) -> list[User]:
    """The accounts that may be on this vehicle."""
    rows = User.objects.filter(unit=unit.call_sign, is_active=True).order_by("name", "id")
    return [user for user in rows if "crew" in user.roles]


def changed_since(unit: Unit, kinds: Iterable[str], field: str, at: datetime) -> bool:
    """Whether this was said of the unit for a time after `at` already (by another phone, or by the
    dispatcher): the later word stands, in whatever order they arrive."""
    later = Q(occurred_at__gt=at) | Q(occurred_at=None, at__gt=at)
    rows = Journal.objects.filter(later, subject=subject_of(unit), kind__in=tuple(kinds))
    return any(not field or row.body.get(field) is not None for row in rows)


def pressed_since(unit: Unit, name: str, at: datetime) -> bool:
    """Whether somebody on board pressed the same for a time after `at`, also where that changed
    nothing then."""
    later = CrewAct.objects.filter(unit=unit, name=name, occurred_at__gt=at)
    return later.exclude(outcome="refused").exists()


def photos_of(incidents: Iterable[int]) -> list[FieldPhoto]:
    """The kept photos of these incidents, in the order in which they were taken."""
    rows = FieldPhoto.objects.select_related("assignment__unit").filter(
        assignment__incident__in=list(incidents), kept_at__isnull=False
    )
    return list(rows.order_by("occurred_at", "id"))


def reports_of(incidents: Iterable[int]) -> list[FieldReport]:
    """The forms of these incidents, in the order in which they were filled in."""
    rows = FieldReport.objects.select_related("assignment__unit", "words").filter(
        assignment__incident__in=list(incidents)
    )
    return list(rows.order_by("occurred_at", "id"))
