"""The public list of reports: what the city publishes of each kind, and no more."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from sigap.complaints.machine import GONE
from sigap.complaints.models import Category, Complaint, Referral
from sigap.complaints.queries import categories
from sigap.core.names import named
from sigap.places.queries import city

from .words import short_day, state_words

PAGE = 30
# Put away, joined with another or gone to 112: another list has it, or none.
SHOWN = ("filed", "disposed", "in_progress", "answered", "done", "contested", "held", "closed")


@dataclass(frozen=True)
class Listed:
    """One report as anybody may see it."""

    pk: int
    category: str
    area: str
    day: str
    state: str
    state_code: str
    agencies: str
    text: str
    supporters: int


@dataclass(frozen=True)
class ListPage:
    """Some of them, and after which the next page begins; None at the end."""

    rows: list[Listed]
    next: int | None


def published() -> QuerySet[Complaint]:
    """All that may be on the public list."""
    open_kinds = [kind.pk for kind in kinds().values()]
    return Complaint.objects.filter(category__in=open_kinds, secret=False, state__in=SHOWN)


def kinds() -> dict[str, Category]:
    """The categories of which the city publishes something."""
    return {code: kind for code, kind in categories().items() if kind.publish != "never"}


def page(category: str = "", area: str = "", after: int | None = None) -> ListPage:
    """The newest first; `after`: the last report of the page before."""
    rows = Complaint.objects.filter(secret=False, state__in=SHOWN)
    known, areas = kinds(), city().areas
    if (category and category not in known) or (area and area not in areas):
        return ListPage([], None)
    if area:
        rows = rows.filter(area=areas[area].pk)
    if after is not None and (last := _filed_at(after)):
        rows = rows.filter(filed_at__lte=last).exclude(filed_at=last, pk__gte=after)
    of_kinds = [kind.pk for kind in ([known[category]] if category else known.values())]
    if area or len(of_kinds) == 1:
        rows = rows.filter(category__in=of_kinds)
    else:
        rows = Complaint.objects.filter(pk__in=_newest(rows, of_kinds))
    shown = rows.select_related("category", "area", "released_text")
    found = list(shown.order_by("-filed_at", "-pk")[: PAGE + 1])
    agencies = _agencies([one.pk for one in found[:PAGE]])
    listed = [_listed(one, agencies.get(one.pk, [])) for one in found[:PAGE]]
    return ListPage(listed, found[PAGE - 1].pk if len(found) > PAGE else None)


def supporter_key(complaint_id: int, address: str, browser: str) -> str:
    """One browser at one address, for one report only: nobody can be followed by it."""
    given = f"supporter:{complaint_id}:{address}:{browser}"
    return hmac.new(settings.SECRET_KEY.encode(), given.encode(), hashlib.sha256).hexdigest()


def _newest(rows: QuerySet[Complaint], of_kinds: list[int]) -> RawSQL | list[int]:
    """The keys of the newest of each kind, among which are the newest of all. An index has each
    kind in order; all of them together a database would put in order first, a hundred thousand
    for a page of thirty."""
    parts: list[str] = []
    values: list[Any] = []
    for kind in of_kinds:
        newest = rows.filter(category=kind).order_by("-filed_at", "-pk").values("pk")[: PAGE + 1]
        sql, given = newest.query.sql_with_params()
        parts.append(f"SELECT * FROM ({sql}) AS kind_{len(parts)}")  # noqa: S608 - Django's own
        values += given
    return RawSQL(" UNION ALL ".join(parts), values) if parts else []


def _listed(complaint: Complaint, agencies: list[str]) -> Listed:
    assert complaint.category is not None
    released = complaint.released_text if complaint.category.publish == "full" else None
    return Listed(
        pk=complaint.pk,
        category=named(complaint.category),
        area=complaint.area.name if complaint.area else "",
        day=short_day(complaint.filed_at),
        state=state_words(complaint.state),
        state_code=complaint.state,
        agencies=", ".join(agencies),
        text=released.body if released else "",
        supporters=complaint.supporters,
    )


def _agencies(complaints: list[int]) -> dict[int, list[str]]:
    rows = Referral.objects.filter(complaint__in=complaints).select_related("agency")
    found: dict[int, list[str]] = {}
    for row in rows.exclude(state__in=GONE).order_by("pk"):
        found.setdefault(row.complaint_id, []).append(row.agency.short)
    return found


def _filed_at(pk: int) -> datetime | None:
    return Complaint.objects.filter(pk=pk).values_list("filed_at", flat=True).first()
