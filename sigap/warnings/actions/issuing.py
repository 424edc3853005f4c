"""The city's own warnings: one person writes and proposes, another one signs; only then can all
read it. An update and a cancellation go the same way."""

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import fields as fields_of
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actions.alarms import finish_alarm, raise_alarm
from sigap.core.actors import Actor, Permission, Role
from sigap.core.errors import Forbidden, Invalid, Refused
from sigap.core.journal import record, subject_of
from sigap.core.kinds import Body, Reason
from sigap.core.kinds.warnings import AnnouncementWritten, WarningEnded
from sigap.core.machine import change, expect, move
from sigap.core.parameters import value
from sigap.core.personal import clean
from sigap.core.queries import deployment, fetch
from sigap.core.rows import insert
from sigap.core.transaction import transaction
from sigap.places.models import Area
from sigap.places.queries import city

from ..matching import is_point, match, rings_of
from ..message import CATEGORIES, CERTAINTIES, SEVERITIES, URGENCIES, Region
from ..models import Announcement
from ..queries import GEOCODE, may_propose, sender_name

UNSIGNED = "unsigned_warning"
MOST_KM = 100.0
SHORT, LINE, WORDS = 80, 160, 4000
SPOKEN = ("event", "headline", "description", "instruction")
NEEDED = SPOKEN[:3]


@dataclass(frozen=True)
class Writing:
    """What a warning is to say, of what and where: areas by their codes, or a circle, or both."""

    category: str
    severity: str
    urgency: str
    certainty: str
    hours: float
    event: str
    headline: str
    description: str
    instruction: str = ""
    event_en: str = ""
    headline_en: str = ""
    description_en: str = ""
    instruction_en: str = ""
    areas: Sequence[str] = ()
    lat: float | None = None
    lng: float | None = None
    radius_km: float | None = None


def draft_announcement(writing: Writing, *, actor: Actor) -> Announcement:
    """Write a new warning; nobody outside sees it yet."""
    _may_propose(actor)
    with transaction():
        return _draft(writing, "Alert", None, actor)


def edit_announcement(
    announcement_id: int, writing: Writing, *, version: int | None = None, actor: Actor
) -> Announcement:
    """Say something else in a draft. One that is proposed must be sent back before."""
    _may_propose(actor)
    with transaction():
        found = fetch(Announcement, pk=announcement_id)
        expect(found, version)
        if found.state != "draft":
            raise Announcement.MACHINE.refusal(found.state)
        fields = _checked(writing)
        change(found, **fields, written_by_id=actor.person_id(), written_at=clock.now())
        _record_writing("announcement.edited", found, actor)
        return found


def update_announcement(announcement_id: int, writing: Writing, *, actor: Actor) -> Announcement:
    """Write what is to replace a warning that is in force; until it is signed, that one holds."""
    _may_propose(actor)
    with transaction():
        return _draft(writing, "Update", _to_follow(announcement_id), actor)


def cancel_announcement(
    announcement_id: int, *, why: str, why_en: str = "", actor: Actor
) -> Announcement:
    """Write that a warning in force is over, and why; until it is signed, the warning holds."""
    _may_propose(actor)
    with transaction():
        before = _to_follow(announcement_id)
        writing = Writing(
            **{field.name: getattr(before, field.name) for field in fields_of(Writing)}
            | {"description": why, "instruction": "", "instruction_en": ""}
            | ({"description_en": why_en} if before.headline_en else {})
        )
        if before.headline_en and not why_en.strip():
            raise Invalid(_("Say it in English too: the warning was in both."), code="english")
        return _draft(writing, "Cancel", before, actor)


def propose_announcement(
    announcement_id: int, *, version: int | None = None, actor: Actor
) -> Announcement:
    """Ask for the second signature."""
    _may_propose(actor)
    with transaction():
        found = fetch(Announcement, pk=announcement_id)
        expect(found, version)
        move(found, "propose", actor=actor, body=Body(), proposed_by_id=actor.person_id())
        urgency = 1 if found.severity == "Extreme" else 2
        raise_alarm(UNSIGNED, found, owner=Role.SUPERVISOR, urgency=urgency, actor=actor)
        return found


def send_back_announcement(
    announcement_id: int, *, version: int | None = None, actor: Actor
) -> Announcement:
    """It is to be written otherwise: a draft again."""
    _may_propose(actor)
    with transaction():
        found = fetch(Announcement, pk=announcement_id)
        expect(found, version)
        move(found, "send_back", actor=actor, body=Reason(), proposed_by_id=None)
        finish_alarm(UNSIGNED, found, actor=actor)
        return found


def drop_announcement(
    announcement_id: int, *, version: int | None = None, actor: Actor
) -> Announcement:
    """It will not be issued."""
    _may_propose(actor)
    with transaction():
        found = fetch(Announcement, pk=announcement_id)
        expect(found, version)
        move(found, "drop", actor=actor, body=Body())
        finish_alarm(UNSIGNED, found, actor=actor)
        return found


def issue_announcement(
    announcement_id: int, *, version: int | None = None, actor: Actor
) -> Announcement:
    """Sign what somebody else has written and proposed: from now on it is in force and public."""
    actor.require(Permission.WARN)
    with transaction():
        found = fetch(Announcement, pk=announcement_id)
        expect(found, version)
        signer = actor.person_id()
        if found.state == "proposed" and signer in (found.proposed_by_id, found.written_by_id):
            raise Forbidden(_("Somebody else must sign: you have written or proposed it."))
        _check_hours(found.hours)
        served, before = deployment(), found.before
        sent = clock.now().replace(microsecond=0)
        ends = sent + timedelta(hours=found.hours)
        exercise = bool(served and served.drill)
        ending = "-latihan" if exercise else ""
        regions = _regions(found)
        touched = match(_region(region) for region in regions)
        move(
            found,
            "issue",
            actor=actor,
            body=Body(),
            signed_by_id=signer,
            exercise=exercise,
            sender=sender_name(),
            identifier=f"{sender_name()}-{sent:%Y%m%d}-{found.pk}{ending}",
            sent=sent,
            expires=before.expires if before and found.msg_type == "Cancel" else ends,
            touched=touched.areas,
            regions=regions,
            shape=touched.shape,
        )
        finish_alarm(UNSIGNED, found, actor=actor)
        if before is not None:
            command = "withdraw" if found.msg_type == "Cancel" else "replace"
            move(before, command, actor=actor, body=WarningEnded(by=found.pk))
        return found


def end_announcements(*, actor: Actor) -> int:
    """Let those end whose time has come. Returns how many."""
    with transaction():
        due = list(Announcement.objects.filter(state="issued", expires__lte=clock.now()))
        for announcement in due:
            move(announcement, "expire", actor=actor, body=WarningEnded())
        return len(due)


def _may_propose(actor: Actor) -> None:
    actor.require(Permission.PROPOSE_WARNING)
    if not may_propose(actor):
        raise Forbidden(_("Your agency does not propose public warnings."), code="agency")


def _draft(
    writing: Writing, msg_type: str, before: Announcement | None, actor: Actor
) -> Announcement:
    made = Announcement(
        **_checked(writing),
        msg_type=msg_type,
        before=before,
        written_by_id=actor.person_id(),
        written_at=clock.now(),
    )
    insert(made)
    _record_writing("announcement.drafted", made, actor)
    return made


def _to_follow(announcement_id: int) -> Announcement:
    """One that an update or a cancellation may come after: in force, and nothing else about it
    is being written."""
    found = fetch(Announcement, pk=announcement_id)
    if found.state != "issued" or found.msg_type == "Cancel":
        raise Announcement.MACHINE.refusal(found.state)
    if found.later.filter(state__in=("draft", "proposed")).exists():
        raise Refused(_("An update or a cancellation of it is being written already."))
    return found


def _record_writing(kind: str, found: Announcement, actor: Actor) -> None:
    record(
        kind,
        subject=subject_of(found),
        actor=actor,
        after=found.state,
        body=AnnouncementWritten(
            msg_type=found.msg_type,
            category=found.category,
            severity=found.severity,
            urgency=found.urgency,
            certainty=found.certainty,
            areas=len(found.areas),
            before=found.before_id,
        ),
    )


def _checked(writing: Writing) -> dict[str, Any]:
    """The fields of a row; Invalid names what is wrong."""
    for name, codes in (
        ("category", CATEGORIES),
        ("severity", SEVERITIES),
        ("urgency", URGENCIES),
        ("certainty", CERTAINTIES),
    ):
        if getattr(writing, name) not in codes:
            raise Invalid(_("Choose one of the list."), code=name)
    _check_hours(writing.hours)
    words = {
        name + ending: clean(getattr(writing, name + ending), most)
        for name, most in zip(SPOKEN, (SHORT, LINE, WORDS, WORDS), strict=True)
        for ending in ("", "_en")
    }
    if not all(words[name] for name in NEEDED):
        raise Invalid(_("A warning needs an event, a headline and a description."), code="words")
    english = [bool(words[f"{name}_en"]) for name in NEEDED]
    if any(english) != all(english) or (words["instruction_en"] and not all(english)):
        raise Invalid(
            _("In English too it needs an event, a headline and a description."), code="english"
        )
    known = set(Area.objects.filter(code__in=writing.areas).values_list("code", flat=True))
    if set(writing.areas) - known:
        raise Invalid(_("Choose areas of the city."), code="areas")
    circle = _circle(writing)
    if not known and circle["lat"] is None:
        raise Invalid(_("Say where: choose areas, or a circle on the map."), code="areas")
    fields = {n: getattr(writing, n) for n in ("category", "severity", "urgency", "certainty")}
    return fields | words | circle | {"areas": sorted(known), "hours": writing.hours}


def _circle(writing: Writing) -> dict[str, float | None]:
    given = (writing.lat, writing.lng, writing.radius_km)
    if all(part is None for part in given):
        return {"lat": None, "lng": None, "radius_km": None}
    lat, lng, km = given
    if lat is None or lng is None or km is None or not is_point(lat, lng) or not 0 < km <= MOST_KM:
        raise Invalid(
            _("A circle needs a point and a radius of at most %(most)s km.")
            % {"most": int(MOST_KM)},
            code="circle",
        )
    if not match([Region("", circles=((lat, lng, km),))]).areas:
        raise Invalid(_("The circle touches no area of the city."), code="circle")
    return {"lat": round(lat, 5), "lng": round(lng, 5), "radius_km": km}


def _check_hours(hours: float) -> None:
    most = value("warnings.most_hours")
    if not 0 < hours <= most:
        raise Invalid(
            _("A warning is in force for %(most)s hours at most; then it must be written anew.")
            % {"most": int(most)},
            code="hours",
        )


def _regions(found: Announcement) -> list[dict[str, Any]]:
    """Where it holds, as it is published: the borders as they are now."""
    here = city()
    regions: list[dict[str, Any]] = []
    for code in found.areas:
        area = here.areas[code]
        ground = here.cells.ground_of([code]) if here.cells else None
        rings = rings_of(ground) if ground is not None else []
        desc = f"{area.name}, {area.district}"
        regions.append({"desc": desc, "rings": rings, "circles": [], "codes": [code]})
    if found.lat is not None and found.lng is not None and found.radius_km is not None:
        desc = f"{found.radius_km:g} km: {found.lat:.5f}, {found.lng:.5f}"
        circle = [found.lat, found.lng, found.radius_km]
        regions.append({"desc": desc, "rings": [], "circles": [circle], "codes": []})
    return regions


def _region(kept: dict[str, Any]) -> Region:
    return Region(
        desc=kept["desc"],
        circles=tuple((lat, lng, km) for lat, lng, km in kept["circles"]),
        geocodes=tuple((GEOCODE, code) for code in kept["codes"]),
    )
