"""By which ways people can be reached: their devices, their numbers, the screens of stations."""

import hashlib
import json
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actions.personal import record_erased
from sigap.core.actors import Actor, Permission
from sigap.core.errors import Forbidden, Invalid
from sigap.core.journal import record, subject_of
from sigap.core.kinds import ConfigChanged
from sigap.core.kinds.accounts import UserChanged
from sigap.core.kinds.alerts import DeviceChanged
from sigap.core.models import User
from sigap.core.personal import clean, is_mobile_number, normal_number
from sigap.core.transaction import transaction
from sigap.fleet.models import Agency, Unit

from ..models import Device, Phone, Screen, Ways, check_channels
from ..sealed import opened, seal
from .answers import arrive_at

MOST_DEVICES = 10
LONGEST_LABEL = 60
# Presence is written this often at most.
SEEN_AGAIN = timedelta(seconds=5)


def add_device(endpoint: str, p256dh: str, auth: str, label: str, *, actor: Actor) -> Device:
    """Send pushes to this browser from now on. A browser has one address: whoever signs in
    there last has it."""
    with transaction():
        person, key = actor.person_id(), _key(endpoint)
        known = Device.objects.filter(key=key).first()
        mine = Device.objects.filter(person_id=person, active=True).exclude(key=key)
        if mine.count() >= MOST_DEVICES:
            raise Invalid(_("Too many devices: remove one first."), code="devices")
        device = known or Device(key=key, made_at=clock.now())
        was_mine = known is not None and known.active and known.person_id == person
        device.person_id, device.active = person, True
        device.sealed = seal(json.dumps({"endpoint": endpoint, "p256dh": p256dh, "auth": auth}))
        device.label = clean(label, LONGEST_LABEL * 4)[:LONGEST_LABEL]
        device.save()
        if not was_mine:
            body = DeviceChanged(person=person)
            record("device.added", subject=subject_of(device), actor=actor, body=body)
        return device


def remove_device(endpoint: str, *, actor: Actor) -> None:
    """Send no more pushes to this browser; one that is not there is no fault."""
    with transaction():
        device = Device.objects.filter(key=_key(endpoint), active=True).first()
        if device is None:
            return
        if device.person_id != actor.user_id:
            raise Forbidden(_("This device is not yours."))
        device.active, device.sealed = False, ""
        device.save()
        body = DeviceChanged(person=device.person_id, reason="asked")
        record("device.removed", subject=subject_of(device), actor=actor, body=body)


def set_phone(user: User, number: str, *, actor: Actor) -> None:
    """Keep, change or forget the number by which a person is alerted. The journal says that it
    changed, never what it is."""
    actor.require(Permission.ADMINISTER)
    with transaction():
        wanted = normal_number(number)
        if number.strip() and not is_mobile_number(wanted):
            raise Invalid(_("This is no mobile number of this country."), code="phone")
        known = Phone.objects.filter(person=user).first()
        if (opened(known.sealed) if known else "") == wanted:
            return
        if not wanted and known:
            known.delete()
        else:
            Phone.objects.update_or_create(person=user, defaults={"sealed": seal(wanted)})
        body = UserChanged(user=user.pk, fields=["phone"])
        record("user.changed", subject=subject_of(user), actor=actor, body=body)


def forget_addresses(*, actor: Actor) -> int:
    """Forget numbers and devices of accounts that may not sign in any more. Returns how many."""
    phones = Phone.objects.filter(person__is_active=False)
    devices = Device.objects.filter(person__is_active=False).exclude(sealed="")
    if not phones.exists() and not devices.exists():
        return 0
    with transaction():
        gone, _each = phones.delete()
        gone += devices.update(active=False, sealed="")
        record_erased("address", gone, actor)
        return gone


def note_screen(kind: str, *, actor: Actor) -> Screen:
    """A station's screen, or an agency's board, is there and shows what is meant for it."""
    person = actor.person_id()
    unit = Unit.objects.select_related("agency").filter(call_sign=actor.unit, active=True).first()
    agency = unit.agency if unit else Agency.objects.filter(code=actor.agency).first()
    if agency is None:
        raise Invalid(_("Your account names no unit and no agency."), code="agency")
    with transaction():
        now = clock.now()
        screen = Screen.objects.filter(kind=kind, person_id=person).first()
        if screen is None:
            screen = Screen(kind=kind, person_id=person)
        same = (screen.unit_id, screen.agency_id) == (unit and unit.pk, agency.pk)
        if not same or screen.seen_at <= now - SEEN_AGAIN:
            screen.unit, screen.agency, screen.seen_at = unit, agency, now
            screen.save()
        arrive_at(screen, kind, actor=actor)
        return screen


def set_channels(agency: Agency, channels: list[str], *, actor: Actor) -> Ways:
    """By which channels an agency's people are alerted, the first one first: its head says, or
    an administrator."""
    if not actor.may(Permission.ADMINISTER):
        actor.require(Permission.AGENCY_HEAD)
        if agency.code != actor.agency:
            raise Forbidden(_("This agency is not yours."))
    try:
        check_channels(channels)
    except ValidationError as error:
        raise Invalid(" ".join(error.messages), code="channels") from None
    with transaction():
        ways, _made = Ways.objects.update_or_create(agency=agency, defaults={"channels": channels})
        body = ConfigChanged(fields=["channels"])
        record("config.changed", subject=subject_of(ways), actor=actor, body=body)
        return ways


def _key(endpoint: str) -> str:
    return hashlib.sha256(endpoint.encode()).hexdigest()
