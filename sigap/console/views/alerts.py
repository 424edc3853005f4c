"""An agency's own: who is on duty in the next days, by which channels they are alerted in which
order, and a test that is really sent."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from pydantic import BaseModel, StringConstraints

from sigap.core import clock
from sigap.core.actors import Permission
from sigap.core.codes import Code
from sigap.core.errors import Missing, Refused, SigapError
from sigap.core.names import role_names
from sigap.core.web import LocalTime, Request, body, view
from sigap.fleet.models import Agency, Unit
from sigap.notify.actions import (
    end_duty,
    enter_duty,
    remove_duty,
    set_channels,
    try_person,
    try_unit,
)
from sigap.notify.machine import CHANNELS
from sigap.notify.models import Device, Duty, Phone, Ways
from sigap.notify.queries import roster_of, tests_of
from sigap.notify.recipients import is_set_up, officers_of, on_duty

from ..words.alerts import channel_names, shown

P = Permission


class Entry(BaseModel):
    """A duty as it is entered."""

    person: int
    unit: Code = ""
    starts_at: LocalTime
    ends_at: LocalTime


class Test(BaseModel):
    """Whom a test is for: all of a unit who are on duty, or one person."""

    unit: Code = ""
    person: int | None = None


class Order(BaseModel):
    """The channels in their order, with blanks or commas between."""

    channels: Annotated[str, StringConstraints(max_length=200)] = ""


@view(P.AGENCY_BOARD)
def screen(request: Request) -> HttpResponseBase:
    """The roster, the channels and the tests of the own agency."""
    return _page(request)


@view(P.AGENCY_BOARD, "POST")
def enter(request: Request) -> HttpResponseBase:
    """Put somebody on the roster."""
    try:
        given = body(request, Entry)
        enter_duty(
            given.person,
            call_sign=given.unit,
            starts_at=given.starts_at,
            ends_at=given.ends_at,
            actor=request.actor,
        )
    except SigapError as error:
        return _page(request, error)
    return redirect("/agency/alerts")


@view(P.AGENCY_BOARD, "POST")
def end(request: Request, duty_id: int) -> HttpResponseBase:
    """End a duty before its time."""
    try:
        end_duty(duty_id, actor=request.actor)
    except Refused as error:
        return _page(request, error)
    return redirect("/agency/alerts")


@view(P.AGENCY_BOARD, "POST")
def remove(request: Request, duty_id: int) -> HttpResponseBase:
    """Take a duty that has not begun out of the roster."""
    try:
        remove_duty(duty_id, actor=request.actor)
    except Refused as error:
        return _page(request, error)
    return redirect("/agency/alerts")


@view(P.AGENCY_BOARD, "POST")
def test(request: Request) -> HttpResponseBase:
    """Send a test alert; what becomes of it is shown on the page."""
    try:
        given = body(request, Test)
        if given.person is not None:
            try_person(given.person, actor=request.actor)
        else:
            try_unit(given.unit, actor=request.actor)
    except SigapError as error:
        return _page(request, error)
    return redirect("/agency/alerts#tests")


@view(P.AGENCY_HEAD, "POST")
def channels(request: Request) -> HttpResponseBase:
    """Set the order of the channels."""
    try:
        wanted = body(request, Order).channels.replace(",", " ").split()
        set_channels(_own(request), wanted, actor=request.actor)
    except SigapError as error:
        return _page(request, error)
    return redirect("/agency/alerts#channels")


def _own(request: Request) -> Agency:
    agency = Agency.objects.filter(code=request.actor.agency).first()
    if agency is None:
        raise Missing(_("Your account names no agency. Ask an administrator."))
    return agency


def _page(request: Request, error: SigapError | None = None) -> HttpResponseBase:
    agency, now = _own(request), clock.now()
    people = officers_of(agency)
    ids = [person.pk for person in people]
    devices = set(
        Device.objects.filter(person__in=ids, active=True).values_list("person", flat=True)
    )
    numbers = set(Phone.objects.filter(person__in=ids).values_list("person", flat=True))
    working = {duty.person_id for duty in on_duty(now).filter(agency=agency)}
    known = Ways.objects.filter(agency=agency).first()
    names = channel_names()
    wanted = known.channels if known else list(CHANNELS)
    roles = role_names()
    context = {
        "agency": agency,
        "error": error,
        "typed": request.POST if error else {},
        "duties": [_duty(duty, now) for duty in roster_of(agency, now)],
        "people": [
            {
                "person": person,
                "id": str(person.pk),
                "of": person.unit or ", ".join(str(roles[r]) for r in roles if r in person.roles),
                "working": person.pk in working,
                "push": person.pk in devices,
                "number": person.pk in numbers,
            }
            for person in people
        ],
        "units": Unit.objects.filter(agency=agency, active=True).order_by("call_sign"),
        "channels": [{"code": c, "name": names[c], "is_set_up": is_set_up(c)} for c in wanted],
        "order": ", ".join(wanted),
        "all_channels": ", ".join(CHANNELS),
        "is_head": request.actor.may(P.AGENCY_HEAD),
        "tests": [shown(alert) for alert in tests_of(agency)],
    }
    status = error.status if error else 200
    return render(request, "console/alerts.html", context, status=status)


def _duty(duty: Duty, now: datetime) -> dict[str, Any]:
    begun = duty.starts_at <= now
    return {
        "row": duty,
        "ended": duty.ended_at is not None,
        "goes_on": begun and duty.ended_at is None,
        "ahead": not begun,
    }


urlpatterns = [
    path("agency/alerts", screen),
    path("agency/alerts/duties", enter),
    path("agency/alerts/duties/<int:duty_id>/end", end),
    path("agency/alerts/duties/<int:duty_id>/remove", remove),
    path("agency/alerts/test", test),
    path("agency/alerts/channels", channels),
]
