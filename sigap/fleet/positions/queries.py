"""Reads about devices and tracks."""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet

from .models import Device, TrackPoint


def digest_of(token: str) -> str:
    """The keyed hash by which a device's token is known."""
    key = settings.SECRET_KEY.encode()
    return hmac.new(key, b"device:" + token.encode(), hashlib.sha256).hexdigest()


def in_use() -> QuerySet[Device]:
    """The devices that are listened to."""
    return Device.objects.filter(active=True, unit__active=True)


def place_at(unit_id: int, at: datetime) -> tuple[float, float] | None:
    """Where a unit was then, as far as its track says."""
    points = TrackPoint.objects.filter(unit_id=unit_id, at__lte=at).order_by("-at")
    return points.values_list("lat", "lng").first()


def tracks(unit_ids: Iterable[int], since: datetime, until: datetime) -> QuerySet[TrackPoint]:
    """Where these units were between two times, in order."""
    points = TrackPoint.objects.filter(unit_id__in=list(unit_ids), at__range=(since, until))
    return points.select_related("unit").order_by("at", "pk")
