"""Reports of a period: drafted, read, given findings, signed, taken away as PDF and CSV."""

from collections.abc import Callable
from datetime import date
from typing import Any, Literal

from django.conf import settings
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from pydantic import BaseModel

from sigap.core.actors import Permission, Role
from sigap.core.codes import Code
from sigap.core.errors import Conflict, Missing, SigapError
from sigap.core.names import named, role_names
from sigap.core.queries import city_zone, site
from sigap.core.web import Request, body, view
from sigap.evaluation.chapters import report_of
from sigap.evaluation.paper import Paper, Standing, as_csv, differences, shown, thawed
from sigap.evaluation.period import period_of, this_month
from sigap.evaluation.typeset import as_pdf
from sigap.fleet.models import Agency
from sigap.reviews.models import Report
from sigap.reviews.reports import actions
from sigap.reviews.reports.queries import (
    findings_of,
    is_as_signed,
    next_edition,
    report,
    reports,
)

from .files import attached

P = Permission
SIGNED = ("signed", "replaced")


class Begun(BaseModel):
    """What a report is to be about."""

    first: date
    last: date
    agency: Code = ""
    compare_first: date | None = None
    compare_last: date | None = None


class Written(BaseModel):
    """Findings, and which version of the report whoever wrote them saw."""

    findings: str = ""
    version: int


class Seen(BaseModel):
    """Which version, and which figures, somebody saw when they decided."""

    version: int
    figures: Code = ""


@view(P.EVALUATE, "GET", "POST")
def listing(request: Request) -> HttpResponseBase:
    """All reports, and the form for a new one."""
    if request.method != "POST":
        return _listing(request)
    try:
        given = body(request, Begun)
        both = given.compare_first and given.compare_last
        compare = (given.compare_first, given.compare_last) if both else None
        drafted = actions.draft_report(
            given.first,
            given.last,
            agency=given.agency,
            compare=compare,  # type: ignore[arg-type] # both are there
            actor=request.actor,
        )
    except SigapError as error:
        return _listing(request, error)
    return redirect(f"/monev/reports/{drafted.pk}")


def _listing(request: Request, error: SigapError | None = None) -> HttpResponse:
    current, agencies = this_month(), Agency.objects.order_by("rank", "code")
    names = {a.code: named(a) for a in agencies}
    typed = {
        "first": current.first.isoformat(),
        "last": current.last.isoformat(),
        **{name: request.GET.get(name, "") for name in ("agency",)},
        **{name: request.GET[name] for name in ("first", "last") if name in request.GET},
        **{name: value for name, value in request.POST.items() if isinstance(value, str)},
    }
    context = {
        "rows": [(one, names.get(one.agency, one.agency), _state(one)) for one in reports()],
        "agencies": names.items(),
        "typed": typed,
        "error": error,
        "page_told": request.session.pop("told", ""),
    }
    return render(request, "console/reports.html", context, status=error.status if error else 200)


@view(P.EVALUATE)
def one(request: Request, report_id: int) -> HttpResponseBase:
    """A report with its figures: those that were signed, or what they are now."""
    return _page(request, report(report_id))


@view(P.EVALUATE, "POST")
def findings(request: Request, report_id: int) -> HttpResponseBase:
    """Keep the findings. Where somebody else has written meanwhile both stand on the page."""
    given = body(request, Written)
    try:
        actions.write_findings(
            report_id, given.findings, version=given.version, actor=request.actor
        )
    except Missing:
        raise
    except SigapError as error:
        return _page(request, report(report_id), error, typed=given.findings)
    return _done(request, report_id, _("Saved."))


@view(P.SIGN_REPORT, "POST")
def sign(request: Request, report_id: int) -> HttpResponseBase:
    """Sign it: its figures are worked out once more, before the command, and stand from then on."""
    given, found = body(request, Seen), report(report_id)
    paper = paper_of(found, official=True)
    if given.figures not in ("", paper.seen()):
        changed = Conflict(_("The figures have changed since you looked. Look again, then sign."))
        return _page(request, found, changed)
    frozen = paper.frozen()
    return _act(
        request,
        found,
        lambda: actions.sign_report(report_id, frozen, version=given.version, actor=request.actor),
        _("Signed. Its figures stand from now on."),
    )


@view(P.EVALUATE, "POST")
def drop(request: Request, report_id: int) -> HttpResponseBase:
    """Put a draft away."""
    given, found = body(request, Seen), report(report_id)
    return _act(
        request,
        found,
        lambda: actions.drop_report(report_id, version=given.version, actor=request.actor),
        _("Dropped."),
    )


@view(P.EVALUATE, "POST")
def edition(request: Request, report_id: int) -> HttpResponseBase:
    """Begin a new edition."""
    return _act(
        request,
        report(report_id),
        lambda: actions.draft_edition(report_id, actor=request.actor),
        _("A new edition. The one before stands until this one is signed."),
    )


@view(P.EVALUATE)
def pdf(request: Request, report_id: int) -> HttpResponseBase:
    """The report on paper."""
    return _file(report(report_id), "pdf")


@view(P.EVALUATE)
def csv(request: Request, report_id: int) -> HttpResponseBase:
    """Its figures as a table."""
    return _file(report(report_id), "csv")


def _act(request: Request, found: Report, act: Callable[[], Report], told: str) -> HttpResponseBase:
    try:
        changed = act()
    except SigapError as error:
        return _page(request, found, error)
    if changed.state == "dropped":
        request.session["told"] = told
        return redirect("/monev/reports")
    return _done(request, changed.pk, told)


def _done(request: Request, report_id: int, told: str) -> HttpResponse:
    request.session["told"] = told
    return redirect(f"/monev/reports/{report_id}")


def _file(found: Report, form: Literal["pdf", "csv"]) -> HttpResponse:
    paper = paper_of(found, official=True)
    with translation.override(paper.language):
        standing = standing_of(found)
    written: Any = as_pdf(paper, standing, base=site()) if form == "pdf" else ""
    name = f"{paper.first}-{paper.last}{'-' + paper.agency if paper.agency else ''}"
    name += f"-{found.edition}" if found.edition > 1 else ""
    return attached(written or as_csv(paper, standing), "laporan", name, form, drill=paper.drill)


def paper_of(found: Report, *, official: bool = False) -> Paper:
    """Its document: as it was signed, else as it is now."""
    return thawed(found.figures) if found.figures else _computed(found, official=official)


def _computed(found: Report, *, official: bool) -> Paper:
    """As it is now; the official one is in the city's own language."""
    language = settings.LANGUAGE_CODE if official else translation.get_language()
    compared = (
        period_of(found.compare_first, found.compare_last)
        if found.compare_first and found.compare_last
        else None
    )
    with translation.override(language):
        return report_of(period_of(found.first, found.last), found.agency, compared)


def standing_of(found: Report) -> Standing:
    """What stands beside the figures, in the language in force."""
    at = found.signed_at
    return Standing(
        findings=findings_of(found),
        state=_state(found),
        edition=found.edition,
        name=found.signed_by.name if found.signed_by else "",
        role=str(role_names().get(Role(found.signed_role), "")) if found.signed_role else "",
        at=date_format(at.astimezone(city_zone()), "j F Y H.i") if at else "",
        sha256=found.sha256,
    )


def _state(found: Report) -> str:
    return str(Report.MACHINE.names[found.state])


def _page(
    request: Request, found: Report, error: SigapError | None = None, typed: str | None = None
) -> HttpResponse:
    paper = paper_of(found)
    changed = []
    if found.state in SIGNED:
        with translation.override(paper.language):
            changed = differences(paper, _computed(found, official=True))
    conflict = isinstance(error, Conflict) and typed is not None
    now = findings_of(found)
    context = {
        "report": found,
        "standing": standing_of(found),
        "paper": shown(paper, base=""),
        "seen": paper.seen(),
        "kept": is_as_signed(found),
        "changed": changed,
        "next": next_edition(found),
        "findings": typed if typed is not None else now,
        # Two wrote at once: what the other one said, to be brought together with one's own.
        "theirs": now if conflict else "",
        "error": error,
        "may_sign": request.actor.may(P.SIGN_REPORT),
        "page_told": request.session.pop("told", ""),
    }
    return render(request, "console/report.html", context, status=error.status if error else 200)


urlpatterns = [
    path("monev/reports", listing),
    path("monev/reports/<int:report_id>", one),
    path("monev/reports/<int:report_id>/findings", findings),
    path("monev/reports/<int:report_id>/sign", sign),
    path("monev/reports/<int:report_id>/drop", drop),
    path("monev/reports/<int:report_id>/edition", edition),
    path("monev/reports/<int:report_id>/paper.pdf", pdf),
    path("monev/reports/<int:report_id>/paper.csv", csv),
]
