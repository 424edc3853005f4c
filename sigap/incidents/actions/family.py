"""Incidents that are the same or belong together."""

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actions.alarms import finish_alarm
from sigap.core.actors import Actor, Permission
from sigap.core.errors import Invalid, Refused
from sigap.core.journal import subject_of
from sigap.core.kinds import (
    Merged,
)
from sigap.core.machine import change, expect, move
from sigap.core.models import Journal
from sigap.core.transaction import transaction

from ..machine import ACTIVE, WAITING
from ..models import Incident, IncidentLink
from ..queries import family_ids, get
from .checks import (
    dispatch_due,
    record_about,
)
from .facts import set_priority
from .life import start_incident


def merge_incident(
    incident_id: int, into_id: int, *, actor: Actor, version: int | None = None
) -> Incident:
    """Say that two incidents are the same: this one rests, `into_id` carries on. Calls,
    units and history stay where they were and are shown with the one that carries on."""
    actor.require(Permission.MANAGE_INCIDENTS)
    with transaction():
        incident, into = get(incident_id), get(into_id)
        expect(incident, version)
        if into.pk in family_ids(incident):
            raise Invalid(_("An incident cannot be merged into itself."), code="loop")
        if into.state not in ACTIVE:
            raise Refused(_("The other incident is not open any more."))
        at_work, due = incident.state == "in_progress", incident.dispatch_due_at
        move(
            incident,
            "merge",
            actor=actor,
            case=subject_of(incident),
            body=Merged(other=into.pk),
            merged_into=into,
            dispatch_due_at=None,
        )
        if finish_alarm("undispatched", incident, actor=actor):
            due = clock.now()  # goes on with the other
        into = _absorb(into, incident, due, actor)
        if at_work:
            # Its units are the other's now, so nobody need be alarmed that none was sent.
            start_incident(into, actor=actor)
        return into


def unmerge_incident(incident_id: int, *, actor: Actor, version: int | None = None) -> Incident:
    """Take a merge back: the incident is open again on its own, and the other has the
    priority again that it had, unless somebody has chosen one since. Whether units are at
    work for the one or the other, `dispatch.actions.unmerge_incident` says."""
    actor.require(Permission.MANAGE_INCIDENTS)
    with transaction():
        incident = get(incident_id)
        expect(incident, version)
        into = incident.merged_into
        move(
            incident,
            "unmerge",
            actor=actor,
            case=subject_of(incident),
            body=Merged(other=into.pk if into else 0),
            merged_into=None,
            dispatch_due_at=dispatch_due(incident.priority, afterwards=incident.afterwards),
        )
        if into:
            change(into)
            record_about(into, "incident.released", actor, Merged(other=incident.pk))
            _give_back(into, incident, actor)
        return incident


def link_incidents(incident_id: int, other_id: int, kind: str, *, actor: Actor) -> None:
    """Say that two incidents belong together: `other` is the parent, or is related. Both
    timelines tell it; on the parent's side the link is named `child`."""
    actor.require(Permission.MANAGE_INCIDENTS)
    if kind not in dict(IncidentLink.KINDS):
        raise Invalid(_("Unknown kind of link."), code="kind")
    with transaction():
        incident, other = get(incident_id), get(other_id)
        if incident == other:
            raise Invalid(_("An incident cannot be linked to itself."), code="loop")
        if kind == "related" and other.links.filter(other=incident, kind=kind).exists():
            return  # the same, said from the other side
        if kind == "parent" and incident.pk in _above(other):
            raise Invalid(_("The other incident is a part of this one."), code="loop")
        _link, made = IncidentLink.objects.get_or_create(incident=incident, other=other, kind=kind)
        if made:
            back = "child" if kind == "parent" else kind
            record_about(incident, "incident.linked", actor, Merged(other=other.pk, link=kind))
            record_about(other, "incident.linked", actor, Merged(other=incident.pk, link=back))


def _above(incident: Incident) -> set[int]:
    """Its parents, their parents, and so on."""
    found: set[int] = set()
    frontier = {incident.pk}
    while frontier:
        links = IncidentLink.objects.filter(incident_id__in=frontier, kind="parent")
        frontier = set(links.values_list("other_id", flat=True)) - found
        found |= frontier
    return found


def _absorb(into: Incident, other: Incident, due: datetime | None, actor: Actor) -> Incident:
    """The one that carries on takes over what is more urgent of the other: its priority, its
    siren, the time by which a unit is due."""
    priority, siren = min(into.priority, other.priority), into.siren or other.siren
    body = Merged(other=other.pk)
    if (priority, siren) != (into.priority, into.siren):
        body = Merged(other=other.pk, priority=into.priority, siren=into.siren)
        into = set_priority(into.pk, priority, siren=siren, actor=actor)
    dues = [at for at in (into.dispatch_due_at, due) if at and into.state in WAITING]
    change(into, dispatch_due_at=min(dues, default=None))
    record_about(into, "incident.absorbed", actor, body)
    return into


def _give_back(into: Incident, other: Incident, actor: Actor) -> None:
    rows = Journal.objects.filter(subject=subject_of(into))
    chosen = Q(kind="incident.priority") | Q(kind="incident.absorbed", body__has_key="priority")
    last = rows.filter(chosen).order_by("-seq").first()
    if last and last.body.get("other") == other.pk:
        set_priority(into.pk, last.body["priority"], siren=last.body["siren"], actor=actor)
