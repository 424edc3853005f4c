"""What is in force, and what stands in the public feed."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from sigap.core import clock
from sigap.core.actors import Actor, Permission
from sigap.core.parameters import value
from sigap.core.queries import deployment, site
from sigap.fleet.models import Agency

from .machine import PUBLISHED
from .message import SEVERITIES, Info, Message, Region, preferred
from .models import Announcement, ReceivedWarning, WarningSource

GEOCODE = "Kemendagri"
# Whose heads may propose a warning; the kind of an agency, as targets use it.
DISASTERS = "disaster"


def in_force() -> list[ReceivedWarning]:
    """The received warnings that the screens show: for this city, real ones only, but in a drill
    those of an exercise too. The worst first; what two sources bring is shown once."""
    served = deployment()
    shown = ["Actual", "Exercise"] if served and served.drill else ["Actual"]
    found = ReceivedWarning.objects.filter(
        state="in_force", status__in=shown, expires__gt=clock.now()
    ).exclude(areas=[])
    once: dict[tuple[str, str, datetime], ReceivedWarning] = {}
    for warning in found.select_related("source").defer("document").order_by("pk"):
        once.setdefault((warning.sender, warning.identifier, warning.sent), warning)
    return sorted(once.values(), key=lambda w: (rank_of(w.severity), -w.sent.timestamp()))


def rank_of(severity: str) -> int:
    """The worst first; one that we do not know is not taken lightly."""
    known = SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES) - 1
    return 2 if known == len(SEVERITIES) - 1 else known


def own_in_force() -> list[Announcement]:
    """The city's own warnings that are in force."""
    found = Announcement.objects.filter(state="issued", expires__gt=clock.now())
    return sorted(
        found.exclude(msg_type="Cancel"),
        key=lambda a: (rank_of(a.severity), -(a.sent.timestamp() if a.sent else 0)),
    )


def may_propose(actor: Actor) -> bool:
    """The supervisor may, and of the heads of agencies those that disasters are the affair of."""
    if not actor.may(Permission.PROPOSE_WARNING) or actor.may(Permission.WARN):
        return actor.may(Permission.PROPOSE_WARNING)
    return Agency.objects.filter(code=actor.agency, kind=DISASTERS).exists()


def published() -> QuerySet[Announcement]:
    """What the city has said to everybody, the newest first."""
    return Announcement.objects.filter(state__in=PUBLISHED).order_by("-sent", "-pk")


def in_the_feed() -> QuerySet[Announcement]:
    """Of these, what is in force or ended not long ago."""
    since = clock.now() - timedelta(days=value("warnings.public_days"))
    return published().filter(expires__gt=since)


def silent_sources(*, minutes: float) -> QuerySet[WarningSource]:
    """Sources in use that nothing good has come from for so long."""
    last = Coalesce("ok_at", "watched_at")
    since = clock.now() - timedelta(minutes=minutes)
    return WarningSource.objects.annotate(last=last).filter(active=True, last__lt=since)


def words_of(warning: ReceivedWarning) -> list[dict[str, Any]]:
    """What it says in the language that its source is read in, else Indonesian, English, any."""
    return preferred(warning.infos, warning.source.language)


def sender_name() -> str:
    """How the city's own warnings name their sender: the host that everybody knows it by."""
    return urlsplit(site()).hostname or "localhost"


def message_of(announcement: Announcement) -> Message:
    """An announcement as CAP has it. It never changes once it is issued."""
    assert announcement.sent is not None
    before = _chain(announcement)
    spoken = [("id-ID", "")] + ([("en-US", "_en")] if announcement.headline_en else [])
    return Message(
        identifier=announcement.identifier,
        sender=announcement.sender,
        sent=announcement.sent,
        status="Exercise" if announcement.exercise else "Actual",
        msg_type=announcement.msg_type,
        scope="Public",
        note="LATIHAN" if announcement.exercise else "",
        references=tuple((b.sender, b.identifier, b.sent) for b in before if b.sent),
        infos=tuple(_info(announcement, *language) for language in spoken),
    )


def _chain(announcement: Announcement) -> Iterable[Announcement]:
    """All that it comes after, the oldest first."""
    found: list[Announcement] = []
    one = announcement.before
    while one is not None:
        found.insert(0, one)
        one = one.before
    return found


def _info(a: Announcement, language: str, ending: str) -> Info:
    served = deployment()
    name = served.name if served else ""
    return Info(
        language=language,
        categories=(a.category,),
        event=practised(a, "event" + ending),
        urgency=a.urgency,
        severity=a.severity,
        certainty=a.certainty,
        effective=a.sent,
        expires=a.expires,
        sender_name=name,
        headline=practised(a, "headline" + ending),
        description=practised(a, "description" + ending),
        instruction=practised(a, "instruction" + ending),
        web=f"{site()}/peringatan/{a.pk}",
        regions=tuple(_region(region) for region in a.regions),
    )


def practised(announcement: Announcement, field: str) -> str:
    """What it says; in a drill every text says that it is one."""
    text = str(getattr(announcement, field))
    return f"LATIHAN: {text}" if announcement.exercise and text else text


def _region(kept: dict[str, Any]) -> Region:
    return Region(
        desc=kept["desc"],
        polygons=tuple(tuple((lat, lng) for lat, lng in ring) for ring in kept["rings"]),
        circles=tuple((lat, lng, km) for lat, lng, km in kept["circles"]),
        geocodes=tuple((GEOCODE, code) for code in kept["codes"]),
    )


def seen_before(source: WarningSource) -> dict[str, tuple[str, str]]:
    """With what to ask for the messages that an index leads to, the longest unasked first."""
    rows = source.files.order_by(F("asked_at").asc(nulls_first=True), "pk")
    return {f.url: ("", "") if f.fault else (f.etag, f.modified) for f in rows}


def due_sources() -> QuerySet[WarningSource]:
    """The sources in use whose turn has come."""
    waiting = Q(due_at=None) | Q(due_at__lte=clock.now())
    return WarningSource.objects.filter(waiting, active=True).order_by("pk")
