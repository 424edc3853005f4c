"""Units are sent to an incident."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from sigap.core.actions.alarms import finish_alarm
from sigap.core.actors import Actor, Permission
from sigap.core.errors import Invalid, NeedsConfirmation, Refused
from sigap.core.machine import change, expect
from sigap.core.names import reasons
from sigap.core.queries import check_reason
from sigap.core.transaction import transaction
from sigap.fleet.models import Unit
from sigap.fleet.queries import unit as find_unit
from sigap.incidents.actions import start_incident
from sigap.incidents.machine import ACTIVE
from sigap.incidents.queries import family_ids
from sigap.incidents.queries import get as get_incident

from ..machine import OPEN
from ..models import Assignment
from ..queries import open_jobs, recommend_for
from ..recommend import Pick
from .parts import make, notify

# The reason of a unit that was matched with many incidents at once.
TOGETHER = "together"
Busy = Mapping[str, list[int]]


def send_units(
    incident_id: int,
    call_signs: Sequence[str],
    *,
    actor: Actor,
    confirmed: bool = False,
    choice: str = "",
    occurred_at: datetime | None = None,
    version: int | None = None,
) -> list[Assignment]:
    """Notify units of an incident, all or none. `occurred_at` is when they were notified,
    where that was before now; whether they are free now says nothing then.

    Where one is chosen instead of a unit that is recommended, `choice` is the city's reason for
    it: without it Refused (code "choice") names those passed over. A dispatcher may always choose.

    A unit that has another job, is reserved or is not ready needs `confirmed=True`, a second
    key press: without it NeedsConfirmation is raised and names those units and their jobs.
    Raises Conflict when somebody else changed the incident, or sent units, since `version`.
    """
    actor.require(Permission.DISPATCH)
    if not call_signs:
        raise Invalid(_("Choose at least one unit."), code="units")
    with transaction():
        incident = get_incident(incident_id)
        expect(incident, version)
        if incident.state not in ACTIVE:
            raise Refused(_("This incident is not open."), state=incident.state)
        family = family_ids(incident)
        units = [find_unit(sign) for sign in dict.fromkeys(call_signs)]
        if occurred_at is None:
            _refuse_unusable(units)
        busy = _other_jobs(units, family)
        signs = [unit.call_sign for unit in units]
        advice = recommend_for(incident, named=signs)
        passed_over = [] if occurred_at else advice.passed_over(signs)
        choice = _checked_choice(choice, passed_over)
        if not confirmed:
            _ask_about(units, busy)
        planned = {p.call_sign for p in advice.picks}
        ranked = {p.call_sign: (i + 1, p) for i, p in enumerate(advice.all())}
        sent = []
        for unit in units:
            rank, pick = ranked.get(unit.call_sign, (None, None))
            assignment = (
                Assignment.objects.select_related("incident", "unit")
                .filter(incident_id__in=family, unit=unit, state__in=("proposed", *OPEN))
                .first()
            )
            if assignment is None:
                own = unit.call_sign not in planned
                assignment = make(
                    incident,
                    unit,
                    "assignment.made",
                    actor,
                    rank,
                    pick,
                    advice=advice,
                    choice=choice if own else "",
                    passed_over=passed_over if own else (),
                )
            elif assignment.state != "proposed":
                raise Refused(_("%(unit)s is on this incident already.") % {"unit": unit.call_sign})
            notify(assignment, actor, second_job=unit.call_sign in busy, occurred_at=occurred_at)
            sent.append(assignment)
        # Whoever looked before this must look again before sending more.
        change(incident)
        start_incident(incident, actor=actor)
        _replaced(family, units, actor)
        return sent


def _checked_choice(choice: str, passed_over: Sequence[Pick]) -> str:
    """The reason, where one is needed; a city that has no reasons on its list is not asked."""
    if choice == TOGETHER:
        return choice
    if not passed_over or not reasons("other_unit"):
        return ""
    if choice:
        check_reason("other_unit", choice)
        return choice
    text = _("Recommended: %(units)s. Why another one?")
    names = [pick.call_sign for pick in passed_over]
    raise Refused(text % {"units": ", ".join(names)}, code="choice", passed_over=names)


def _replaced(family: Collection[int], units: Sequence[Unit], actor: Actor) -> None:
    """Units that can do what another one declined to do make good for it."""
    able = {capability for unit in units for capability in unit.capabilities}
    declined = Assignment.objects.filter(incident_id__in=family, state="declined")
    for job in declined.select_related("unit"):
        if able.intersection(job.unit.capabilities):
            finish_alarm("declined", job, actor=actor)


def _refuse_unusable(units: Sequence[Unit]) -> None:
    for unit in units:
        if not unit.active or not unit.on_duty or unit.state == "unavailable":
            raise Refused(
                _("%(unit)s is not available.") % {"unit": unit.call_sign}, code="unavailable"
            )


def _other_jobs(units: Sequence[Unit], family: Collection[int]) -> Busy:
    """The other incidents that these units are working on, by call sign."""
    jobs = open_jobs([unit.pk for unit in units])
    others = {
        unit.call_sign: [
            a.incident_id for a in jobs.get(unit.pk, ()) if a.incident_id not in family
        ]
        for unit in units
    }
    return {sign: incidents for sign, incidents in others.items() if incidents}


def _ask_about(units: Sequence[Unit], busy: Busy) -> None:
    reserved = [unit.call_sign for unit in units if unit.state == "reserved"]
    unready = [unit.call_sign for unit in units if unit.readiness == "not_ready"]
    doubts = [
        (_("%(units)s already has another job."), list(busy)),
        (_("%(units)s is reserved."), reserved),
        (_("%(units)s is not ready."), unready),
    ]
    said = [text % {"units": ", ".join(signs)} for text, signs in doubts if signs]
    if said:
        raise NeedsConfirmation(
            " ".join([*said, _("Send all the same?")]),
            busy=busy,
            reserved=reserved,
            unready=unready,
        )
