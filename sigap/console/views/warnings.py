"""Public warnings: those in force, those that were, what is wrong with their sources."""

from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _

from sigap.core.actors import Permission
from sigap.core.errors import Missing
from sigap.core.queries import deployment, fetch
from sigap.core.web import Request, view
from sigap.places.models import Area
from sigap.warnings.machine import PUBLISHED
from sigap.warnings.models import Announcement, ReceivedWarning, WarningFault, WarningSource
from sigap.warnings.queries import in_force, may_propose, own_in_force, rank_of, words_of

from ..rows import Row
from ..words import state_names
from ..words.warnings import (
    certainty_names,
    fault_name,
    hazard_names,
    named_code,
    oddity_names,
    severity_names,
    status_names,
    type_names,
    urgency_names,
)

P = Permission
MOST, MOST_FAULTS = 100, 30
SIGNS = {"Extreme": "⬢", "Severe": "▲", "Moderate": "◆", "Minor": "●"}


@view(P.LIVE)
def screen(request: Request) -> HttpResponseBase:
    """What is in force; below it what was, and the sources."""
    actor = request.actor
    received = ReceivedWarning.objects.select_related("source").defer("document", "shape")
    if not _may_see_practice(request):
        received = received.filter(status="Actual")
    own, proposing = Announcement.objects.order_by("-pk"), may_propose(actor)
    context = {
        "here": "warnings",
        "now": [own_row(a) for a in own_in_force()] + [_row(w) for w in in_force()],
        "proposing": proposing,
        "unsigned": [own_row(a) for a in own.filter(state__in=("draft", "proposed")) if proposing],
        "own": [own_row(a) for a in own.filter(state__in=PUBLISHED)[:MOST]],
        "received": [_row(w) for w in received.order_by("-received_at", "-pk")[:MOST]],
        "most": MOST,
        "sources": [_source(s) for s in WarningSource.objects.order_by("name")],
        "faults": [_fault(f) for f in _faults(request)],
        "page_told": request.session.pop("told", ""),
    }
    return render(request, "console/warnings.html", context)


@view(P.LIVE)
def one(request: Request, warning_id: int) -> HttpResponseBase:
    """One received warning, with all that it says."""
    found = fetch(ReceivedWarning.objects.select_related("source"), pk=warning_id)
    if found.is_practice and not _may_see_practice(request):
        raise Missing(_("Not found: %(what)s") % {"what": _("warning")})
    names = dict(Area.objects.values_list("code", "name"))
    wanted = words_of(found)
    others = [info for info in found.infos if info not in wanted]
    context = {
        "here": "warnings",
        "row": _row(found),
        "warning": found,
        "infos": [_info(info) for info in wanted],
        "others": [_info(info) for info in others],
        "areas": [names.get(code, code) for code in found.areas],
        "oddities": [oddity_names().get(code, code) for code in found.oddities],
        "scope": found.scope,
    }
    return render(request, "console/warning.html", context)


def _may_see_practice(request: Request) -> bool:
    served = deployment()
    return request.actor.may(P.SUPERVISE) or bool(served and served.drill)


def _faults(request: Request) -> list[WarningFault]:
    if not (request.actor.may(P.SUPERVISE) or request.actor.may(P.ADMINISTER)):
        return []
    return list(WarningFault.objects.select_related("source").order_by("-last_at")[:MOST_FAULTS])


def graded(severity: str) -> Row:
    """A severity by shape and word."""
    return {
        "code": severity.lower(),
        "sign": SIGNS.get(severity, "?"),
        "name": named_code(severity_names(), severity),
        "rank": rank_of(severity),
    }


def _row(warning: ReceivedWarning) -> Row:
    said = next(iter(words_of(warning)), {})
    return {
        "href": f"/warnings/{warning.pk}",
        "event": said.get("event", "") or named_code(type_names(), warning.msg_type),
        "headline": said.get("headline", ""),
        "by": said.get("sender_name") or warning.sender,
        "grade": graded(warning.severity),
        "practice": "" if not warning.is_practice else named_code(status_names(), warning.status),
        "type": named_code(type_names(), warning.msg_type),
        "areas": len(warning.areas),
        "sent": warning.sent,
        "expires": warning.expires,
        "state_name": state_names("warning")[warning.state],
        "in_force": warning.state == "in_force",
    }


def own_row(announcement: Announcement) -> Row:
    """One of the city's own for a list."""
    return {
        "href": f"/warnings/own/{announcement.pk}",
        "event": announcement.event,
        "headline": announcement.headline,
        "by": "",
        "grade": graded(announcement.severity),
        "practice": "LATIHAN" if announcement.exercise else "",
        "type": named_code(type_names(), announcement.msg_type),
        "areas": len(announcement.touched or announcement.areas),
        "sent": announcement.sent or announcement.written_at,
        "expires": announcement.expires,
        "state_name": state_names("announcement")[announcement.state],
        "in_force": announcement.state == "issued",
    }


def _info(info: dict[str, Any]) -> Row:
    coded = (
        (_("Kind of danger"), ", ".join(named_code(hazard_names(), c) for c in info["categories"])),
        (_("Severity"), named_code(severity_names(), info["severity"])),
        (_("Urgency"), named_code(urgency_names(), info["urgency"])),
        (_("Certainty"), named_code(certainty_names(), info["certainty"])),
        (_("Sender"), info["sender_name"]),
        (_("Area"), "; ".join(info["regions"])),
        (_("Contact"), info["contact"]),
    )
    return info | {"facts": [(label, text) for label, text in coded if text]}


def _source(source: WarningSource) -> Row:
    return {
        "name": source.name,
        "active": source.active,
        "ok_at": source.ok_at,
        "fault": fault_name(source.fault) if source.fault else "",
        "signed": bool(source.certificate),
    }


def _fault(fault: WarningFault) -> Row:
    return {
        "source": fault.source.name,
        "url": fault.url,
        "why": fault_name(fault.code),
        "last_at": fault.last_at,
        "times": fault.times,
    }


urlpatterns = [path("warnings", screen), path("warnings/<int:warning_id>", one)]
