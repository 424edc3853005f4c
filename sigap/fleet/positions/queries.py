"""Reads about devices and tracks."""

import hashlib
import hmac
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet

from sigap.core import clock
from sigap.core.parameters import value

from .models import Device, TrackPoint


def digest_of(token: str) -> str:
    """The keyed hash by which a device's token is known."""
    key = settings.SECRET_KEY.encode()
    return hmac.new(key, b"device:" + token.encode(), hashlib.sha256).hexdigest()


def in_use() -> QuerySet[Device]:
    """The devices that are listened to."""
    return Device.objects.filter(active=True, unit__active=True)


def place_at(
    unit_id: int, at: datetime, *, newest: timedelta | None = None
) -> tuple[float, float] | None:
    """Where a unit was then, as far as its track says: within so long before, if that is given."""
    points = TrackPoint.objects.filter(unit_id=unit_id, at__lte=at).order_by("-at")
    if newest is not None:
        points = points.filter(at__gte=at - newest)
    return points.values_list("lat", "lng").first()


def track(unit_id: int, since: datetime, until: datetime) -> QuerySet[TrackPoint]:
    """Where a unit was between two times, in order."""
    return TrackPoint.objects.filter(unit_id=unit_id, at__range=(since, until)).order_by("at", "pk")


def outdated() -> QuerySet[TrackPoint]:
    """The points of tracks that the city does not keep any more."""
    end = clock.now() - timedelta(days=value("positions.track_days"))
    return TrackPoint.objects.filter(at__lt=end)
