"""The call taker's screen and what is done on it."""

from datetime import timedelta
from typing import Annotated, Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import path
from pydantic import BaseModel, Field, StringConstraints

from sigap.calls import actions, queries
from sigap.calls.machine import LIVE
from sigap.calls.models import Call
from sigap.core import clock
from sigap.core.actors import Permission
from sigap.core.codes import Code
from sigap.core.journal import subject_of
from sigap.core.models import Journal, Text
from sigap.core.transaction import transaction
from sigap.core.web import LocalTime, Request, body, view

from ..casefile import look, plain, told
from ..rows import call_rows, iso
from .answers import changed
from .incident import NewPlace
from .recordings import playable

P = Permission
Words = Annotated[str, StringConstraints(max_length=20_000)]
Number = Annotated[str, StringConstraints(max_length=40)]


class Take(BaseModel):
    """Taking a call; `reason` when it is somebody else's."""

    reason: Code = ""


class Close(BaseModel):
    """The class of a call, with what the operator wrote about it."""

    call_class: Code = Field(alias="class")
    note: Words = ""
    field_action: bool = False
    incident: int | None = None
    confirm: bool = False
    version: int | None = None


class Reclassify(BaseModel):
    """The right class of a closed call, with the incident that it needs."""

    call_class: Code = Field(alias="class")
    field_action: bool = False
    incident: int | None = None
    confirm: bool = False
    version: int | None = None


class NewIncident(NewPlace):
    """The triage form: everything but the type may be missing."""

    type: Code
    address: Words = ""
    chronology: Words = ""
    reporter: Words = ""
    victims: int | None = None
    answers: dict[Code, Code] = {}
    priority: int | None = None
    siren: bool | None = None
    call_class: Code = ""  # given: the call gets this class in the same step

    def facts(self) -> dict[str, Any]:
        """The arguments of the action that opens an incident."""
        given = self.model_dump(exclude={"type", "call_class", "area", "landmark"})
        return given | {"area_code": self.area, "landmark_id": self.landmark}


class Link(BaseModel):
    """The incident that a call is about."""

    incident: int
    close: bool = False  # and close the call as a repeat of it
    note: Words = ""
    version: int | None = None


class CallBack(BaseModel):
    """How an attempt to ring back went."""

    reached: bool
    note: Words = ""
    version: int | None = None


class Waive(BaseModel):
    """Why nobody rings back."""

    reason: Code
    version: int | None = None


class Invited(BaseModel):
    """Who is to come to the line: an entry of the phone book, or a colleague."""

    entry: Code = ""
    user: int | None = None


class Colleague(BaseModel):
    """To whom a call is handed over."""

    user: int


class Entry(BaseModel):
    """A call entered by hand."""

    number: Number = ""
    occurred_at: LocalTime | None = None
    note: Words = ""


@view(P.TAKE_CALLS)
def screen(request: Request) -> HttpResponseBase:
    """The call taker's screen; its rows come over the stream."""
    reached = queries.reached_by(request.actor.person_id())
    me = {
        "me": request.actor.user_id,
        "supervises": request.actor.may(P.SUPERVISE),
        "reached": list(reached.values_list("pk", flat=True)),
    }
    context = {
        "me": me,
        "phones": bool(settings.ENV.aml_key.get_secret_value()),
        "telephone": bool(settings.ENV.phones_url),
    }
    return render(request, "console/calls.html", context)


@view(P.TAKE_CALLS)
def details(request: Request, call_id: int) -> HttpResponseBase:
    """One call with its notes and its caller's earlier calls; the look is journalled."""
    call = queries.get(call_id)
    earlier = Call.objects.none()
    if call.contact_id:
        same = Call.objects.filter(contact_id=call.contact_id)
        earlier = same.exclude(pk=call.pk).exclude(state__in=LIVE)
    # Once in ten minutes: the row itself would make the screen ask again.
    look(call, screen="call", actor=request.actor, again_after_s=600)
    notes = Text.objects.filter(subject=subject_of(call), field="note").order_by("id")
    return JsonResponse(
        {
            "call": call_rows([call])[0],
            "notes": [{"id": n.pk, "at": iso(n.at), "by": n.author, "text": n.body} for n in notes],
            "recordings": playable([call.pk], request.actor).get(call.pk, []),
            "story": plain(told(_story(call))),
            "earlier": [
                {
                    "id": c.pk,
                    "at": iso(c.began_at),
                    "state": c.state,
                    "class": c.call_class,
                    "incident": c.incident_id,
                }
                for c in earlier.order_by("-began_at")[:20]
            ],
        }
    )


def _story(call: Call) -> QuerySet[Journal]:
    """What happened to the call and to whoever else was on its line; of those who only listened,
    where the city wants operators to see it."""
    parties = call.parties.exclude(how__in=queries.hidden_listening())
    subjects = [subject_of(call), *(subject_of(party) for party in parties)]
    return Journal.objects.filter(subject__in=subjects).order_by("seq")


@view(P.TAKE_CALLS)
def recent(request: Request) -> HttpResponseBase:
    """The last calls closed within a watch, whose class may have to be corrected."""
    watch = clock.now() - timedelta(hours=12)
    closed = Call.objects.select_related("contact").filter(state="closed", closed_at__gte=watch)
    rows = closed.order_by("-closed_at")[:30]
    recordings = playable([c.pk for c in rows], request.actor)
    return JsonResponse(
        {
            "calls": [
                {
                    "id": c.pk,
                    "v": c.version,
                    "at": iso(c.closed_at),
                    "class": c.call_class,
                    "field_action": c.field_action,
                    "phone": c.contact.spoken if c.contact else None,
                    "operator": c.operator_id,
                    "incident": c.incident_id,
                    "recordings": recordings.get(c.pk, []),
                }
                for c in rows
            ]
        }
    )


@view(P.TAKE_CALLS, "POST")
def take(request: Request, call_id: int) -> HttpResponseBase:
    """Claim and answer."""
    given = body(request, Take)
    return changed(actions.take_call(call_id, actor=request.actor, reason=given.reason))


@view(P.TAKE_CALLS, "POST")
def hold(request: Request, call_id: int) -> HttpResponseBase:
    """Put the caller on hold."""
    return changed(actions.hold_call(call_id, actor=request.actor))


@view(P.TAKE_CALLS, "POST")
def resume(request: Request, call_id: int) -> HttpResponseBase:
    """Talk to the held caller again."""
    return changed(actions.resume_call(call_id, actor=request.actor))


@view(P.TAKE_CALLS, "POST")
def end(request: Request, call_id: int) -> HttpResponseBase:
    """The conversation is over."""
    return changed(actions.end_call(call_id, actor=request.actor))


@view(P.TAKE_CALLS, "POST")
def invite(request: Request, call_id: int) -> HttpResponseBase:
    """Bring somebody else to the line."""
    given = body(request, Invited)
    party = actions.invite_party(
        call_id, entry=given.entry, user_id=given.user, actor=request.actor
    )
    return changed(party, party=party.pk)


@view(P.TAKE_CALLS, "POST")
def transfer(request: Request, call_id: int) -> HttpResponseBase:
    """Hand the call over to a colleague."""
    given = body(request, Colleague)
    party = actions.transfer_call(call_id, given.user, actor=request.actor)
    return changed(party, party=party.pk)


@view(P.TAKE_CALLS, "POST")
def leave(request: Request, call_id: int) -> HttpResponseBase:
    """Leave the caller to the others on the line."""
    return changed(actions.leave_call(call_id, actor=request.actor))


@view(P.TAKE_CALLS, "POST")
def drop(request: Request, party_id: int) -> HttpResponseBase:
    """Let somebody off the line."""
    return changed(actions.drop_party(party_id, actor=request.actor))


@view(P.TAKE_CALLS, "POST")
def close(request: Request, call_id: int) -> HttpResponseBase:
    """Give the call its class; a repeat names its incident in the same step."""
    given = body(request, Close)
    with transaction():
        version = _linked(call_id, given, request)
        call = actions.close_call(
            call_id,
            given.call_class,
            actor=request.actor,
            note=given.note,
            field_action=given.field_action,
            confirmed=given.confirm,
            version=version,
        )
    return changed(call)


def _linked(call_id: int, given: Close | Reclassify, request: Request) -> int | None:
    """Link the call to the incident that its class names; the version still to compare."""
    if given.incident is None:
        return given.version
    actions.link_call(call_id, given.incident, actor=request.actor, version=given.version)
    return None


@view(P.TAKE_CALLS, "POST")
def incident(request: Request, call_id: int) -> HttpResponseBase:
    """Open an incident from the triage form."""
    given = body(request, NewIncident)
    with transaction():
        made = actions.open_incident_for_call(
            call_id, given.type, actor=request.actor, **given.facts()
        )
        call = queries.get(call_id)
        if given.call_class and call.MACHINE.allows(call.state, "close"):
            actions.close_call(call_id, given.call_class, actor=request.actor)
        elif given.call_class and call.MACHINE.allows(call.state, "reclassify"):
            actions.reclassify_call(call_id, given.call_class, actor=request.actor)
    return changed(made, call=call_id, suggested=made.suggested_priority, rule=made.suggested_rule)


@view(P.TAKE_CALLS, "POST")
def link(request: Request, call_id: int) -> HttpResponseBase:
    """Say which known incident the call is about."""
    given = body(request, Link)
    with transaction():
        call = actions.link_call(
            call_id, given.incident, actor=request.actor, version=given.version
        )
        if given.close:
            call = actions.close_call(call_id, "repeat", actor=request.actor, note=given.note)
    return changed(call, incident=call.incident_id)


@view(P.TAKE_CALLS, "POST")
def reclassify(request: Request, call_id: int) -> HttpResponseBase:
    """Correct the class of a closed call."""
    given = body(request, Reclassify)
    with transaction():
        version = _linked(call_id, given, request)
        call = actions.reclassify_call(
            call_id,
            given.call_class,
            actor=request.actor,
            field_action=given.field_action,
            confirmed=given.confirm,
            version=version,
        )
    return changed(call)


@view(P.TAKE_CALLS, "POST")
def callback(request: Request, call_id: int) -> HttpResponseBase:
    """Note an attempt to ring an abandoned caller back."""
    given = body(request, CallBack)
    return changed(
        actions.report_call_back(
            call_id,
            reached=given.reached,
            actor=request.actor,
            note=given.note,
            version=given.version,
        )
    )


@view(P.TAKE_CALLS, "POST")
def waive(request: Request, call_id: int) -> HttpResponseBase:
    """Decide not to ring back."""
    given = body(request, Waive)
    return changed(
        actions.waive_call_back(
            call_id, reason=given.reason, actor=request.actor, version=given.version
        )
    )


@view(P.TAKE_CALLS, "POST")
def enter(request: Request) -> HttpResponseBase:
    """Enter a call that no exchange reported."""
    given = body(request, Entry)
    return changed(
        actions.enter_call(
            actor=request.actor, number=given.number, occurred_at=given.occurred_at, note=given.note
        )
    )


urlpatterns = [
    path("calls", screen),
    path("calls/enter", enter),
    path("calls/recent", recent),
    path("calls/<int:call_id>", details),
    path("calls/<int:call_id>/take", take),
    path("calls/<int:call_id>/hold", hold),
    path("calls/<int:call_id>/resume", resume),
    path("calls/<int:call_id>/end", end),
    path("calls/<int:call_id>/invite", invite),
    path("calls/<int:call_id>/transfer", transfer),
    path("calls/<int:call_id>/leave", leave),
    path("calls/parties/<int:party_id>/drop", drop),
    path("calls/<int:call_id>/close", close),
    path("calls/<int:call_id>/incident", incident),
    path("calls/<int:call_id>/link", link),
    path("calls/<int:call_id>/reclassify", reclassify),
    path("calls/<int:call_id>/callback", callback),
    path("calls/<int:call_id>/waive", waive),
]
