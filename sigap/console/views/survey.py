"""How callers found it: whom to ask, what they say, and what follows from a low mark."""

from typing import Any

from django.db.models import Q
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from pydantic import BaseModel

from sigap.complaints.models import Complaint
from sigap.complaints.survey import actions
from sigap.complaints.survey.models import CaseSurvey, FollowUp
from sigap.complaints.survey.queries import to_be_asked
from sigap.core.actors import Permission
from sigap.core.codes import Code
from sigap.core.errors import Missing, SigapError
from sigap.core.models import Contact
from sigap.core.names import named, reasons
from sigap.core.parameters import value
from sigap.core.queries import fetch
from sigap.core.web import Request, body, view
from sigap.evaluation import written
from sigap.evaluation.period import last_days
from sigap.evaluation.survey import case_survey
from sigap.incidents.models import Incident

from ..casefile import look
from ..rows import Row
from ..surveywords import way_names
from ..words import Words

P = Permission
DAYS = 30
CLOSED = 20
# A number by which somebody can be reached stands with a call, or with the complaint before.
KNOWN = Q(calls__contact__number__gt="") | Q(complaints__reporter__number__gt="")


class Said(BaseModel):
    """What came of asking."""

    score: int = 0
    version: int | None = None


class Ended(BaseModel):
    """What came of looking into a low mark."""

    reason: Code = ""
    note: str = ""
    version: int | None = None


@view(P.TAKE_CALLS)
def screen(request: Request) -> HttpResponseBase:
    """Whom to ask, what was said lately, and the low marks to look into."""
    return _page(request)


@view(P.TAKE_CALLS, "POST")
def ask(request: Request, incident_id: int) -> HttpResponse:
    """Somebody is about to ring this caller back."""
    survey = actions.ask_survey(incident_id, actor=request.actor)
    return redirect(f"/survey/{survey.pk}")


@view(P.TAKE_CALLS)
def one(request: Request, survey_id: int) -> HttpResponseBase:
    """The number, what it was about, and what to ask."""
    return _asking(request, _survey(survey_id))


@view(P.TAKE_CALLS, "POST")
def act(request: Request, survey_id: int, command: str) -> HttpResponseBase:
    """Note what the caller said, or that there is nothing to note."""
    given = body(request, Said)
    common: dict[str, Any] = {"version": given.version, "actor": request.actor}
    try:
        if command == "answer":
            actions.answer_survey(survey_id, score=given.score, **common)
        elif command == "miss":
            actions.miss_survey(survey_id, **common)
        elif command == "refuse":
            actions.refuse_survey(survey_id, **common)
        else:
            raise Missing(_("There is no such command."))
    except Missing:
        raise
    except SigapError as error:
        return _asking(request, _survey(survey_id), error)
    request.session["told"] = _("Saved.")
    return redirect("/survey")


@view(P.SUPERVISE, "POST")
def close(request: Request, follow_up_id: int) -> HttpResponseBase:
    """A low mark was looked into."""
    given = body(request, Ended)
    try:
        actions.close_follow_up(follow_up_id, actor=request.actor, **dict(given))
    except Missing:
        raise
    except SigapError as error:
        return _page(request, error)
    request.session["told"] = _("Saved.")
    return redirect("/survey#follow-ups")


def _page(request: Request, error: SigapError | None = None) -> HttpResponse:
    found = case_survey(last_days(DAYS))
    context: dict[str, Any] = {
        "here": "survey",
        "waiting": [_waiting(incident) for incident in to_be_asked(KNOWN)],
        "tries": value("survey.tries"),
        "percent": value("survey.sample_percent"),
        "ask_days": value("survey.ask_days"),
        "days": DAYS,
        "found": found,
        "rate": written.percent(found.response_percent),
        "error": error,
        "page_told": request.session.pop("told", ""),
    }
    if request.actor.may(P.SUPERVISE):
        rows = FollowUp.objects.select_related("note", "closed_by")
        words = Words()
        context["supervises"] = True
        context["open"] = [_followed(row, words) for row in rows.filter(state="open")]
        closed = rows.filter(state="closed").order_by("-closed_at")[:CLOSED]
        context["closed"] = [_followed(row, words) for row in closed]
        context["reasons"] = reasons("follow_up")
        context["low"] = value("survey.low_score")
    return render(request, "console/survey.html", context, status=error.status if error else 200)


def _waiting(incident: Incident) -> Row:
    survey = getattr(incident, "survey", None)
    return {
        "incident": incident,
        "type": named(incident.type),
        "area": incident.area.name if incident.area else "",
        "survey": survey,
    }


def _followed(row: FollowUp, words: Words) -> Row:
    noun, _colon, key = row.subject.partition(":")
    about = {"complaint": _("Complaint"), "incident": _("Incident")}.get(noun, noun)
    number = key
    if noun == "complaint":
        number = Complaint.objects.values_list("number", flat=True).get(pk=key)
    return {
        "row": row,
        "url": f"/{noun}s/{key}",
        "about": f"{about} {number}",
        "reason": words.reason(row.reason),
        "note": (_("(erased)") if row.note.erased_at else row.note.body) if row.note else "",
    }


def _survey(survey_id: int) -> CaseSurvey:
    return fetch(
        CaseSurvey.objects.select_related("incident__type", "incident__area"), pk=survey_id
    )


def _asking(request: Request, survey: CaseSurvey, error: SigapError | None = None) -> HttpResponse:
    look(survey.incident, screen="survey", actor=request.actor, again_after_s=600)
    contact = _reachable(survey.incident)
    context = {
        "here": "survey",
        "survey": survey,
        "state": str(CaseSurvey.MACHINE.names[survey.state]),
        "incident": survey.incident,
        "type": named(survey.incident.type),
        "number": contact.spoken if contact else "",
        "way": way_names()[survey.channel],
        "marks": range(1, 6),
        "error": error,
    }
    status = error.status if error else 200
    return render(request, "console/survey_one.html", context, status=status)


def _reachable(incident: Incident) -> Contact | None:
    """Who can be rung: the first caller, else who complained before it became an incident."""
    people = Contact.objects.exclude(number="")
    called = people.filter(calls__incident=incident).order_by("calls__began_at").first()
    return called or people.filter(complaints__incident=incident).first()


urlpatterns = [
    path("survey", screen),
    path("survey/incidents/<int:incident_id>/ask", ask),
    path("survey/<int:survey_id>", one),
    path("survey/<int:survey_id>/<str:command>", act),
    path("survey/follow-ups/<int:follow_up_id>/close", close),
]
