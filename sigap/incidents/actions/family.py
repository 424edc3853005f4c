"""Incidents that are the same or belong together."""

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

from ..machine import ACTIVE
from ..models import Incident, IncidentLink
from ..queries import family_ids, get
from .checks import (
    dispatch_due,
    record_about,
)
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
        at_work = incident.state == "in_progress"
        move(
            incident,
            "merge",
            actor=actor,
            case=subject_of(incident),
            body=Merged(other=into.pk),
            merged_into=into,
            dispatch_due_at=None,
        )
        finish_alarm("undispatched", incident, actor=actor)
        change(into)
        record_about(into, "incident.absorbed", actor, Merged(other=incident.pk))
        if at_work:
            # Its units are the other's now, so nobody need be alarmed that none was sent.
            start_incident(into, actor=actor)
        return into


def unmerge_incident(incident_id: int, *, actor: Actor, version: int | None = None) -> Incident:
    """Take a merge back: the incident is open again on its own."""
    actor.require(Permission.MANAGE_INCIDENTS)
    with transaction():
        incident = get(incident_id)
        expect(incident, version)
        into, at_work = incident.merged_into, _was_at_work(incident)
        move(
            incident,
            "unmerge",
            actor=actor,
            case=subject_of(incident),
            body=Merged(other=into.pk if into else 0),
            merged_into=None,
            dispatch_due_at=dispatch_due(incident.priority, clock.now()),
        )
        if into:
            change(into)
            record_about(into, "incident.released", actor, Merged(other=incident.pk))
        if at_work:
            start_incident(incident, actor=actor)
        return incident


def link_incidents(incident_id: int, other_id: int, kind: str, *, actor: Actor) -> None:
    """Say that two incidents belong together: `other` is the parent, or is related."""
    actor.require(Permission.MANAGE_INCIDENTS)
    if kind not in dict(IncidentLink.KINDS):
        raise Invalid(_("Unknown kind of link."), code="kind")
    with transaction():
        incident, other = get(incident_id), get(other_id)
        if incident == other:
            raise Invalid(_("An incident cannot be linked to itself."), code="loop")
        if kind == "related" and other.links.filter(other=incident, kind=kind).exists():
            return  # the same, said from the other side
        _link, made = IncidentLink.objects.get_or_create(incident=incident, other=other, kind=kind)
        if made:
            record_about(incident, "incident.linked", actor, Merged(other=other.pk, link=kind))


def _was_at_work(incident: Incident) -> bool:
    """Whether units were at work on it before its merge, which did not stop them."""
    merges = Journal.objects.filter(subject=subject_of(incident), kind="incident.merge")
    last = merges.order_by("-seq").values_list("before", flat=True).first()
    return last == "in_progress"
