"""Which reports may be about the same thing: offered to a person, with what speaks for each."""

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from rapidfuzz import fuzz

from sigap.core import clock
from sigap.core.parameters import value
from sigap.core.queries import fetch
from sigap.places.geo import METRES_PER_DEGREE

from .classify.spelling import words
from .likeness import ROUGH, Part, Told, compare, texts
from .machine import OPEN
from .models import Apart, Complaint

MOST_NEAR = 500  # reports that are looked at, the newest first
MOST_READ = 60  # of them whose words are compared: those that place, time and category speak for
LEAST = 0.5  # below it nothing is offered
SHOWN = 5
# From here on two texts are one text sent twice (rapidfuzz, 0 to 100).
IDENTICAL = 92.0
SHORTEST = 4  # words; "tolong segera" twice says nothing
_WITH = ("body", "category", "area")


@dataclass(frozen=True)
class Candidate:
    """A report that may be about the same, how likely, and why."""

    complaint: Complaint
    score: float
    parts: tuple[Part, ...]


def candidates(complaint: Complaint, limit: int = SHOWN) -> list[Candidate]:
    """The open reports that this one may be about too, the likeliest first: of the days and the
    distance that the city looks within, without those that a person has kept apart."""
    mine = fetch(Complaint.objects.select_related(*_WITH), pk=complaint.pk)
    told, near = _told(mine), list(_near(mine)[:MOST_NEAR])
    # Half-way likeness of words, so that only the rest decides who is read.
    guessed = [(compare(told, _told(other), 0.2).score, -n) for n, other in enumerate(near)]
    read = [near[-n] for _, n in sorted(guessed, reverse=True)[:MOST_READ]]
    alike = texts(told.text, [_told(other).text for other in read])
    found = []
    for other, likeness in zip(read, alike, strict=True):
        result = compare(told, _told(other), likeness)
        if result.score >= LEAST:
            found.append(Candidate(other, result.score, result.parts))
    return sorted(found, key=lambda one: (-one.score, -one.complaint.pk))[:limit]


def reporters(complaint: Complaint) -> list[Complaint]:
    """The report and all that are attached to it: everybody who is told what becomes of it."""
    rows = Complaint.objects.filter(Q(pk=complaint.pk) | Q(attached_to=complaint.pk))
    return list(rows.select_related("reporter").order_by("id"))


def repeated() -> list[tuple[Complaint, Complaint]]:
    """Reports that somebody has sent twice in nearly the same words within the hours that the city
    says, each with the one before: not where the place differs, nor where a person has kept
    them apart."""
    hours = timedelta(hours=value("complaints.repeat_hours"))
    if not hours:
        return []
    found = []
    for later in _sent_again(hours):
        before = Complaint.objects.filter(
            reporter=later.reporter_id,
            state__in=OPEN,
            filed_at__gte=later.filed_at - hours,
            pk__lt=later.pk,
        )
        for first in _not_apart(before, later).select_related(*_WITH).order_by("id"):
            if is_repeat(_told(first), _told(later)):
                found.append((later, first))
                break
    return found


def is_repeat(first: Told, later: Told) -> bool:
    """Whether both are one text sent twice, about one place as far as is known."""
    said, again = words(first.text), words(later.text)
    if min(len(said), len(again)) < SHORTEST:
        return False
    if fuzz.ratio(" ".join(said), " ".join(again)) < IDENTICAL:
        return False
    # Numbers are read as 0, and "tiang 12" is not "tiang 13".
    if _digits(first.text) != _digits(later.text):
        return False
    against = ("asset", "distance", "landmark", "area", "category")
    return all(
        part.points >= 0 for part in compare(first, later, 1.0).parts if part.name in against
    )


def _near(mine: Complaint) -> QuerySet[Complaint]:
    """The open reports of the days and the place of this one; without a place, of its category
    or its person."""
    days, metres = value("complaints.alike_days"), value("complaints.alike_m")
    window = (mine.filed_at - timedelta(days=days), mine.filed_at + timedelta(days=days))
    alike = Q(pk=None)
    if mine.lat is not None and mine.lng is not None:
        up = metres / METRES_PER_DEGREE
        across = up / max(0.1, math.cos(math.radians(mine.lat)))
        alike |= Q(
            lat__range=(mine.lat - up, mine.lat + up),
            lng__range=(mine.lng - across, mine.lng + across),
        )
    for name in ("area_id", "landmark_id", "asset", "reporter_id"):
        if found := getattr(mine, name):
            alike |= Q(**{name: found})
    if mine.lat is None and mine.area_id is None and mine.category_id:
        alike |= Q(category=mine.category_id)
    rows = Complaint.objects.filter(alike, filed_at__range=window, state__in=OPEN)
    rows = rows.exclude(pk=mine.pk).select_related(*_WITH)
    return _not_apart(rows, mine).order_by("-filed_at", "-id")


def _sent_again(hours: timedelta) -> QuerySet[Complaint]:
    """Received and not yet sent to anybody, by somebody who reported not long before."""
    earlier = Complaint.objects.filter(
        reporter=OuterRef("reporter"),
        pk__lt=OuterRef("pk"),
        filed_at__gte=clock.now() - 2 * hours,
        state__in=OPEN,
    )
    fresh = Complaint.objects.filter(state="filed", filed_at__gte=clock.now() - hours)
    return fresh.filter(Exists(earlier)).select_related(*_WITH).order_by("id")


def _not_apart(rows: QuerySet[Complaint], mine: Complaint) -> QuerySet[Complaint]:
    apart = Apart.objects.filter(
        Q(one=mine.pk, other=OuterRef("pk")) | Q(one=OuterRef("pk"), other=mine.pk)
    )
    return rows.filter(~Exists(apart))


def _told(complaint: Complaint) -> Told:
    return Told(
        text=complaint.body.body if complaint.body else "",
        at=complaint.filed_at,
        category=complaint.category.code if complaint.category else "",
        lat=complaint.lat,
        lng=complaint.lng,
        exact=complaint.location_source not in ROUGH,
        area=complaint.area.code if complaint.area else "",
        landmark=_key(complaint.landmark_id),
        asset=complaint.asset,
        person=_key(complaint.reporter_id),
    )


def _key(number: Any) -> str:
    return str(number) if number else ""


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())
