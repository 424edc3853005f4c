"""What is said of a report, and to whom.

A category says how much the public reads: nothing, a summary (what, whose, when, roughly where), or
more once somebody here has released words for it: those, and the exact place. The program that
reported reads its own. Names and numbers are told to nobody.
"""

import math
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, F, Max, Q, QuerySet
from django.db.models.functions import Cast, Floor, Substr
from django.http import HttpRequest

from sigap.complaints.machine import COMPLAINT, GONE, OPEN
from sigap.complaints.models import Attachment, Category, Complaint, Referral
from sigap.core.journal import subject_of
from sigap.core.models import Journal, Text
from sigap.core.personal import LONG
from sigap.core.queries import city_zone
from sigap.places.geo import METRES_PER_DEGREE

from ..models import ApiKey
from .answers import Value
from .keys import mark_of
from .schemas import Asked

# Put away (also as spam), part of another, or an emergency: not for the public.
HIDDEN = ("archived", "attached", "promoted")
MAIL = re.compile(r"\S+@\S+\.\S+")
BLACK = "•••"
# Whose words the citizen reads, and which of them once a second person has checked them.
OPEN_WORDS, CHECKED_WORDS = ("words", "reply", "question", "plan", "progress"), ("answer",)
# What the public learns of a life, and what counts as a change of it.
STEPS = ["complaint.filed", "complaint.sorted", "referral.progress"]
STEPS += sorted({f"complaint.{command}" for row in COMPLAINT.table.values() for command in row})
ROUGH = 1000  # parts of a degree: a summary is some hundred metres wide


def reports(key: ApiKey | None) -> QuerySet[Complaint]:
    """All that this program, or the public, may know of."""
    seen = Q(secret=False, category__publish__in=("summary", "full")) & ~Q(state__in=HIDDEN)
    if key:
        seen |= Q(channel="open311", origin=mark_of(key))
    words = ("body", "released_text", "address", "reporter_name")
    return Complaint.objects.filter(seen).select_related("category__agency", "area", *words)


def found(asked: Asked, key: ApiKey | None) -> list[Complaint]:
    """A page of them, the newest first. Numbers override all else, as the specification has it."""
    all_seen = reports(key).order_by("-filed_at", "-id")
    start = (asked.page - 1) * asked.page_size
    if asked.service_request_id:
        all_seen = all_seen.filter(number__in=asked.service_request_id)
        return list(all_seen[start : start + asked.page_size])
    if filed := asked.filed:
        all_seen = all_seen.filter(filed_at__range=filed)
    if updated := asked.updated:
        all_seen = all_seen.filter(pk__in=_changed(*updated))
    if asked.service_code:
        all_seen = all_seen.filter(category__code__in=asked.service_code)
    if len(set(asked.status)) == 1:
        is_open = Q(state__in=OPEN)
        all_seen = all_seen.filter(is_open if asked.status == ["open"] else ~is_open)
    if asked.lat is not None and asked.long is not None and asked.radius is not None:
        all_seen = _near(all_seen, asked.lat, asked.long, asked.radius)
    return list(all_seen[start : start + asked.page_size])


def is_own(complaint: Complaint, key: ApiKey | None) -> bool:
    """Whether this program reported it."""
    return key is not None and (complaint.channel, complaint.origin) == ("open311", mark_of(key))


def words_of(complaint: Complaint, key: ApiKey | None) -> str | None:
    """What may be read of the words: its own by the program, by all others what was released."""
    if is_own(complaint, key):
        return masked(complaint.body, complaint)
    category, released = complaint.category, complaint.released_text
    return released.body or None if released and category and category.publish == "full" else None


def told(
    complaints: list[Complaint], key: ApiKey | None, request: HttpRequest, *, extensions: bool
) -> list[dict[str, Value]]:
    """The requests as the specification lists them; its `extensions` beside."""
    changed = _last_changes(complaints)
    agencies = _agencies(complaints)
    photos = _photos([c for c in complaints if is_own(c, key)], request)
    rows = []
    for complaint in complaints:
        own_photos = photos.get(complaint.pk, [])
        words = words_of(complaint, key)
        row: dict[str, Value] = {
            **_about(complaint),
            "description": words,
            "agency_responsible": ", ".join(agencies.get(complaint.pk, _usual(complaint))),
            "service_notice": None,
            "requested_datetime": local(complaint.filed_at),
            "updated_datetime": local(changed.get(complaint.pk, complaint.filed_at)),
            "expected_datetime": local(complaint.solve_due_at),
            **_where(complaint, key, exact=bool(words)),
            "media_url": own_photos[0] if own_photos else None,
        }
        if extensions:
            row["extended_attributes"] = _more(complaint, own_photos, key, request)
        rows.append(row)
    return rows


def history(complaint: Complaint) -> list[Value]:
    """What became of it, step by step."""
    rows = Journal.objects.filter(case=subject_of(complaint), kind__in=STEPS).exclude(after="")
    steps = rows.filter(subject=subject_of(complaint)).order_by("seq").values_list("at", "after")
    return [
        {
            "update_id": f"{complaint.number}-{number}",
            "service_request_id": complaint.number,
            "status": _status(state),
            "updated_datetime": local(at),
            "description": str(COMPLAINT.names[state]),
        }
        for number, (at, state) in enumerate(steps, start=1)
    ]


def comments(complaint: Complaint, key: ApiKey | None) -> list[Value]:
    """What citizen, desk and agencies said to each other, answers once they were checked: to the
    program that reported, since nobody has released any of it."""
    if not is_own(complaint, key):
        return []
    referrals = complaint.referrals.select_related("agency")
    names = {subject_of(referral): referral.agency.short for referral in referrals}
    fields = [*OPEN_WORDS, *(CHECKED_WORDS if complaint.state in ("done", "closed") else ())]
    said = Text.objects.filter(subject__in=[subject_of(complaint), *names], field__in=fields)
    texts = said.filter(erased_at=None, struck_at=None).order_by("at", "id")
    return [comment(text, complaint, names.get(text.subject, "")) for text in texts]


def comment(text: Text, complaint: Complaint, agency: str = "") -> Value:
    """One of them; without an agency it is the desk's or the reporter's."""
    return {
        "comment_id": text.pk,
        "service_request_id": complaint.number,
        "author": agency or ("reporter" if text.field == "words" else "desk"),
        "created_datetime": local(text.at),
        "description": masked(text, complaint),
    }


def service_of(category: Category | None) -> dict[str, Value]:
    """What a report is about, as every answer names it."""
    return {
        "service_name": str(category) if category else None,
        "service_code": category.code if category else None,
    }


def local(at: datetime | None) -> str | None:
    """A time as the W3C writes it, by the city's clocks."""
    return at.astimezone(city_zone()).isoformat(timespec="seconds") if at else None


def masked(text: Text | None, complaint: Complaint) -> str | None:
    """Words without what looks like a number or an address for letters, and without the name
    of whoever reports."""
    if text is None or not text.body:
        return None
    body = MAIL.sub(BLACK, LONG.sub(BLACK, text.body))
    name = complaint.reporter_name.body if complaint.reporter_name else ""
    words = [re.escape(word) for word in MAIL.sub("", name).split() if len(word) > 2]  # noqa: PLR2004
    if words:
        body = re.sub(rf"\b({'|'.join(words)})\b", BLACK, body, flags=re.IGNORECASE)
    return body


def tracking_url(complaint: Complaint, request: HttpRequest) -> str:
    """The link by which the citizen finds it."""
    return request.build_absolute_uri(f"/lacak/{complaint.token}")


def _about(complaint: Complaint) -> dict[str, Value]:
    return {
        "service_request_id": complaint.number,
        "status": _status(complaint.state),
        "status_notes": str(COMPLAINT.names[complaint.state]),
        **service_of(complaint.category),
    }


def _status(state: str) -> str:
    return "open" if state in OPEN else "closed"


def _where(complaint: Complaint, key: ApiKey | None, *, exact: bool) -> dict[str, Value]:
    area = complaint.area
    lat, long = complaint.lat, complaint.lng
    if not exact and lat is not None and long is not None:
        lat, long = (math.floor(degrees * ROUGH + 0.5) / ROUGH for degrees in (lat, long))
    address = masked(complaint.address, complaint) if is_own(complaint, key) else None
    return {
        "address": address or (area.name if area else None),
        "address_id": area.code if area else None,
        "zipcode": area.postcode if area else None,
        "lat": lat,
        "long": long,
    }


def _more(
    complaint: Complaint, photos: list[str], key: ApiKey | None, request: HttpRequest
) -> Value:
    more: dict[str, Value] = {
        "state": complaint.state,
        "group": complaint.category.group if complaint.category else None,
        "area": complaint.area.name if complaint.area else None,
        "media_urls": photos,
    }
    if is_own(complaint, key):
        more["asset"] = complaint.asset or None
        more["tracking_url"] = tracking_url(complaint, request)
    return more


def _usual(complaint: Complaint) -> list[str]:
    return [complaint.category.agency.short] if complaint.category else []


def _agencies(complaints: Iterable[Complaint]) -> dict[int, list[str]]:
    """Those that have it, or had it to the end."""
    sent = Referral.objects.filter(complaint__in=[c.pk for c in complaints]).exclude(state__in=GONE)
    there: dict[int, list[str]] = {}
    for complaint_id, name in sent.order_by("id").values_list("complaint_id", "agency__short"):
        there.setdefault(complaint_id, []).append(name)
    return there


def _photos(complaints: Iterable[Complaint], request: HttpRequest) -> dict[int, list[str]]:
    kept = Attachment.objects.filter(
        complaint__in=[c.pk for c in complaints], kind="image", erased_at=None
    )
    links: dict[int, list[str]] = {}
    for complaint_id, name in kept.order_by("id").values_list("complaint_id", "name"):
        link = request.build_absolute_uri(f"/open311/v2/media/{name}.jpg")
        links.setdefault(complaint_id, []).append(link)
    return links


def _last_changes(complaints: Iterable[Complaint]) -> dict[int, datetime]:
    ids = {subject_of(complaint): complaint.pk for complaint in complaints}
    rows = Journal.objects.filter(case__in=list(ids), kind__in=STEPS)
    return {ids[case]: at for case, at in rows.values_list("case").annotate(last=Max("at"))}


def _changed(start: datetime, end: datetime) -> QuerySet[Journal, Any]:
    """The numbers of those whose last change lies in this time."""
    rows = Journal.objects.filter(at__gte=start, case__startswith="complaint:", kind__in=STEPS)
    last = rows.values("case").annotate(last=Max("at")).filter(last__lte=end)
    return last.annotate(
        number=Cast(Substr("case", len("complaint:") + 1), BigIntegerField())
    ).values("number")


def _near(
    complaints: QuerySet[Complaint], lat: float, long: float, radius: float
) -> QuerySet[Complaint]:
    """Those so near, by the rough place: asking again and again must not find the exact one."""
    per_lat, per_long = METRES_PER_DEGREE, METRES_PER_DEGREE * math.cos(math.radians(lat))
    rough = {name: Floor(F(name) * ROUGH + 0.5) / ROUGH for name in ("lat", "lng")}
    north, east = (rough["lat"] - lat) * per_lat, (rough["lng"] - long) * per_long
    return complaints.alias(square=north * north + east * east).filter(square__lte=radius**2)
