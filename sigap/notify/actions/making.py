"""An alert is made: for a unit's job, or as a test."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actors import Actor, Permission
from sigap.core.errors import Forbidden, Invalid
from sigap.core.journal import record, subject_of
from sigap.core.kinds.alerts import AlertMade
from sigap.core.models import User
from sigap.core.queries import fetch
from sigap.core.rows import reserve
from sigap.core.transaction import transaction
from sigap.fleet.models import Agency, Unit
from sigap.fleet.queries import unit as find_unit

from ..models import Alert
from ..queries import WAITS
from ..recipients import colleagues, officers_of, order, recipients, usable
from .parts import end, look_again, ring_screens, send_by, show_on_board, unit_of

TEST = "test"
MAYDAY = "mayday"  # a crew is in need itself: its colleagues are alerted


def make_alert(
    cause: str,
    *,
    subject: str,
    unit: Unit,
    actor: Actor,
    wait_s: int = 0,
    case: str = "",
    due_at: datetime | None = None,
) -> Alert:
    """Alert the people of a unit about something, once: a second time it is the same alert.
    `wait_s` is how long their answer is waited for before the next step, which comes at `due_at`
    first; without it there is none."""
    with transaction():
        known = Alert.objects.filter(cause=cause, subject=subject).first()
        if known is not None:
            return known
        of_unit = cause != MAYDAY
        found = recipients(unit, clock.now()) if of_unit else colleagues(unit, clock.now())
        alert = _new(cause, subject, unit, unit.agency, case, found.gap, wait_s, due_at)
        return _reach(alert, found.people, actor)


def try_unit(call_sign: str, *, actor: Actor) -> Alert:
    """Alert whoever a job of this unit would reach now, and say that it is a test."""
    actor.require(Permission.AGENCY_BOARD)
    with transaction():
        unit = find_unit(call_sign)
        if unit.agency.code != actor.agency:
            raise Forbidden(_("This unit is not yours."))
        found = recipients(unit, clock.now())
        subject = f"test:{reserve(Alert)}"
        alert = _new(TEST, subject, unit, unit.agency, "", found.gap, 0, None)
        return _reach(alert, found.people, actor)


def try_person(user_id: int, *, actor: Actor) -> Alert:
    """Send a test to one person by every channel at once: themselves, or by their agency."""
    with transaction():
        person = fetch(User, pk=user_id)
        unit = Unit.objects.select_related("agency").filter(call_sign=person.unit).first()
        agency = unit.agency if unit else Agency.objects.filter(code=person.agency).first()
        if agency is None or not person.is_active:
            raise Invalid(_("This person belongs to no agency."), code="agency")
        if actor.user_id != person.pk:
            actor.require(Permission.AGENCY_BOARD)
            if agency.code != actor.agency or person not in officers_of(agency):
                raise Forbidden(_("This person is not of your agency."))
        alert = _new(TEST, f"test:{reserve(Alert)}", unit, agency, "", "", 0, None)
        for channel in usable([person], order(agency))[person.pk]:
            send_by(alert, person, channel, 1)
        _record(alert, 1, actor)
        return alert


def _new(
    cause: str,
    subject: str,
    unit: Unit | None,
    agency: Agency,
    case: str,
    gap: str,
    wait_s: int,
    due_at: datetime | None,
) -> Alert:
    return Alert.objects.create(
        cause=cause,
        subject=subject,
        case=case,
        unit=unit,
        agency=agency,
        gap=gap,
        made_at=clock.now(),
        wait_s=wait_s,
        due_at=due_at,
    )


def _reach(alert: Alert, people: Sequence[User], actor: Actor) -> Alert:
    """Queue the first message of each, let the stations ring, and see whether that is anybody."""
    channels = order(alert.agency)
    ways = usable(people, channels)
    if people and not any(ways.values()):
        alert.gap = alert.gap or "no_address"
        alert.save(update_fields=["gap"])
    _record(alert, len(people), actor)
    for person in people:
        if ways[person.pk]:
            send_by(alert, person, ways[person.pk][0], 1)
    cut_off = []
    if "station" in channels:
        cut_off = [d for d in ring_screens(alert) if d.error]
    unreached = alert.gap in ("no_people", "no_address") and alert.cause not in WAITS
    if unreached or alert.cause == MAYDAY:
        show_on_board(alert)
    for delivery in cut_off:
        end(delivery, "fail", delivery.error, actor=actor)
    look_again(alert, actor=actor)
    return alert


def _record(alert: Alert, people: int, actor: Actor) -> None:
    record(
        "alert.made",
        subject=subject_of(alert),
        case=alert.case,
        actor=actor,
        body=AlertMade(cause=alert.cause, unit=unit_of(alert), people=people, gap=alert.gap),
    )
