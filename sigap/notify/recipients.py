"""Who is to be alerted: exactly those on duty for the unit, and never nobody without saying so."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet

from sigap.core.actors import AGENCY_ROLES, Role
from sigap.core.models import User
from sigap.core.parameters import value
from sigap.fleet.models import Agency, Unit

from .machine import CHANNELS, PERSONAL
from .models import Device, Duty, Phone, Screen, Ways

# A station whose screen was not seen for so long has none any more.
FORGOTTEN = timedelta(days=1)
# A shift begun on a phone that nobody has ended is over by then.
LONGEST_SHIFT = timedelta(days=1)


@dataclass(frozen=True)
class Found:
    """The people to alert, and what the roster lacked: `no_roster`, they are all accounts of
    the unit; `no_people`, they are those who watch the agency's board."""

    people: tuple[User, ...]
    gap: str = ""


def on_duty(at: datetime) -> QuerySet[Duty]:
    """Who is on duty then: the roster, and the shifts begun on a phone. Accounts that may not
    sign in are on duty nowhere."""
    return _runs(Duty.objects.filter(person__is_active=True), at).filter(
        Q(ended_at=None) | Q(ended_at__gt=at)
    )


def recipients(unit: Unit, at: datetime) -> Found:
    """Who is to be alerted for a job of this unit."""
    now_on_duty = on_duty(at).select_related("person").order_by("person_id")
    if people := _people(now_on_duty.filter(unit=unit)):
        return Found(people)
    # They have said that they are off, before the roster's end.
    gone = _runs(Duty.objects.filter(unit=unit, source="roster"), at).filter(ended_at__lte=at)
    own = User.objects.filter(is_active=True, unit=unit.call_sign).order_by("pk")
    own = own.exclude(pk__in=gone.values("person_id"))
    if people := tuple(user for user in own if Role.CREW in user.roles):
        return Found(people, "no_roster")
    officers = _people(now_on_duty.filter(unit=None, agency=unit.agency))
    return Found(officers, "no_people")


def colleagues(unit: Unit, at: datetime) -> Found:
    """Who is to know that the crew of this unit is in need itself: all others of its agency who
    are on duty, else its officers."""
    others = on_duty(at).select_related("person").filter(agency=unit.agency)
    people = [p for p in _people(others.order_by("person_id")) if p.unit != unit.call_sign]
    if people:
        return Found(tuple(people))
    officers = (p for p in officers_of(unit.agency) if p.agency == unit.agency.code)
    return Found(tuple(officers), "no_roster")


def order(agency: Agency) -> tuple[str, ...]:
    """The channels of an agency in their order, as far as they are set up."""
    own = Ways.objects.filter(agency=agency).first()
    return tuple(c for c in (own.channels if own else CHANNELS) if is_set_up(c))


def is_reached(unit: Unit, at: datetime) -> bool:
    """Whether an alert about a job of this unit would reach anybody of its crew."""
    found = recipients(unit, at)
    return any(usable(found.people, order(unit.agency)).values())


def outcome_by_whatsapp() -> bool:
    """Whether callers are told by WhatsApp how it ended, and by SMS where that fails."""
    env = settings.ENV
    token = env.whatsapp_token.get_secret_value()
    return bool(token and env.whatsapp_phone_id and env.whatsapp_outcome_template)


def is_set_up(channel: str) -> bool:
    """Whether this machine can send by a channel at all."""
    env = settings.ENV
    if channel == "whatsapp":
        token = env.whatsapp_token.get_secret_value()
        return bool(token and env.whatsapp_phone_id and env.whatsapp_alert_template)
    if channel in ("sms", "voice"):
        return bool(env.sms_url if channel == "sms" else env.voice_url)
    return channel in CHANNELS


def usable(people: Iterable[User], channels: Iterable[str]) -> dict[int, list[str]]:
    """By which of these channels each person can be reached, in their order."""
    ids = [person.pk for person in people]
    pushed = set(
        Device.objects.filter(person__in=ids, active=True).values_list("person", flat=True)
    )
    numbers = set(Phone.objects.filter(person__in=ids).values_list("person", flat=True))
    ways = [channel for channel in channels if channel in PERSONAL]
    return {
        pk: [channel for channel in ways if pk in (pushed if channel == "push" else numbers)]
        for pk in ids
    }


def screens(unit: Unit | None, agency: Agency, kind: str, at: datetime) -> list[Screen]:
    """The screens at which an alert of this unit is to be seen."""
    seen = Screen.objects.filter(kind=kind, seen_at__gt=at - FORGOTTEN, person__is_active=True)
    whose = Q(unit=None, agency=agency)
    return list(seen.filter(whose | Q(unit=unit) if unit else whose).order_by("pk"))


def is_watched(screen: Screen, at: datetime) -> bool:
    """Whether the screen has been heard of just now."""
    return screen.seen_at > at - timedelta(seconds=value("alerts.screen_s"))


def is_any_way_known() -> bool:
    """Whether the city alerts by this at all: some device, number or station is or was known."""
    return (
        Device.objects.exists()
        or Phone.objects.exists()
        or Screen.objects.filter(kind="station").exists()
    )


def officers_of(agency: Agency) -> tuple[User, ...]:
    """The accounts of an agency's own people: its officers and the crews of its units."""
    units = set(Unit.objects.filter(agency=agency).values_list("call_sign", flat=True))
    return tuple(
        user
        for user in User.objects.filter(is_active=True).order_by("name", "pk")
        if (user.agency == agency.code and AGENCY_ROLES & set(user.roles))
        or (user.unit in units and Role.CREW in user.roles)
    )


def _runs(duties: QuerySet[Duty], at: datetime) -> QuerySet[Duty]:
    """Those whose time, as planned, it is then."""
    begun = Q(ends_at=None, starts_at__gt=at - LONGEST_SHIFT)
    return duties.filter(starts_at__lte=at).filter(begun | Q(ends_at__gt=at))


def _people(duties: QuerySet[Duty]) -> tuple[User, ...]:
    return tuple({duty.person_id: duty.person for duty in duties}.values())
