"""One incident: its facts, its story in words, its replay, and what may be done to it."""

from typing import Annotated, Any, Literal, Self

from django.http import HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from pydantic import BaseModel, Field, StringConstraints, model_validator

from sigap.core.actors import Actor, Permission
from sigap.core.codes import Code
from sigap.core.names import named, reasons
from sigap.core.queries import fetch
from sigap.core.web import Request, body, view
from sigap.dispatch.actions import End, end_incident, reopen_incident, unmerge_incident
from sigap.dispatch.field.files import KEPT
from sigap.dispatch.field.models import FieldPhoto
from sigap.incidents import actions
from sigap.incidents.machine import ACTIVE
from sigap.incidents.models import Disposition, Incident
from sigap.incidents.queries import family_ids, get
from sigap.places.models import Area

from ..casefile import case_file, look, plain, replay_data, story
from ..ground import map_settings
from ..readiness import where_to
from ..words import state_names
from .answers import changed
from .complaints import as_sent
from .neighbours import panel

P = Permission
Words = Annotated[str, StringConstraints(max_length=20_000)]
Lat = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Lng = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]


class NewPlace(BaseModel):
    """Where it is: a point, a landmark or a kelurahan; the typed address is kept apart."""

    lat: Lat | None = None
    lng: Lng | None = None
    location_source: Literal["", "typed", "map", "landmark", "area", "handset"] = ""
    accuracy_m: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    area: Code = ""
    landmark: int | None = None

    @model_validator(mode="after")
    def _point_is_whole(self) -> Self:
        if (self.lat is None) != (self.lng is None):
            raise ValueError(_("lat and lng belong together"))
        return self


class Version(BaseModel):
    """The version that the person saw; without it nothing is compared."""

    version: int | None = None


class Facts(NewPlace, Version):
    """Corrections: only what is sent changes. A place is always sent as a whole."""

    type: Code = ""
    address: Words = ""
    chronology: Words = ""
    reporter: Words = ""
    victims: int | None = None

    def given(self) -> dict[str, Any]:
        """The arguments of the action, without what was not sent."""
        names = {"type": "type_code", "area": "area_code", "landmark": "landmark_id"}
        sent = self.model_dump(include=self.model_fields_set, exclude={"version"})
        return {names.get(name, name): value for name, value in sent.items()}


class Answers(Version):
    """Triage answers, question code to answer code."""

    answers: dict[Code, Code]


class Choice(Version):
    """The chosen priority."""

    priority: int
    siren: bool | None = None


class Level(Version):
    """The alarm level."""

    level: int


class Note(BaseModel):
    """A line for the story of the incident."""

    text: Words


class Merge(Version):
    """The incident that carries on."""

    into: int


class LinkTo(BaseModel):
    """The other incident, and what it is to this one."""

    other: int
    kind: Literal["parent", "related"] = "related"


class Ending(Version):
    """How it ended; `confirm` when units are still at work there."""

    disposition: Code = ""
    confirm: bool = False


class Reasoned(Version):
    """Why, as a code and in words."""

    reason: Code = ""
    note: Words = ""
    confirm: bool = False


@view(P.CONSOLE)
def page(request: Request, incident_id: int) -> HttpResponseBase:
    """All that is known of an incident. The look itself is journalled."""
    incident = get(incident_id)
    look(incident, screen="incident", actor=request.actor)
    page = _page_data(incident, request.actor)
    context = case_file(incident, request.actor) | {"page": page}
    if request.actor.may(P.MANAGE_INCIDENTS):
        context["neighbours"] = panel(incident, request.actor)
    if incident.state in ACTIVE:
        context |= where_to(incident, request.GET.get("specialty", "")[:40])
    return render(request, "console/incident.html", context)


@view(P.CONSOLE)
def replay(request: Request, incident_id: int) -> HttpResponseBase:
    """The incident once more, second by second. Where the crews were is for those who send them,
    and that they looked is noted."""
    incident = get(incident_id)
    look(incident, screen="replay", actor=request.actor)
    told = replay_data(incident, with_tracks=request.actor.may(P.DISPATCH))
    if told["tracks"]:
        look(incident, screen="track", actor=request.actor)
    context = {
        "incident": incident,
        "replay": told,
        "map_settings": map_settings(),
    }
    return render(request, "console/replay.html", context)


@view(P.CONSOLE)
def timeline(request: Request, incident_id: int) -> HttpResponseBase:
    """The story as data, for the panels of the live screens, with what their rows leave out."""
    incident = get(incident_id)
    # Written once in ten minutes: the row itself would make the panels ask again.
    look(incident, screen="timeline", actor=request.actor, again_after_s=600)
    words = {
        name: text.body if (text := getattr(incident, name)) else ""
        for name in ("chronology", "reporter")
    }
    rows = plain(story(incident, request.actor))
    return JsonResponse({"incident": incident.pk, "rows": rows, "words": words})


@view(P.CONSOLE)
def photo(request: Request, incident_id: int, photo_id: int) -> HttpResponseBase:
    """A crew's photo. That it is opened is journalled before it is shown."""
    incident = get(incident_id)
    shown = {"assignment__incident__in": family_ids(incident), "kept_at__isnull": False}
    row = fetch(FieldPhoto.objects.filter(**shown), pk=photo_id)
    look(incident, screen="photo", actor=request.actor)
    return as_sent(row, KEPT)


@view(P.MANAGE_INCIDENTS, "POST")
def facts(request: Request, incident_id: int) -> HttpResponseBase:
    """Correct what is known."""
    given = body(request, Facts)
    return changed(
        actions.change_facts(
            incident_id, actor=request.actor, version=given.version, **given.given()
        )
    )


@view(P.MANAGE_INCIDENTS, "POST")
def answers(request: Request, incident_id: int) -> HttpResponseBase:
    """Keep triage answers."""
    given = body(request, Answers)
    return changed(
        actions.answer_questions(
            incident_id, given.answers, actor=request.actor, version=given.version
        )
    )


@view(P.MANAGE_INCIDENTS, "POST")
def priority(request: Request, incident_id: int) -> HttpResponseBase:
    """Choose the priority."""
    given = body(request, Choice)
    return changed(
        actions.set_priority(
            incident_id,
            given.priority,
            siren=given.siren,
            actor=request.actor,
            version=given.version,
        )
    )


@view(P.MANAGE_INCIDENTS, "POST")
def level(request: Request, incident_id: int) -> HttpResponseBase:
    """Raise the alarm level, or take it back."""
    given = body(request, Level)
    return changed(
        actions.set_level(incident_id, given.level, actor=request.actor, version=given.version)
    )


@view(P.MANAGE_INCIDENTS, "POST")
def note(request: Request, incident_id: int) -> HttpResponseBase:
    """Write a note."""
    text = actions.add_note(incident_id, body(request, Note).text, actor=request.actor)
    return JsonResponse({"ok": True, "incident": incident_id, "note": text.pk})


@view(P.MANAGE_INCIDENTS, "POST")
def strike(request: Request, incident_id: int, text_id: int) -> HttpResponseBase:
    """Strike a note through, with the reason."""
    reason = body(request, Reasoned).reason
    actions.strike_note(incident_id, text_id, reason=reason, actor=request.actor)
    return JsonResponse({"ok": True, "incident": incident_id, "note": text_id})


@view(P.MANAGE_INCIDENTS, "POST")
def merge(request: Request, incident_id: int) -> HttpResponseBase:
    """Say that it is the same as another incident."""
    given = body(request, Merge)
    into = actions.merge_incident(
        incident_id, given.into, actor=request.actor, version=given.version
    )
    return changed(into, merged=incident_id)


@view(P.MANAGE_INCIDENTS, "POST")
def unmerge(request: Request, incident_id: int) -> HttpResponseBase:
    """Take a merge back."""
    given = body(request, Version)
    return changed(unmerge_incident(incident_id, actor=request.actor, version=given.version))


@view(P.MANAGE_INCIDENTS, "POST")
def link(request: Request, incident_id: int) -> HttpResponseBase:
    """Say that it belongs with another incident."""
    given = body(request, LinkTo)
    actions.link_incidents(incident_id, given.other, given.kind, actor=request.actor)
    return JsonResponse({"ok": True, "incident": incident_id, "other": given.other})


@view(P.MANAGE_INCIDENTS, "POST")
def resolve(request: Request, incident_id: int) -> HttpResponseBase:
    """Nothing more is expected of the field."""
    return _end(request, incident_id, "resolve", body(request, Ending))


@view(P.MANAGE_INCIDENTS, "POST")
def close(request: Request, incident_id: int) -> HttpResponseBase:
    """Close the file."""
    return _end(request, incident_id, "close", body(request, Ending))


@view(P.MANAGE_INCIDENTS, "POST")
def cancel(request: Request, incident_id: int) -> HttpResponseBase:
    """Nobody is needed."""
    return _end(request, incident_id, "cancel", body(request, Reasoned))


@view(P.MANAGE_INCIDENTS, "POST")
def reopen(request: Request, incident_id: int) -> HttpResponseBase:
    """Take it up again."""
    given = body(request, Reasoned)
    return changed(
        reopen_incident(
            incident_id,
            reason=given.reason,
            note=given.note,
            actor=request.actor,
            version=given.version,
        )
    )


def _page_data(incident: Incident, actor: Actor) -> dict[str, Any]:
    """What the scripts of the page need: the commands that are possible now, and choices."""
    allowed = [
        {"code": code, "name": name}
        for code, name in _command_names().items()
        if code in _ALWAYS or incident.MACHINE.allows(incident.state, code)
    ]
    if incident.state in ACTIVE:
        allowed.insert(3, {"code": "close", "name": _("Resolve and close")})
    return {
        "id": incident.pk,
        "v": incident.version,
        "manages": actor.may(P.MANAGE_INCIDENTS),
        "dispatches": actor.may(P.DISPATCH),
        "commands": allowed,
        "facts": {
            "address": incident.address.body if incident.address else "",
            "chronology": incident.chronology.body if incident.chronology else "",
            "reporter": incident.reporter.body if incident.reporter else "",
            "victims": "" if incident.victims is None else str(incident.victims),
            "area": incident.area.code if incident.area else "",
        },
        "place": _place(incident),
        "areas": list(Area.objects.order_by("name").values_list("code", "name")),
        "priority": incident.priority,
        "steps": state_names("assignment"),
        "reasons": {p: dict(reasons(p)) for p in ("cancel", "reopen", "correct", "strike")},
        "outcomes": {d.code: named(d) for d in Disposition.objects.filter(active=True)},
    }


def _place(incident: Incident) -> dict[str, Any]:
    """What is known beside the kelurahan, to be sent with another one: a place is sent whole."""
    mark = {"landmark": incident.landmark_id} if incident.landmark_id else {}
    if incident.point is None:
        return mark
    lat, lng = incident.point
    return mark | {"lat": lat, "lng": lng, "location_source": incident.location_source}


_ALWAYS = ("facts", "priority", "link")


def _command_names() -> dict[str, str]:
    return {
        "facts": _("Correct the facts"),
        "priority": _("Priority"),
        "resolve": _("Resolve"),
        "close": _("Close"),
        "cancel": _("Cancel"),
        "merge": _("Merge"),
        "unmerge": _("Take out of the merge"),
        "reopen": _("Reopen"),
        "link": _("Link"),
    }


def _end(
    request: Request, incident_id: int, how: End, given: Ending | Reasoned
) -> HttpResponseBase:
    said = given.model_dump(exclude={"confirm"})
    return changed(
        end_incident(incident_id, how, actor=request.actor, confirmed=given.confirm, **said)
    )


_COMMANDS = {
    "facts": facts,
    "answers": answers,
    "priority": priority,
    "level": level,
    "note": note,
    "merge": merge,
    "unmerge": unmerge,
    "link": link,
    "resolve": resolve,
    "close": close,
    "cancel": cancel,
    "reopen": reopen,
}

urlpatterns = [
    path("incidents/<int:incident_id>", page),
    path("incidents/<int:incident_id>/replay", replay),
    path("incidents/<int:incident_id>/timeline.json", timeline),
    path("incidents/<int:incident_id>/photos/<int:photo_id>", photo),
    path("incidents/<int:incident_id>/note/<int:text_id>/strike", strike),
    *[path(f"incidents/<int:incident_id>/{name}", does) for name, does in _COMMANDS.items()],
]
