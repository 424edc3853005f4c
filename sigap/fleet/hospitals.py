"""Where to take a patient: which hospitals receive, what is free there, how far they are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils.formats import number_format

from sigap.core import clock
from sigap.core.actors import Actor, Permission
from sigap.core.parameters import value
from sigap.places.geo import distance_m

from .models import Agency, Hospital, HospitalBeds, HospitalStatus
from .names import bed_names, receiving_names

# The agencies that look after all hospitals: the city's health office with its ambulances.
HEALTH = "medical"
RECEIVES, UNKNOWN, REFUSES = 0, 1, 2


@dataclass(frozen=True)
class Beds:
    """What is free of one kind; None: not known. `stale`: counted too long ago to count on."""

    kind: str
    free: int | None
    total: int | None
    at: datetime | None
    stale: bool
    source: str = ""


@dataclass(frozen=True)
class Destination:
    """A hospital as it is known now: `state` is receiving, limited, refusing, diverted or
    unknown, and `reasons` say as codes why it stands where it does."""

    code: str
    name: str
    place: str
    state: str
    rank: int
    metres: int | None
    reasons: tuple[str, ...]
    refused: tuple[str, ...] = ()
    diversion: str = ""  # why
    until: datetime | None = None
    said_at: datetime | None = None
    source: str = ""
    stale: bool = False
    beds: tuple[Beds, ...] = field(default_factory=tuple)

    @property
    def label(self) -> str:
        """What stands in a list to choose from: its name, whether it receives, how far it is."""
        distance = "" if self.metres is None else f"{number_format(self.metres / 1000, 1)} km"
        state = receiving_names()[self.state]
        beds = next((b.free for b in self.beds if b.kind == "ed" and not b.stale), None)
        free = "" if beds is None else f"{bed_names()['ed']} {beds}"
        return " · ".join(filter(None, (self.name, state, distance, free)))

    @property
    def warns(self) -> bool:
        """Whether somebody should think twice before driving there."""
        return self.rank == REFUSES


def may_report(hospital: Hospital, actor: Actor) -> bool:
    """Whether this actor may say how it is there: its own people, and those of the city's
    health agencies."""
    if not actor.may(Permission.AGENCY_BOARD) or not actor.agency:
        return False
    if hospital.agency is not None and hospital.agency.code == actor.agency:
        return True
    return Agency.objects.filter(code=actor.agency, kind=HEALTH).exists()


def ranked(lat: float | None, lng: float | None, specialty: str = "") -> list[Destination]:
    """The hospitals in use: those that receive first, the nearest of them first; then those of
    which nobody knows; at last those that do not. A specialty that is asked for and that the
    hospital is not known to have puts it behind those that have it."""
    rows = Hospital.objects.filter(active=True).select_related("status").prefetch_related("beds")
    found = [_destination(row, lat, lng, specialty) for row in rows]
    lacking = ("specialty_unknown",)
    return sorted(
        found,
        key=lambda d: (
            d.rank,
            any(code in d.reasons for code in lacking),
            d.metres if d.metres is not None else float("inf"),
            d.name,
        ),
    )


def known_now(hospitals: Iterable[Hospital]) -> list[Destination]:
    """These hospitals as they are known now, with `status` and `beds` fetched before."""
    return [_destination(row, None, None, "") for row in hospitals]


def _destination(
    row: Hospital, lat: float | None, lng: float | None, specialty: str
) -> Destination:
    status = getattr(row, "status", None)
    metres = None
    if None not in (lat, lng, row.lat, row.lng):
        metres = round(distance_m(lat, lng, row.lat, row.lng))  # type: ignore[arg-type]
    state, stale = _state(status)
    rank, reasons = _rank(row, status, state, stale, specialty)
    if row.lat is None:
        reasons.append("no_point")
    diverted = state == "diverted" and status is not None
    return Destination(
        code=row.code,
        name=row.name,
        place=row.place,
        state=state,
        rank=rank,
        metres=metres,
        reasons=tuple(reasons),
        refused=tuple(status.refused) if status and state == "limited" else (),
        diversion=status.diversion_reason if status and diverted else "",
        until=status.diverted_until if status and diverted else None,
        said_at=status.said_at if status else None,
        source=status.source if status else "",
        stale=stale,
        beds=_beds(list(row.beds.all())),
    )


def _state(status: HospitalStatus | None) -> tuple[str, bool]:
    """What is known of it, and whether that is out of date."""
    if status is None or status.said_at is None:
        return "unknown", False
    if status.diverted_until is not None:
        # After its end nobody has said that it is open again.
        return ("diverted" if status.diverted_until > clock.now() else "unknown"), False
    said = {"yes": "receiving", "no": "refusing", "limited": "limited"}
    return said.get(status.receiving, "unknown"), _is_stale(status.said_at)


def _rank(
    row: Hospital, status: HospitalStatus | None, state: str, stale: bool, specialty: str
) -> tuple[int, list[str]]:
    reasons = [state]
    if stale:
        reasons.append("stale")
    if status is not None and status.diverted_until is not None and state == "unknown":
        reasons.append("diversion_over")
    rank = {"receiving": RECEIVES, "limited": RECEIVES, "unknown": UNKNOWN}.get(state, REFUSES)
    if stale and rank == RECEIVES:
        rank = UNKNOWN
    if specialty and specialty not in row.specialties:
        reasons.append("specialty_unknown")
    elif specialty and state == "limited" and status and specialty in status.refused:
        reasons.append("specialty_refused")
        rank = REFUSES
    return rank, reasons


def _beds(known: Sequence[HospitalBeds]) -> tuple[Beds, ...]:
    by_kind = {row.kind: row for row in known}
    return tuple(
        Beds(kind, row.free, row.total, row.counted_at, _is_stale(row.counted_at), row.source)
        if (row := by_kind.get(kind))
        else Beds(kind, None, None, None, False)
        for kind in HospitalBeds.KINDS
    )


def _is_stale(at: datetime | None) -> bool:
    fresh = timedelta(minutes=value("fleet.hospital_stale_min"))
    return at is not None and at < clock.now() - fresh
