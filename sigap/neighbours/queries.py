"""Reads about neighbouring centres that are used in more than one place."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from pydantic import ValidationError

from sigap.core import clock
from sigap.core.errors import Missing
from sigap.core.journal import subject_of
from sigap.core.models import Text
from sigap.core.queries import deployment, fetch
from sigap.core.remembered import remembered
from sigap.dispatch.machine import OPEN
from sigap.dispatch.models import Assignment
from sigap.incidents.models import Incident, IncidentType
from sigap.incidents.queries import family_ids
from sigap.places.geo import distance_m

from .models import Aid, Between, Centre, Handover, Link, Loan, Parcel, Share, TypeCode
from .record import NoteTold, Record, UnitTold
from .seal import link_token, opened, same

MOST_NOTES = 50


def centres() -> QuerySet[Centre]:
    """The centres with which something may be agreed."""
    return Centre.objects.filter(active=True).order_by("name")


def city_code() -> str:
    """What this city is called by others, where they have no name of their own for it."""
    served = deployment()
    return served.city if served else ""


@remembered
def _secrets() -> dict[str, str]:
    return {c.code: opened(c.secret_in) for c in Centre.objects.filter(active=True)}


def secret_of(code: str) -> str:
    """What a centre signs with; "" for one that is not known, or may not send."""
    return _secrets().get(code, "")


def centre_with(token: str) -> str:
    """The code of the centre whose secret this is; "" for nobody's. All are compared, so that
    the time it takes tells nothing."""
    found = [code for code, secret in _secrets().items() if same(secret, token)]
    return found[0] if found else ""


def get(model: type[Any], pk: int) -> Any:
    """A hand-over, a request, a loan or a share with its centre; Missing when there is none."""
    return fetch(model.objects.select_related("centre"), pk=pk)


def with_reference(model: type[Any], centre: Centre, reference: str) -> Any:
    """What both centres know by this reference; None when nothing is."""
    rows = model.objects.select_related("centre", "incident")
    return rows.filter(centre=centre, reference=reference).first()


def record_of(row: Between) -> Record | None:
    """What was told last; None where it was never, or is erased."""
    return _record_in(_last(row, "record"))


def news_of(row: Between) -> Record | None:
    """What the other centre told of something that we handed over; None while it told nothing."""
    return _record_in(_last(row, "news"))


def _record_in(text: str) -> Record | None:
    try:
        return Record.model_validate_json(text) if text else None
    except ValidationError:
        return None


def words_of(row: Between, field: str) -> str:
    """The last words of a field, e.g. who answered at the other centre."""
    return _last(row, field)


def _last(row: Between, field: str) -> str:
    texts = Text.objects.filter(subject=subject_of(row), field=field).order_by("-id")
    return texts.values_list("body", flat=True).first() or ""


def type_of(record: Record) -> IncidentType | None:
    """What a neighbour's codes mean here: by the city's own table, else as our own code; None
    where nobody has said so yet."""
    for code in record.type_codes:
        known = TypeCode.objects.select_related("type").filter(code__iexact=code[:80]).first()
        if known and known.type.active:
            return known.type
    return IncidentType.objects.filter(code__in=record.type_codes, active=True).first()


def record_of_incident(incident: Incident, *, reference: str) -> Record:
    """All that is known of an incident, as it could be told; `only` takes out what is not to be."""
    outcome = incident.disposition
    return Record(
        id=reference,
        number=str(incident.pk),
        sender=city_code(),
        type_codes=[incident.type.code],
        type_text=incident.type.name,
        priority=incident.priority,
        priority_text=f"P{incident.priority}",
        status=incident.state,
        outcome=outcome.name if outcome else "",
        lat=incident.lat,
        lng=incident.lng,
        radius_m=incident.accuracy_m,
        address=_body(incident.address) or (incident.area.name if incident.area else ""),
        caller=_body(incident.reporter),
        rang_at=incident.received_at,
        what=_body(incident.chronology),
        victims=incident.victims,
        units=_units(incident),
        notes=_notes(incident),
        updated_at=clock.now(),
    )


def _units(incident: Incident) -> list[UnitTold]:
    jobs = Assignment.objects.select_related("unit").filter(
        incident_id__in=family_ids(incident), state__in=OPEN
    )
    return [
        UnitTold(
            name=job.unit.call_sign,
            kind=job.unit.kind,
            status=job.state,
            lat=job.unit.lat if job.unit.position_at else None,
            lng=job.unit.lng if job.unit.position_at else None,
        )
        for job in jobs.order_by("id")
    ]


def _notes(incident: Incident) -> list[NoteTold]:
    texts = Text.objects.filter(
        subject=subject_of(incident), field="note", struck_at=None, erased_at=None
    )
    return [NoteTold(at=t.at, text=t.body) for t in texts.order_by("-id")[:MOST_NOTES]][::-1]


def _body(text: Text | None) -> str:
    return text.body if text and text.erased_at is None else ""


def suggested(lat: float | None, lng: float | None, words: str) -> Centre | None:
    """The centre that a place outside the city belongs to: the one whose villages are named, else
    the nearest by its middle. Only offered: a person chooses."""
    folded = f" {' '.join(words.casefold().split())} "
    for centre in centres():
        names = [centre.area, *map(str, centre.places)]
        if any(f" {' '.join(n.casefold().split())} " in folded for n in names if n.strip()):
            return centre
    if lat is None or lng is None:
        return None
    with_middle = [
        (distance_m(lat, lng, c.lat, c.lng), c)
        for c in centres()
        if c.lat is not None and c.lng is not None
    ]
    return min(with_middle, key=lambda pair: pair[0])[1] if with_middle else None


def link_of(token: str) -> Link:
    """The link at this address; Missing for any other."""
    number = token.partition("-")[0]
    if number.isascii() and number.isdigit() and len(number) <= 18:  # noqa: PLR2004
        rows = Link.objects.select_related("handover__centre", "share__centre", "share__incident")
        link = rows.filter(pk=int(number)).first()
        if link is not None and same(link_token(link.pk, link.nonce), token):
            return link
    raise Missing("", code="link")


def is_open(link: Link, now: datetime) -> bool:
    """Whether anything is still shown there."""
    if link.revoked_at is not None or link.until <= now:
        return False
    return link.share is None or is_shared(link.share, now)


def is_shared(share: Share, now: datetime) -> bool:
    """Whether the record may be read now. By the time itself, whether or not a timer has seen
    that it is over."""
    return share.state == "shared" and share.until is not None and share.until > now


def links_of(row: Between) -> list[Link]:
    """Its links, the newest first."""
    return list(row.links.order_by("-id"))  # type: ignore[attr-defined]


def lent_units(unit_ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """Which of these units work for another centre than their own: for whom, or whose guests they
    are, until when, and who is rung up about it."""
    rows = Loan.objects.select_related("aid__centre").filter(unit_id__in=unit_ids, state="lent")
    return {
        loan.unit_id: {
            "centre": loan.aid.centre.area,
            "until": loan.until.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "guest": loan.guest,
            "phone": loan.aid.centre.phone,
        }
        for loan in rows
    }


def waiting(centre: Centre | None = None) -> QuerySet[Parcel]:
    """What has not arrived yet, in the order in which it is sent."""
    rows = Parcel.objects.select_related("centre", "content").filter(due_at__isnull=False)
    return (rows.filter(centre=centre) if centre else rows).order_by("centre_id", "id")


def of_incident(incident: Incident) -> dict[str, list[Any]]:
    """All that is agreed about an incident and what was merged into it."""
    family = family_ids(incident)
    return {
        name: list(
            model.objects.select_related("centre").filter(incident_id__in=family).order_by("-id")
        )
        for name, model in (("handovers", Handover), ("aids", Aid), ("shares", Share))
    }
