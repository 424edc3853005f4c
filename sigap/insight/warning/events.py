"""What happened where and when, once each: incidents and complaints as the scans see them. Reads
only.

Not counted are parts of others (merged, attached), what became an incident (the incident is),
what was called off or was no case, and whatever came during a declared surge: a mass event is known
to everybody, and would raise an alarm in every category.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

import numpy as np
import numpy.typing as npt
from django.db.models import F, Min, Q
from django.db.models.functions import Coalesce

from sigap.calls.models import Call, Surge
from sigap.complaints.models import Category, Complaint
from sigap.incidents.models import Incident, IncidentType
from sigap.places.geo import distance_m
from sigap.places.models import Area
from sigap.proposals.queries import advice

from .scan import Zones, zones_of

DAY = timedelta(days=1)
TYPE, CATEGORY, PRANK = "type:", "category:", "prank"


@dataclass(frozen=True, slots=True)
class Case:
    """One case. Without a point only its area is known, if that."""

    ref: str  # "incident:12"
    stream: str  # "type:banjir", "category:pju"
    at: datetime
    area: str = ""
    point: tuple[float, float] | None = None
    asset: str = ""


def agencies() -> dict[str, str]:
    """Whose each kind of case is, by code: as the city's advice says, else its type or category.
    Kinds that are not in use any more are not among them."""
    found = {
        TYPE + code: lead
        for code, lead in IncidentType.objects.filter(active=True).values_list("code", "lead")
    }
    for code, agency in Category.objects.filter(active=True).values_list("code", "agency__code"):
        found[CATEGORY + code] = agency
    for stream, row in advice().items():
        if row.agency and (stream in found or stream == PRANK):
            found[stream] = row.agency.code
    return found


def cases_of(
    first: datetime, until: datetime, streams: Collection[str] | None = None
) -> list[Case]:
    """The cases of a time, the oldest first; `until` itself is not in it."""
    return sorted(_each(first, until, streams), key=lambda case: (case.at, case.ref))


def _each(first: datetime, until: datetime, streams: Collection[str] | None) -> Iterator[Case]:
    """One after another, in no order: a year of millions is read without keeping it."""
    surges = list(Surge.objects.values_list("started_at", "ended_at"))
    for case in chain(_incidents(first, until, streams), _complaints(first, until, streams)):
        if not any(start <= case.at and (end is None or case.at < end) for start, end in surges):
            yield case


def record_began() -> datetime | None:
    """Since when anything at all is recorded; None while nothing is."""
    firsts = (
        Incident.objects.aggregate(at=Min("opened_at"))["at"],
        Complaint.objects.aggregate(at=Min("filed_at"))["at"],
        Call.objects.aggregate(at=Min("began_at"))["at"],
    )
    return min((at for at in firsts if at is not None), default=None)


def surge_at(at: datetime) -> bool:
    """Whether a surge was declared at this moment."""
    began = Surge.objects.filter(started_at__lte=at)
    return began.filter(Q(ended_at=None) | Q(ended_at__gt=at)).exists()


def _codes(streams: Collection[str], noun: str) -> list[str]:
    return [stream.removeprefix(noun) for stream in streams if stream.startswith(noun)]


def _incidents(first: datetime, until: datetime, streams: Collection[str] | None) -> Iterator[Case]:
    wanted = Q() if streams is None else Q(type__code__in=_codes(streams, TYPE))
    rows = (
        Incident.objects.filter(wanted)
        .annotate(at=Coalesce("received_at", "answered_at", "opened_at"))
        .filter(at__gte=first, at__lt=until)
        .exclude(state__in=("merged", "cancelled"))
        .exclude(disposition__valid=False)
        .values_list("pk", "type__code", "at", "area__code", "lat", "lng", "location_source")
    )
    for pk, kind, at, area, lat, lng, source in rows.iterator():
        point = (lat, lng) if lat is not None and lng is not None and source != "area" else None
        yield Case(f"incident:{pk}", TYPE + kind, at, area or "", point)


def _complaints(
    first: datetime, until: datetime, streams: Collection[str] | None
) -> Iterator[Case]:
    wanted = Q() if streams is None else Q(category__code__in=_codes(streams, CATEGORY))
    rows = (
        Complaint.objects.filter(
            wanted,
            filed_at__gte=first,
            filed_at__lt=until,
            attached_to=None,
            category__isnull=False,
        )
        .exclude(state__in=("archived", "attached", "promoted"))
        .annotate(kind=F("category__code"))
        .values_list(
            "pk", "kind", "filed_at", "area__code", "lat", "lng", "location_source", "asset"
        )
    )
    for pk, kind, at, area, lat, lng, source, asset in rows.iterator():
        point = (lat, lng) if lat is not None and lng is not None and source != "area" else None
        yield Case(f"complaint:{pk}", CATEGORY + kind, at, area or "", point, asset)


@dataclass(frozen=True)
class Map:
    """The areas of the city in a fixed order; one more column stands for cases whose area nobody
    knows: they count for the city, and for no neighbourhood."""

    codes: tuple[str, ...]
    metres: npt.NDArray[np.float64]

    @property
    def columns(self) -> int:
        """Of a table of counts."""
        return len(self.codes) + 1

    def zones(self, *, most: int, radius_m: float) -> Zones:
        """The neighbourhoods."""
        return Zones(zones_of(self.metres, most=most, radius_m=radius_m).members, self.columns)


def city_map() -> Map:
    """The areas as they are now, with the distances between their label points."""
    rows = list(Area.objects.order_by("code").values_list("code", "lat", "lng"))
    metres = np.array([[distance_m(*a[1:], *b[1:]) for b in rows] for a in rows])
    return Map(tuple(code for code, *_point in rows), metres.reshape(len(rows), len(rows)))


def tables(
    days: int, until: datetime, ground: Map
) -> tuple[dict[str, npt.NDArray[np.int_]], datetime]:
    """By kind of case, how many there were: days by areas. A day is 24 hours that end with
    `until`; the first one is that of the oldest case of any kind, at most so many days ago. Its
    time is told too; `until` where there is none."""
    columns = {code: n for n, code in enumerate(ground.codes)}
    found: dict[str, npt.NDArray[np.int_]] = defaultdict(
        lambda: np.zeros((days, ground.columns), dtype=np.int_)
    )
    oldest = until
    for case in _each(until - days * DAY, until, None):
        back = -((case.at - until) // DAY)
        oldest = min(oldest, case.at)
        found[case.stream][days - back, columns.get(case.area, len(ground.codes))] += 1
    first = days + (oldest - until) // DAY
    return {stream: counts[first:] for stream, counts in found.items()}, oldest
