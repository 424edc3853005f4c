"""Reads about after-action notes."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from .models import ReviewNote


def notes_of(incidents: Iterable[int]) -> QuerySet[ReviewNote]:
    """The notes about these incidents, by the moments that they are about."""
    rows = ReviewNote.objects.select_related("text").filter(incident__in=list(incidents))
    return rows.order_by("at", "pk")


def notes_between(since: datetime, until: datetime) -> QuerySet[ReviewNote]:
    """The notes at moments from `since` until before `until`."""
    rows = ReviewNote.objects.select_related("text").filter(at__gte=since, at__lt=until)
    return rows.order_by("at", "pk")


def old_notes(before: datetime) -> list[str]:
    """Where the words of notes about no incident are kept that were written before a time."""
    rows = ReviewNote.objects.filter(incident=None, text__at__lt=before, text__erased_at=None)
    return [f"reviewnote:{pk}" for pk in rows.values_list("pk", flat=True)]
