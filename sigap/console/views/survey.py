"""How callers found it: whom to ask, what they say, and what follows from a low mark."""

from typing import Any

from django.db.models import Q
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from pydantic import BaseModel

from sigap.complaints.chat.actions import ask_caller
from sigap.complaints.chat.models import ChatMessage
from sigap.complaints.chat.queries import CALLERS_UNASKED, may_ask_callers, writable_callers
from sigap.complaints.models import Complaint
from sigap.complaints.survey import actions
from sigap.complaints.survey.models import CaseSurvey, FollowUp
from sigap.complaints.survey.queries import callers_of, to_be_asked
from sigap.core.actors import Permission
from sigap.core.codes import Code
from sigap.core.errors import Missing, Refused, SigapError
from sigap.core.names import named, reasons
from sigap.core.parameters import value
from sigap.core.queries import fetch
from sigap.core.web import Request, body, view
from sigap.evaluation.period import last_days
from sigap.evaluation.survey import case_survey
from sigap.evaluation.written import percent
from sigap.incidents.models import Incident

from ..casefile import look
from ..rows import Row
from ..words import Words
from ..words.surveys import way_names

P = Permission
DAYS = 30
CLOSED = 20
MOST_AT_ONCE = 100  # questions by one press of a button
ARRIVED = 3  # the rank of a message that is on their telephone
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


@view(P.TAKE_CALLS, "POST")
def write(request: Request, incident_id: int) -> HttpResponseBase:
    """Ask this caller on WhatsApp."""
    try:
        ask_caller(incident_id, actor=request.actor)
    except Missing:
        raise
    except SigapError as error:
        return _page(request, error)
    request.session["told"] = _("The question goes out on WhatsApp.")
    return redirect("/survey")


@view(P.TAKE_CALLS, "POST")
def write_all(request: Request) -> HttpResponseBase:
    """Ask on WhatsApp whoever can be and was not asked yet, at most so many at once."""
    asked = 0
    for incident in _writable(to_be_asked(KNOWN))[:MOST_AT_ONCE]:
        try:
            ask_caller(incident, actor=request.actor)
            asked += 1
        except Refused:
            continue  # somebody else was faster, or the number was erased
    told = ngettext(
        "%(n)d question goes out on WhatsApp.", "%(n)d questions go out on WhatsApp.", asked
    )
    request.session["told"] = told % {"n": asked}
    return redirect("/survey")


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
    found, incidents = case_survey(last_days(DAYS)), to_be_asked(KNOWN)
    writable, sent = set(_writable(incidents)), _sent(incidents)
    context: dict[str, Any] = {
        "here": "survey",
        "waiting": [_waiting(incident, writable, sent) for incident in incidents],
        "writable": min(len(writable), MOST_AT_ONCE),
        "unwritable": CALLERS_UNASKED.get(may_ask_callers(), ""),
        "tries": value("survey.tries"),
        "percent": value("survey.sample_percent"),
        "ask_days": value("survey.ask_days"),
        "days": DAYS,
        "found": found,
        "rate": percent(found.response_percent),
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


def _writable(incidents: list[Incident]) -> list[int]:
    """Whose callers can be asked on WhatsApp, and were asked in no way yet."""
    if may_ask_callers():
        return []
    unasked = [incident.pk for incident in incidents if getattr(incident, "survey", None) is None]
    callers = writable_callers(unasked)
    return [pk for pk in unasked if pk in callers]


def _sent(incidents: list[Incident]) -> dict[int, ChatMessage]:
    """The questions that went out on WhatsApp, by their incident."""
    of = [incident.pk for incident in incidents if getattr(incident, "survey", None) is not None]
    rows = ChatMessage.objects.filter(survey__incident__in=of).order_by("-id")
    return {row.survey.incident_id: row for row in rows.select_related("survey") if row.survey}


def _waiting(incident: Incident, writable: set[int], sent: dict[int, ChatMessage]) -> Row:
    survey, message = getattr(incident, "survey", None), sent.get(incident.pk)
    written = survey is not None and survey.channel == "whatsapp" and message is not None
    return {
        "writable": incident.pk in writable,
        "written": message if written else None,
        "arrived": message is not None and message.rank >= ARRIVED,
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
    people = callers_of([survey.incident_id]).get(survey.incident_id)
    contact = people[0] if people else None
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


urlpatterns = [
    path("survey", screen),
    path("survey/incidents/<int:incident_id>/ask", ask),
    path("survey/incidents/<int:incident_id>/write", write),
    path("survey/write", write_all),
    path("survey/<int:survey_id>", one),
    path("survey/<int:survey_id>/<str:command>", act),
    path("survey/follow-ups/<int:follow_up_id>/close", close),
]
