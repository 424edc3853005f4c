"""Lists of complaints in the order in which somebody has to act: the desk's, and an agency's.

A page of a hundred among a hundred thousand costs one statement, whatever it shows, and the next
page begins where this one ended: no list is counted through to find its middle.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection, models
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce, Substr

from sigap.core import clock
from sigap.core.personal import normal_number, number_key
from sigap.fleet.models import Agency
from sigap.places.models import Area

from .machine import ACTIVE, GONE, OPEN, WITH_AGENCY
from .models import Attachment, Category, Complaint, Referral

PAGE = 100
WORDS = 160  # characters that a row shows of what was said

DUE = Coalesce("due_at", Value(datetime(9999, 1, 1, tzinfo=UTC)))
TEXT: "models.Field[str, str]" = models.TextField()

Row = dict[str, Any]


@dataclass(frozen=True)
class Wanted:
    """What somebody wants to see. `after` is the end of the page before."""

    tab: str = ""
    category: str = ""
    area: str = ""
    agency: str = ""
    asset: str = ""
    officer: int | None = None
    after: tuple[datetime, int] | None = None


@dataclass(frozen=True)
class Page:
    """Rows, and where the next page begins; None at the end."""

    rows: list[Row]
    next: tuple[datetime, int] | None


# The desk's: the states, and by which time they are in order; "-" says the newest first.
TABS: dict[str, tuple[tuple[str, ...], str]] = {
    "new": (("filed",), "due_at"),
    "check": (("answered",), "due_at"),
    "late": (OPEN, "due_at"),
    "agency": (WITH_AGENCY, "due_at"),
    "held": (("held",), "held_at"),
    "done": (("done",), "due_at"),
    "all": ((), "-filed_at"),
}
# An agency's. Where the citizen is asked there is no time while they are: `due` puts that last.
AGENCY_TABS: dict[str, tuple[tuple[str, ...], str]] = {
    "open": (ACTIVE, "due"),
    "plan": (("sent", "accepted"), "due"),
    "late": (ACTIVE, "due"),
    "escalated": (ACTIVE, "due"),
    "answered": (("answered",), "-answered_at"),
    "over": (("finished", "refused", "recalled"), "-ended_at"),
}
_COLUMNS = (
    *("id", "number", "state", "channel", "filed_at", "due_at", "asset", "anonymous", "secret"),
    *("danger", "contests", "lat", "lng", "guesses"),
)


def desk_page(wanted: Wanted, *, most: int = PAGE) -> Page:
    """Complaints for the desk."""
    states, order = TABS[wanted.tab]
    rows = Complaint.objects.filter(_narrowed(wanted, ""))
    if wanted.agency:
        having = Referral.objects.filter(agency__code=wanted.agency)
        if set(states) <= set(OPEN) and states:  # far fewer, and an index leads to them
            having = having.filter(state__in=(*ACTIVE, "answered"))
        else:
            having = having.exclude(state__in=GONE)
        rows = rows.filter(pk__in=having.values("complaint"))
    if states:
        rows = rows.filter(state__in=states)
    if wanted.tab == "late":
        rows = rows.filter(due_at__lte=clock.now())
    keys = _ordered(rows, order, wanted.after, most)
    return _page(_desk(Complaint.objects.filter(pk__in=keys)), order, most)


def desk_rows(found: QuerySet[Complaint], *, most: int = PAGE) -> list[Row]:
    """These complaints as rows of the desk's list."""
    return list(_desk(found)[:most])


def agency_page(agency: str, wanted: Wanted, *, most: int = PAGE) -> Page:
    """What one agency has to do, or did."""
    states, order = AGENCY_TABS[wanted.tab]
    rows = Referral.objects.filter(
        _narrowed(wanted, "complaint__"), agency__code=agency, state__in=states
    )
    if wanted.tab == "late":
        rows = rows.filter(due_at__lte=clock.now())
    if wanted.tab == "escalated":
        rows = rows.filter(escalated_at__isnull=False, seen_at=None)
    if wanted.officer is not None:
        rows = rows.filter(officer_id=wanted.officer or None)
    of_it = {
        name: F(f"complaint__{name}")
        for name in _COLUMNS
        if name not in ("id", "state", "due_at", "guesses")
    }
    keys = _ordered(rows.annotate(due=DUE), order, wanted.after, most)
    shown = Referral.objects.filter(pk__in=keys).values(
        *("id", "state", "due_at", "reminded_at", "escalated_at", "seen_at", "planned_for"),
        **of_it,
        **_told("complaint__"),
        complaint_state=F("complaint__state"),
        who=Coalesce(F("officer__name"), Value("")),
        due=DUE,
    )
    return _page(shown, order, most)


def desk_counts() -> dict[str, int]:
    """How many stand in each of the desk's lists but the last."""
    now = clock.now()
    states = [state for states, _order in TABS.values() for state in states]
    rows = Complaint.objects.filter(state__in=states).values_list("state")
    # No other column: an index alone has the answer.
    late = Count("due_at", filter=Q(due_at__lte=now))
    found = {state: (n, past) for state, n, past in rows.annotate(n=Count("*"), late=late)}
    counts = {
        tab: sum(found.get(state, (0, 0))[0] for state in states)
        for tab, (states, _order) in TABS.items()
        if states
    }
    return counts | {"late": sum(found.get(state, (0, 0))[1] for state in OPEN)}


def agency_work(agency: str) -> tuple[dict[str, int], list[Row]]:
    """How many stand in each of an agency's lists but the last; and how much each officer has, and
    how much of it is late, those without an officer last."""
    now = clock.now()
    active = Q(state__in=ACTIVE)
    rows = Referral.objects.filter(agency__code=agency, state__in=(*ACTIVE, "answered"))
    by_officer = rows.values(who=F("officer_id"), name=F("officer__name")).annotate(
        open=Count("id", filter=active),
        plan=Count("id", filter=Q(state__in=("sent", "accepted"))),
        late=Count("id", filter=active & Q(due_at__lte=now)),
        escalated=Count("id", filter=active & Q(escalated_at__isnull=False, seen_at=None)),
        answered=Count("id", filter=Q(state="answered")),
    )
    found: list[Row] = list(by_officer.order_by("-open", "officer_id"))
    tabs = ("open", "plan", "late", "escalated", "answered")
    counts = {tab: sum(row[tab] for row in found) for tab in tabs}
    load = [row | {"n": row["open"]} for row in found if row["open"]]
    return counts, sorted(load, key=lambda row: row["who"] is None)


def choices() -> dict[str, list[tuple[str, str, str]]]:
    """The categories, areas and agencies to narrow a list by: code and both names."""
    parts = [
        _named("category", Category.objects.filter(active=True), "name", "name_en"),
        _named("area", Area.objects.all(), "name", "name"),
        _named("agency", Agency.objects.all(), "short", "short"),
    ]
    found: dict[str, list[tuple[str, str, str]]] = {"category": [], "area": [], "agency": []}
    for kind, code, name, english in parts[0].union(*parts[1:], all=True):
        found[kind].append((code, name, english))
    return {kind: sorted(rows, key=lambda row: row[1]) for kind, rows in found.items()}


def by_word(word: str) -> QuerySet[Complaint]:
    """The complaints that a number means: the one to say, or its reporter's telephone."""
    found = Complaint.objects.filter(number=_given_out(word)).values("pk")
    if telephone := normal_number(word):
        theirs = Complaint.objects.filter(reporter__key=number_key(telephone)).values("pk")
        found = found.union(theirs)  # of two ways joined by "or" an index leads to neither
    return Complaint.objects.filter(pk__in=found).order_by("-filed_at")


def by_number(word: str) -> Complaint | None:
    """The complaint of the number to say."""
    return Complaint.objects.filter(number=_given_out(word)).first()


def _given_out(word: str) -> str:
    """A number as it is given out, whichever way it was written down."""
    number = word.strip().upper().replace(" ", "")
    if "-" not in number and len(number) == 8:  # noqa: PLR2004 - two groups of four
        return f"{number[:4]}-{number[4:]}"
    return number


def _desk(rows: QuerySet[Complaint]) -> Any:
    return rows.values(*_COLUMNS, **_told(""), agencies=_agencies())


def _named(kind: str, rows: QuerySet[Any], name: str, english: str) -> QuerySet[Any, Any]:
    what = Value(kind, output_field=models.CharField())
    return rows.order_by().values_list(what, F("code"), F(name), F(english))


def _narrowed(wanted: Wanted, way: str) -> Q:
    found = Q()
    if wanted.category:
        found &= Q(**{f"{way}category__code": wanted.category})
    if wanted.area:
        found &= Q(**{f"{way}area__code": wanted.area})
    if wanted.asset:
        found &= Q(**{f"{way}asset": wanted.asset})
    return found


def _told(way: str) -> dict[str, Any]:
    pictures = Attachment.objects.filter(
        complaint=OuterRef(f"{way}pk"), kind="image", erased_at=None
    )
    return {
        "category_name": F(f"{way}category__name"),
        "category_name_en": F(f"{way}category__name_en"),
        "area_name": F(f"{way}area__name"),
        "words": Coalesce(Substr(f"{way}body__body", 1, WORDS), Value(""), output_field=TEXT),
        "where": Coalesce(F(f"{way}address__body"), Value(""), output_field=TEXT),
        "pictures": Exists(pictures),
    }


def _agencies() -> RawSQL:
    """The short names of the agencies that have it, in one column."""
    joined = "string_agg(a.short, ', ' ORDER BY r.id)"
    if connection.vendor == "sqlite":
        joined = "group_concat(a.short, ', ')"
    return RawSQL(
        f"(SELECT {joined} FROM complaints_referral r JOIN fleet_agency a ON a.id = r.agency_id"  # noqa: S608 - constants
        " WHERE r.complaint_id = complaints_complaint.id"
        " AND r.state NOT IN ('refused', 'recalled'))",
        (),
        output_field=models.CharField(),
    )


def _ordered(
    rows: QuerySet[Any], order: str, after: tuple[datetime, int] | None, most: int
) -> QuerySet[Any, Any]:
    """The keys of one page's rows: found and put in order by an index alone, before anything is
    looked up for what stands in them."""
    name, down = order.removeprefix("-"), order.startswith("-")
    if after is not None:
        at, pk = after
        # The index leads to where the page begins; what is as old and was shown is left out.
        past, shown_before = ("lte", "gte") if down else ("gte", "lte")
        rows = rows.filter(**{f"{name}__{past}": at})
        rows = rows.exclude(**{name: at, f"pk__{shown_before}": pk})
    rows = rows.order_by(order, "-pk" if down else "pk")
    return rows.values("pk")[: most + 1]


def _page(shown: Any, order: str, most: int) -> Page:
    name, down = order.removeprefix("-"), order.startswith("-")
    ordered: Iterable[Row] = shown.annotate(at=F(name)).order_by(order, "-pk" if down else "pk")
    rows = list(ordered)
    more = len(rows) > most
    rows = rows[:most]
    return Page(rows, (rows[-1]["at"], rows[-1]["id"]) if more else None)
