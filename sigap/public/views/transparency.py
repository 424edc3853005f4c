"""What anybody reads of the city's work: today, a month, a year, the rules of publication."""

import hashlib
from collections.abc import Callable
from datetime import date
from functools import cache, wraps
from pathlib import Path
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

import sigap
from sigap.complaints.queries import categories
from sigap.core.actors import Permission
from sigap.core.errors import Missing
from sigap.core.names import named
from sigap.core.parameters import value
from sigap.core.queries import deployment
from sigap.core.web import Request, view
from sigap.evaluation.definitions import definitions, label
from sigap.evaluation.models import CLOCKS
from sigap.evaluation.open_month import CALL_LINES, first_month
from sigap.evaluation.written import whole

from ..pace import check_address
from ..transparency.editions import after, edition, editions, months, public_from, sums, today
from ..transparency.figures import so_far
from ..transparency.monthly import calls_of, complaints_of, mean_times, survey_of, times_of
from ..transparency.words import (
    added,
    count,
    grown,
    label_of,
    line_name,
    month_name,
    name_of,
    rule_name,
    span_of,
)

MOST = "600/minute"  # of one address, behind which a whole mobile network may be
FIRST_YEAR, LAST_YEAR = 2000, 2100
View = Callable[..., HttpResponse]


def paced(show: View) -> View:
    """Open to all, at a pace."""

    @wraps(show)
    def at_a_pace(request: Request, *args: Any, **more: Any) -> HttpResponse:
        check_address(request, "transparency", MOST)
        return show(request, *args, **more)

    return at_a_pace


@view(Permission.PUBLIC)
@paced
def overview(request: Request) -> HttpResponse:
    """Today, the months that are not public yet, and the way to all others."""
    found, public = so_far(), months()
    shown = (found.today, *found.months)
    return page(
        request,
        "overview",
        {
            "found": found,
            "lines": [
                (line_name(line), *(grown(one.lines[line]) for one in shown)) for line in CALL_LINES
            ],
            "totals": [grown(one.total) for one in shown],
            "filed": [grown(one.complaints) for one in shown],
            "open_months": [span_of(one) for one in found.months],
            "coming": [(month_name(one.first), public_from(one.first)) for one in found.months],
            "public": [(one, month_name(one)) for one in public[:12]],
            "years": sorted({one.year for one in public} | {found.day.year}, reverse=True),
        },
        stamp=(found.as_at, public[:1], len(public)),
    )


@view(Permission.PUBLIC)
@paced
def year(request: Request, number: int) -> HttpResponse:
    """The public months of a year, and what they add up to."""
    if not FIRST_YEAR <= number <= LAST_YEAR:
        raise Missing(_("There is no such period."))
    found = editions(date(number, 1, 1), date(number, 12, 31))
    calls = [one.body["calls"]["lines"] | {"total": one.body["calls"]["total"]} for one in found]
    rows = [
        {
            "month": one.month,
            "name": month_name(one.month),
            "calls": [count(line[key]) for key in (*CALL_LINES, "total")],
            "complaints": count(one.body["complaints"]["total"]),
        }
        for one, line in zip(found, calls, strict=True)
    ]
    together, filed = sums(calls), sums([{"n": one.body["complaints"]["total"]} for one in found])
    context = {
        "year": number,
        "heads": [line_name(line) for line in CALL_LINES],
        "rows": rows,
        "sums": [added(together[key]) for key in (*CALL_LINES, "total")] if found else [],
        "filed": added(filed["n"]) if found else "",
        "times": mean_times(found),
        "clocks": [label(clock) for clock in CLOCKS],
        "why": "" if found else _why_not(date(number, 12, 1), date(number, 1, 1)),
        "hides": any(one.hidden for one in (*together.values(), *filed.values())),
    }
    return page(request, "year", context, stamp=(number, [one.digest for one in found], today()))


@view(Permission.PUBLIC)
@paced
def month(request: Request, number: int, of_year: int) -> HttpResponse:
    """One month: all that is public of it, or from when it will be."""
    try:
        first = date(of_year, number, 1)
    except (ValueError, OverflowError):
        raise Missing(_("There is no such period.")) from None
    if not FIRST_YEAR <= of_year <= LAST_YEAR:
        raise Missing(_("There is no such period."))
    found, context = edition(first), {"first": first, "name": month_name(first)}
    if found is None:
        context |= {"why": _why_not(first, first)}
        return page(request, "month", context, stamp=(first, today()))
    body = found.body
    context |= {
        "edition": found,
        "least": body["least"],
        "calls": calls_of(body["calls"]),
        "clocks": [
            {"name": label(clock), "means": definitions()[clock], **times_of(told_of)}
            for clock, told_of in body["response"]["clocks"].items()
        ],
        "agencies": [
            {"name": name_of(one), **times_of(one["clocks"]["total"])}
            for one in body["response"]["agencies"]
        ],
        **complaints_of(body["complaints"]),
        "surveys": [
            {"name": name, "means": definitions()[key], **survey_of(body[key])}
            for name, key in ((_("Complaints"), "survey"), (label("case_survey"), "case_survey"))
        ],
        "definitions": definitions(),
    }
    return page(request, "month", context, stamp=(first, found.digest))


@view(Permission.PUBLIC)
@paced
def rules(request: Request) -> HttpResponse:
    """What is published, of which kind how much, and what the figures mean."""
    kinds = [(named(kind), rule_name(kind.publish)) for kind in categories().values()]
    context = {
        "least": whole(round(value("transparency.least"))),
        "settle": whole(round(value("transparency.settle_days"))),
        "kinds": kinds,
        "definitions": [(label_of(key), text) for key, text in definitions().items()],
    }
    return page(request, "rules", context, stamp=(kinds, context["least"], context["settle"]))


def page(
    request: Request, name: str, context: dict[str, Any], *, stamp: tuple[Any, ...]
) -> HttpResponse:
    """A page with its mark: a browser that has it is told so, and the page is not made. The form
    of its language has a token of the visitor's own, so that no cache between may keep it."""
    served = deployment()
    given = (
        _program(),
        name,
        get_language(),
        served.name if served else "",
        served and served.drill,
        stamp,
    )
    etag = f'W/"{hashlib.sha256(repr(given).encode()).hexdigest()[:32]}"'
    answer = get_conditional_response(request, etag=etag)
    if answer is None:
        answer = render(request, f"public/transparency/{name}.html", context)
        answer["ETag"] = etag
    patch_cache_control(answer, private=True, no_cache=True)
    return answer


@cache
def _program() -> str:
    """What pages are made with: another version makes others of the same figures."""
    root = Path(sigap.__file__).parent
    parts = [*(root / "public").rglob("*.html"), *(root / "public").rglob("*.css")]
    every = b"".join(part.read_bytes() for part in sorted([*parts, *root.rglob("*.mo")]))
    return hashlib.sha256(every).hexdigest()


def _why_not(last: date, first: date) -> str:
    """Why nothing is public from one month to another."""
    begun, day = first_month(), today()
    if first > day:
        return _("This period has not begun. There are no figures of the future.")
    if begun is None:
        return _("Not enough data: nothing is recorded yet.")
    if after(last) <= begun:
        return _("Not enough data: the record begins in %(month)s.") % {"month": month_name(begun)}
    from_day = public_from(max(first, begun))
    if from_day <= day:
        return _("Not public yet: these figures are being made. Come back in an hour.")
    return _("Not public yet: the figures of a month are published once, here from %(day)s.") % {
        "day": date_format(from_day, "j F Y")
    }


urlpatterns = [
    path("transparansi", overview),
    path("transparansi/aturan", rules),
    path("transparansi/<int:number>", year),
    path("transparansi/<int:of_year>-<int:number>", month),
]
