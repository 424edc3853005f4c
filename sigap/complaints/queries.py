"""Reads that several actions and screens of complaints need."""

from datetime import date, datetime, timedelta

from sigap.core import clock
from sigap.core.actors import Actor
from sigap.core.parameters import value
from sigap.core.queries import city_zone, fetch, site
from sigap.core.remembered import remembered

from .calendar import Calendar
from .machine import ACTIVE
from .models import Category, Complaint, DaysInForce, Referral, WorkingDay


def get(complaint_id: int) -> Complaint:
    """The complaint; Missing when there is none."""
    return fetch(Complaint, pk=complaint_id)


@remembered
def categories() -> dict[str, Category]:
    """What a complaint may be about, by its code and in the city's order, each with its agency."""
    in_use = Category.objects.filter(active=True).select_related("agency")
    return {category.code: category for category in in_use.order_by("rank", "code")}


@remembered
def calendar() -> Calendar:
    """The working days of this city by which its deadlines are reckoned now: what a decree says
    comes into force when the deadlines that are to come are moved by it (actions.days), so that
    none is reckoned by it before and moved again."""
    kept = DaysInForce.objects.first()
    if kept is None:
        return decided_calendar()
    own = {date.fromisoformat(day): works for day, works in kept.own.items()}
    return Calendar(city_zone(), leave_is_free=kept.leave_is_free, own=own)


def decided_calendar() -> Calendar:
    """The working days as the city has set them last."""
    own = {day.day: day.works for day in WorkingDay.objects.all()}
    return Calendar(city_zone(), leave_is_free=bool(value("complaints.leave_is_free")), own=own)


def forward_due(at: datetime) -> datetime:
    """By when a report of this time is to be with an agency."""
    return calendar().due(at, int(value("complaints.forward_days")))


def plan_due(at: datetime) -> datetime:
    """By when an agency that has it since then is to say what it will do."""
    return calendar().due(at, int(value("complaints.plan_days")))


def solve_due(complaint_class: str, at: datetime) -> datetime:
    """By when a complaint of this class, with an agency since then, is to be answered."""
    if complaint_class == "supervision":
        days = value("complaints.supervision_days")
    elif complaint_class == "information":
        days = value("complaints.information_days")
    else:
        days = value("complaints.solve_days")
    return calendar().due(at, int(days))


def active(complaint: Complaint) -> list[Referral]:
    """Those agencies that still have to do something."""
    return list(complaint.referrals.filter(state__in=ACTIVE).select_related("agency"))


def answered_some(complaint: Complaint, actor: Actor) -> bool:
    """Whether one of the answers that wait to be checked is of this person."""
    waiting = complaint.referrals.filter(state="answered")
    return actor.user_id is not None and waiting.filter(answer__author=actor.code).exists()


def may_rate(complaint: Complaint) -> bool:
    """Whether its citizen may say how it was, or think better of it."""
    if complaint.state != "closed" or complaint.closed_at is None:
        return False
    return clock.now() < complaint.closed_at + timedelta(days=value("survey.rate_days"))


def link_to(complaint: Complaint) -> str:
    """Where its citizen follows it."""
    return f"{site()}/lacak/{complaint.token}"
