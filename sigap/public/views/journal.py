"""The heads of the journal, day by day, and whether a case file belongs to them."""

import json
from pathlib import Path
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sigap.core import check_case
from sigap.core.actors import Permission
from sigap.core.days import day_heads
from sigap.core.errors import Invalid, SigapError
from sigap.core.models import JournalDay
from sigap.core.queries import deployment
from sigap.core.web import Request, view
from sigap.evaluation.written import whole

from ..pace import check_address
from ..transparency.datasets import LATIHAN, mark
from .opendata import MOST_FILES, sent
from .transparency import paced, page

MB = 1024 * 1024
MOST_BYTES = 7 * MB  # a case of ten thousand rows
MOST_ROWS, MOST_PARTS = 10_000, 1000  # in which nobody is kept waiting
MOST_CHECKS = "30/hour"
SHOWN_DAYS, SHOWN_FAULTS = 60, 20
PRACTICE = "# LATIHAN: offered by a drill, in which nothing is real.\n"


@view(Permission.PUBLIC, "GET", "POST")
@paced
def heads(request: Request) -> HttpResponse:
    """The newest days, and a form to check a case file; with one, what became of it."""
    if request.method == "POST":
        return _checked(request)
    days = JournalDay.objects.order_by("-day")
    context = _days()
    return page(request, "journal", context, stamp=tuple(days.values_list("head", flat=True)[:1]))


@view(Permission.PUBLIC)
def kept(request: Request) -> HttpResponse:
    """All heads as a file, to keep elsewhere."""
    check_address(request, "open_data", MOST_FILES)
    served = deployment()
    told = {"format": "sigap-heads-1", "city": served.name if served else "", "days": day_heads()}
    if mark():
        told["note"] = LATIHAN
    data = json.dumps(told, ensure_ascii=False, indent=1).encode()
    return sent(request, data, "application/json", "heads.json")


@view(Permission.PUBLIC)
def script(request: Request) -> HttpResponse:
    """The program by which anybody checks at home: one file, which needs nothing else."""
    check_address(request, "open_data", MOST_FILES)
    data = Path(check_case.__file__).read_bytes()
    if mark():
        first, rest = data.split(b"\n", 1)
        data = first + b"\n" + PRACTICE.encode() + rest
    return sent(request, data, "text/x-python; charset=utf-8", "check_case.py")


def _checked(request: Request) -> HttpResponse:
    try:
        check_address(request, "case_file", MOST_CHECKS)
        document = _document(request)
    except SigapError as error:
        return _page(request, {"error": error}, status=error.status)
    told = day_heads()
    faults = check_case.verify_case(document, told)
    if faults:
        shown = [(_words(fault), fault.where[:100]) for fault in faults[:SHOWN_FAULTS]]
        return _page(request, {"faults": shown, "more": max(0, len(faults) - SHOWN_FAULTS)})
    late = check_case.waiting(document, told)
    good = len(document["proof"]["rows"]) - late
    context = {
        "fits": bool(good),
        "case": str(document["case"])[:40],
        "good": ngettext("%(n)s row", "%(n)s rows", good) % {"n": whole(good)},
        "late": late and ngettext("%(n)s row", "%(n)s rows", late) % {"n": whole(late)},
    }
    return _page(request, context)


def _document(request: Request) -> dict[str, Any]:
    """The case file that was sent, kept nowhere; Invalid says what is wrong with it."""
    given = request.FILES.get("file")
    if given is None:
        raise Invalid(_("Choose a case file first."))
    if (given.size or 0) > MOST_BYTES:
        raise Invalid(_("The file is too large: a case file has 7 MB at most."))
    try:
        document = json.loads(given.read())
    except RecursionError:
        raise Invalid(_("This is no case file: it is nested too deeply.")) from None
    except ValueError:
        raise Invalid(_("This is no case file: it is not JSON.")) from None
    if not isinstance(document, dict) or document.get("format") != "sigap-case-1":
        raise Invalid(_("This is JSON, but no case file of this program."))
    proof = document.get("proof")
    rows = proof.get("rows") if isinstance(proof, dict) else None
    if not (isinstance(proof, dict) and isinstance(rows, list) and rows):
        raise Invalid(_("This case file has no proof, so nothing can be checked."))
    parts = (proof.get("days"), proof.get("cases"), document.get("covers"))
    many = sum(len(part) for part in parts if isinstance(part, list))
    if len(rows) > MOST_ROWS or many > MOST_PARTS:
        raise Invalid(_("This case has more rows than are checked here: use the program below."))
    return document


def _words(fault: check_case.Fault) -> str:
    """What does not hold, in the reader's language."""
    return {
        "unreadable": _("This is not a whole case file."),
        "heads": _("A published day does not follow the one before it."),
        "order": _("A row is not in its place."),
        "changed": _("A row is not as it was recorded."),
        "unproven": _("Nothing shows that this row was recorded."),
        "outdated": _("The file was made before its last day was published: get it anew."),
        "left_out": _("A row of the case is left out, or was put in."),
        "old_heads": _("The published days do not reach as far as the file."),
        "untrue": _("The file says something else than the record."),
    }.get(fault.code, fault.words)


def _days() -> dict[str, Any]:
    newest = JournalDay.objects.order_by("-day")[:SHOWN_DAYS]
    return {"days": list(newest), "count": whole(JournalDay.objects.count())}


def _page(request: Request, context: dict[str, Any], status: int = 200) -> HttpResponse:
    context = _days() | context | {"asked": True}
    answer = render(request, "public/transparency/journal.html", context, status=status)
    answer["Cache-Control"] = "no-store"
    return answer


urlpatterns = [
    path("transparansi/jurnal", heads),
    path("transparansi/jurnal/heads.json", kept),
    path("transparansi/jurnal/check_case.py", script),
]
