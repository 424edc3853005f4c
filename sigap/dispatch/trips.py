"""The city's own trips, from which it learns how fast units drive."""

from datetime import timedelta

from sigap.core.queries import city_zone
from sigap.fleet.positions.queries import place_at
from sigap.places.queries import speeds
from sigap.places.roads.graph import OFF_ROAD_KMH, Roads
from sigap.places.roads.kept import router
from sigap.places.roads.speeds import Trip, period_of

from .models import Assignment, AssignmentTime

# Of times that somebody pressed or a vehicle's position showed; nobody measures by the others.
SOURCES = ("crew", "gps", "dispatcher")
MOST = 5000
LONGEST = timedelta(hours=2)
FRESH = timedelta(minutes=3)


def trips(roads: Roads) -> list[Trip]:
    """The newest trips of which it is known when and where they began and ended, as ways on these
    roads."""
    found = []
    done = Assignment.objects.filter(state="completed", incident__lat__isnull=False)
    rows = done.select_related("incident").prefetch_related("times").order_by("-pk")
    for job in rows.iterator(chunk_size=500):
        trip = _trip(job, roads)
        if trip is not None:
            found.append(trip)
        if len(found) == MOST:
            break
    return found


def _trip(job: Assignment, roads: Roads) -> Trip | None:
    left, there = _time(job, "en_route"), _time(job, "on_scene")
    incident = job.incident
    if left is None or there is None or incident.point is None:
        return None
    took = there.occurred_at - left.occurred_at
    if not timedelta(0) < took < LONGEST:
        return None
    # Later than that it may have been anywhere.
    place = place_at(job.unit_id, left.occurred_at, newest=FRESH)
    if place is None:
        return None
    hour = left.occurred_at.astimezone(city_zone()).time()
    route = router(roads, speeds().at(hour), ()).route(place, incident.point)
    if route is None:
        return None
    off_s = route.off_m / (OFF_ROAD_KMH / 3.6)
    return Trip(route.metres, off_s, period_of(hour), took.total_seconds())


def _time(job: Assignment, state: str) -> AssignmentTime | None:
    """When it reached a state, by the last that was said of it."""
    told = [time for time in job.times.all() if time.state == state]
    last = max(told, key=lambda time: (time.recorded_at, time.pk), default=None)
    return last if last is not None and last.source in SOURCES else None
