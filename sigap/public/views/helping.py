"""What the caller of an incident sees by the link that was sent: that help comes and about where it
is, and in the end how it was. Nothing of what happened, and of nobody's name."""

import re
from datetime import timedelta
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _

from sigap.complaints.survey.actions import answer_survey, ask_survey
from sigap.complaints.survey.models import CaseSurvey
from sigap.complaints.survey.queries import may_answer
from sigap.core import clock
from sigap.core.actors import Permission, system
from sigap.core.errors import Invalid, Missing, Refused, SigapError
from sigap.core.names import in_language
from sigap.core.parameters import value
from sigap.core.queries import fetch
from sigap.core.transaction import transaction
from sigap.core.web import Request, view
from sigap.dispatch.queries import assignments_of
from sigap.incidents.machine import ACTIVE
from sigap.incidents.models import Incident
from sigap.incidents.queries import carrier

from ..coming import coming
from ..pace import check_pace
from .track import marks, private

P = Permission
WEB = system("web")
TOKEN = re.compile(r"[A-Za-z0-9_-]{20,43}")
MOST_MARKS = "10/hour"
FURTHER = ("notified", "en_route", "on_scene")


@view(P.PUBLIC, "GET", "POST")
def helping(request: Request, token: str) -> HttpResponseBase:
    """How far it is; once it is over, the question how it was."""
    try:
        incident = _by_token(token)
    except Missing:
        return private(render(request, "public/unknown.html", status=404))
    if request.method != "POST":
        return _page(request, incident)
    try:
        check_pace("helping", token, MOST_MARKS)
        _rate(incident, request.POST.get("score", ""))
    except SigapError as error:
        return _page(request, incident, error)
    return redirect(f"/bantuan/{token}?ok=1")


def _by_token(token: str) -> Incident:
    """The incident of this link; Missing where there is none, or it was closed long ago."""
    rows = Incident.objects.select_related("type", "disposition", "merged_into")
    found = carrier(fetch(rows, token=token if TOKEN.fullmatch(token) else ""))
    if found.type.tells == "nothing" or found.state == "cancelled":
        raise Missing(_("There is nothing at this address."))
    until = timedelta(days=value("survey.rate_days"))
    if found.closed_at and clock.now() >= found.closed_at + until:
        raise Missing(_("There is nothing at this address."))
    return found


def _rate(incident: Incident, score: str) -> None:
    if score not in ("1", "2", "3", "4", "5"):
        raise Invalid(_("The score is a number from 1 to 5."), code="score")
    with transaction():
        known = CaseSurvey.objects.filter(incident=incident).first()
        survey = known or ask_survey(incident.pk, channel="link", actor=WEB)
        if not may_answer(survey):
            raise Refused(_("Your mark is kept already."), code="answered")
        answer_survey(survey.pk, score=int(score), actor=WEB)


def _page(request: Request, incident: Incident, error: SigapError | None = None) -> HttpResponse:
    open_ = incident.state in ACTIVE
    survey = CaseSurvey.objects.filter(incident=incident).first()
    disposition = incident.disposition
    context: dict[str, Any] = {
        "incident": incident,
        "open": open_,
        "reached": _reached(incident),
        "coming": coming(incident) if open_ and incident.type.tells == "live" else [],
        "told": in_language(disposition, "told") if disposition else "",
        "ask": incident.state == "closed" and (survey is None or may_answer(survey)),
        "marked": survey is not None and survey.state == "answered",
        "marks": marks(),
        "error": error,
        "thanks": "ok" in request.GET,
    }
    status = error.status if error else 200
    return private(render(request, "public/helping.html", context, status=status))


def _reached(incident: Incident) -> list[dict[str, Any]]:
    """When the first unit was told, drove and was there, as far as that is known."""
    names = {
        "notified": _("A unit was told"),
        "en_route": _("A unit is on its way"),
        "on_scene": _("A unit is there"),
    }
    times = [time for job in assignments_of(incident) for time in job.times.all()]
    found = []
    for state in FURTHER:
        at = min((t.occurred_at for t in times if t.state == state), default=None)
        if at:
            found.append({"name": names[state], "at": at})
    return found


urlpatterns = [path("bantuan/<str:token>", helping)]
