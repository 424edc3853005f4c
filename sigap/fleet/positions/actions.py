"""All that is written about where units are."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actions.personal import record_erased
from sigap.core.actors import Actor, Permission
from sigap.core.errors import Forbidden, Invalid, Refused
from sigap.core.journal import record, subject_of
from sigap.core.kinds.positions import DeviceChanged
from sigap.core.parameters import value
from sigap.core.queries import fetch
from sigap.core.rows import write_all
from sigap.core.transaction import transaction
from sigap.places.geo import distance_m
from sigap.places.queries import is_far

from ..models import Unit
from .judge import DOUBTED, KEPT, TRACK_ONLY, Fix, Known, Limits, Verdict, apart_m, judge
from .models import KINDS, PHONE, Device, TrackPoint
from .queries import digest_of

TWO_PLACES, DOUBTFUL = "two_places", "doubtful"


@dataclass(frozen=True, slots=True)
class Report:
    """What one device of a unit tells: its fixes, in any order."""

    device: int
    unit: int
    fixes: Sequence[Fix]
    source: str = ""  # what the device is, where its kind does not say it


@dataclass(frozen=True, slots=True)
class Moved:
    """A fix that moved a unit, and the one of the same device before it."""

    device: Device
    before: Fix | None
    fix: Fix


@dataclass
class Kept:
    """What became of some reports: a verdict for each fix, and what has moved."""

    verdicts: list[list[Verdict]] = field(default_factory=list)
    moved: list[Moved] = field(default_factory=list)


def keep_positions(reports: Sequence[Report]) -> Kept:
    """Keep what is to be believed of many devices at once: the newest good fix of a unit is where
    it is. Frequent, so neither the unit's version nor the journal changes. Part of an action."""
    with transaction():
        flush = _Flush({report.unit for report in reports})
        for report in reports:
            flush.take(report)
        flush.write()
        return flush.kept


class _Flush:
    """One batch of reports against what the tables say now."""

    def __init__(self, unit_ids: set[int]) -> None:
        now = clock.now()
        self.limits = Limits(
            now=now,
            oldest=now - timedelta(days=value("positions.track_days")),
            is_far=lambda lat, lng: is_far(lat, lng, value("positions.outside_km")),
            max_kmh=value("positions.max_kmh"),
            accuracy_m=value("positions.accuracy_m"),
        )
        self.rare = timedelta(seconds=value("positions.track_s")), value("positions.track_m")
        self.kept = Kept()
        rows = Device.objects.select_related("unit").filter(unit_id__in=unit_ids, active=True)
        self.devices = {device.pk: device for device in rows}
        self.units: dict[int, Unit] = {}
        for device in self.devices.values():
            device.unit = self.units.setdefault(device.unit_id, device.unit)
        self.heard: dict[int, Device] = {}
        self.changed: dict[int, Unit] = {}
        self.track: list[TrackPoint] = []

    def take(self, report: Report) -> None:
        """Judge the fixes of a report from the oldest to the newest."""
        device = self.devices.get(report.device)
        if device is None:  # taken out of use meanwhile
            self.kept.verdicts.append([Verdict("revoked", kept=False) for _fix in report.fixes])
            return
        known = Known(_fix(device, ""), _fix(device, "doubt_"))
        verdicts: dict[int, Verdict] = {}
        late: Fix | None = None
        for n, fix in sorted(enumerate(report.fixes), key=lambda pair: pair[1].at):
            before = known.last
            fault = judge(fix, known, self.limits)
            moved = fault in KEPT and self._move(device, fix, report.source)
            verdicts[n] = Verdict(fault, fault in (*KEPT, TRACK_ONLY, DOUBTED), moved)
            device.last_fault = fault
            if moved:
                self.kept.moved.append(Moved(device, before, fix))
            if fault in KEPT and self._is_new(_fix(device, "track_"), fix):
                self._put(device, "track_", fix)
                self._note(device, fix)
            elif fault == TRACK_ONLY and self._is_new(late, fix):
                late = fix
                self._note(device, fix)
        device.last_at = self.limits.now
        self._put(device, "", known.last)
        self._put(device, "doubt_", known.doubt)
        self.heard[device.pk] = device
        self.kept.verdicts.append([verdicts[n] for n in range(len(report.fixes))])

    def write(self) -> None:
        """Write what has changed: one statement for each table."""
        if self.heard:
            write_all(list(self.heard.values()), *HEARD)
        for unit in {device.unit_id: device.unit for device in self.heard.values()}.values():
            mark = self._mark(unit)
            if mark != unit.position_mark:
                unit.position_mark = mark
                self.changed[unit.pk] = unit
        if self.changed:
            number = (Unit.objects.aggregate(last=Max("moved_no"))["last"] or 0) + 1
            for unit in self.changed.values():
                unit.moved_no = number
            write_all(list(self.changed.values()), *MOVED)
        if self.track:
            TrackPoint.objects.bulk_create(self.track, ignore_conflicts=True)

    def _move(self, device: Device, fix: Fix, source: str) -> bool:
        unit = device.unit
        if unit.position_at and fix.at < unit.position_at:
            return False  # another device of the unit is newer
        unit.lat, unit.lng, unit.accuracy_m = fix.lat, fix.lng, fix.accuracy_m
        unit.position_at, unit.position_source = fix.at, source or device.kind
        self.changed[unit.pk] = unit
        return True

    def _mark(self, unit: Unit) -> str:
        """Whether the unit's devices are in two places, or what is newest of it is doubted."""
        if unit.position_at is None:
            return ""
        own = [device for device in self.devices.values() if device.unit_id == unit.pk]
        since = unit.position_at - timedelta(seconds=value("dispatch.position_age_s"))
        fixes = [fix for device in own if (fix := _fix(device, "")) and fix.at >= since]
        far = value("positions.apart_m")
        if any(apart_m(a, b) > far for n, a in enumerate(fixes) for b in fixes[:n]):
            return TWO_PLACES
        newest = unit.position_at
        return DOUBTFUL if any(d.doubt_at and d.doubt_at > newest for d in own) else ""

    def _is_new(self, last: Fix | None, fix: Fix) -> bool:
        """Whether a track is to have this point after the last one."""
        if last is None:
            return True
        rest, metres = self.rare
        far = distance_m(last.lat, last.lng, fix.lat, fix.lng) >= metres
        return far or abs(fix.at - last.at) >= rest

    def _note(self, device: Device, fix: Fix) -> None:
        self.track.append(
            TrackPoint(
                unit_id=device.unit_id,
                device=device,
                at=fix.at,
                lat=fix.lat,
                lng=fix.lng,
                accuracy_m=fix.accuracy_m,
            )
        )

    @staticmethod
    def _put(device: Device, which: str, fix: Fix | None) -> None:
        setattr(device, f"{which}at", fix and fix.at)
        setattr(device, f"{which}lat", fix and fix.lat)
        setattr(device, f"{which}lng", fix and fix.lng)
        if not which:
            device.accuracy_m = fix.accuracy_m if fix else None


HEARD = (
    *("last_at", "last_fault", "at", "lat", "lng", "accuracy_m"),
    *("doubt_at", "doubt_lat", "doubt_lng", "track_at", "track_lat", "track_lng"),
)
MOVED = (
    *("lat", "lng", "accuracy_m", "position_at"),
    *("position_source", "position_mark", "moved_no"),
)


def _fix(device: Device, which: str) -> Fix | None:
    at, lat, lng = (getattr(device, f"{which}{name}") for name in ("at", "lat", "lng"))
    return None if at is None else Fix(lat, lng, at, None if which else device.accuracy_m)


def phone_of(unit: Unit, actor: Actor) -> Device:
    """The telephone on which this person reports for the unit; noted when it is heard first.
    Part of an action."""
    with transaction():
        key: dict[str, Any] = {"unit": unit, "kind": PHONE, "person_id": actor.user_id}
        phone = Device.objects.filter(**key).first() or Device.objects.create(**key)
        if not phone.active:
            raise Forbidden(_("Positions of this phone are not taken any more."))
        return phone


def make_device(
    unit: Unit, *, kind: str, label: str = "", identifier: str = "", actor: Actor
) -> tuple[Device, str]:
    """A device of a unit and its token, which nobody sees again. One with the `identifier` of a
    tracker is known by that, from a server that shows the token of the hooks; it has none."""
    actor.require(Permission.ADMINISTER)
    if kind not in KINDS:
        raise Invalid(_("Unknown kind of device."), code="kind")
    if identifier and kind != "traccar":
        raise Invalid(_("Only a device behind Traccar has an identifier."), code="identifier")
    with transaction():
        if identifier and Device.objects.filter(identifier=identifier).exists():
            raise Invalid(_("Another device has this identifier."), code="identifier")
        token = "" if identifier else secrets.token_urlsafe(24)
        device = Device.objects.create(
            unit=unit,
            kind=kind,
            label=label,
            identifier=identifier or None,
            digest=digest_of(token) if token else None,
        )
        _record("device.made", device, actor)
        return device, token


def renew_device(device_id: int, *, actor: Actor) -> tuple[Device, str]:
    """Another token for a device, which counts from now on: the old one is lost or known."""
    actor.require(Permission.ADMINISTER)
    with transaction():
        device = _device(device_id)
        if device.digest is None or not device.active:
            raise Refused(_("This device has no token."))
        token = secrets.token_urlsafe(24)
        device.digest = digest_of(token)
        device.save(update_fields=["digest"])
        _record("device.renewed", device, actor)
        return device, token


def revoke_device(device_id: int, *, actor: Actor) -> Device:
    """Listen to a device no more; what it has told stays."""
    actor.require(Permission.ADMINISTER)
    with transaction():
        device = _device(device_id)
        if device.active:
            device.active = False
            device.save(update_fields=["active"])
            _record("device.revoked", device, actor)
        return device


def note_fault(device_ids: Iterable[int], fault: str) -> None:
    """What is wrong with the messages of devices that held no position at all."""
    with transaction():
        devices = Device.objects.filter(pk__in=list(device_ids))
        devices.update(last_at=clock.now(), last_fault=fault)


def erase_track(points: QuerySet[TrackPoint], *, actor: Actor) -> int:
    """Forget where units were. Returns how many points."""
    with transaction():
        gone, _tables = points.delete()
        record_erased("track", gone, actor)
        return gone


def _device(device_id: int) -> Device:
    return fetch(Device.objects.select_related("unit"), pk=device_id)


def _record(kind: str, device: Device, actor: Actor) -> None:
    body = DeviceChanged(unit=device.unit.call_sign, kind=device.kind)
    record(kind, subject=subject_of(device), actor=actor, body=body)
