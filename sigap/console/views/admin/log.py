"""The change log: who changed what of the configuration, read from the journal."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from sigap.core.models import Journal, User
from sigap.core.parameters import PARAMETERS, as_written
from sigap.fleet.positions.models import Device

from .cells import title_of
from .labels import LABELS
from .sections import SECTIONS

KINDS = (
    *("config.changed", "config.removed", "parameter.changed", "user.created", "user.changed"),
    *("device.made", "device.renewed", "device.revoked"),
)


@dataclass(frozen=True)
class Entry:
    """One change as a person reads it."""

    at: datetime
    who: str
    what: str
    details: str


def changes_of(subject: str, most: int = 30) -> list[Entry]:
    """The changes of one record, the newest first."""
    rows = Journal.objects.filter(subject=subject, kind__in=KINDS).order_by("-seq")[:most]
    return _entries(list(rows))


def recent(most: int = 30) -> list[Entry]:
    """The newest changes of anything."""
    return _entries(list(Journal.objects.filter(kind__in=KINDS).order_by("-seq")[:most]))


def last_change(subject: str) -> int:
    """The journal number of the newest change of a record; 0 where there is none."""
    rows = Journal.objects.filter(subject=subject, kind__in=KINDS).order_by("-seq")
    return rows.values_list("seq", flat=True).first() or 0


def _entries(rows: list[Journal]) -> list[Entry]:
    subjects = {row.subject for row in rows}
    names = _names({*subjects, *(row.actor for row in rows)}) | _titles(subjects)
    return [
        Entry(row.at, names.get(row.actor, row.actor), _what(row, names), _details(row))
        for row in rows
    ]


def _names(codes: Iterable[str]) -> dict[str, str]:
    ids = [int(c.removeprefix("user:")) for c in codes if c.startswith("user:")]
    found = {f"user:{user.pk}": user.name for user in User.objects.filter(pk__in=ids)}
    return found | {"system:setup": _("Set-up")}


def _titles(subjects: set[str]) -> dict[str, str]:
    """What the records are called now; those that are gone have no name any more."""
    found: dict[str, str] = {}
    for section in SECTIONS.values():
        noun = section.model._meta.model_name
        keys = [int(s.split(":")[1]) for s in subjects if s.split(":")[0] == noun]
        for key, record in section.model._default_manager.in_bulk(keys).items():
            found[f"{noun}:{key}"] = title_of(section, record)
    devices = [int(s.partition(":")[2]) for s in subjects if s.startswith("device:")]
    rows = Device.objects.select_related("unit").filter(pk__in=devices)
    return found | {f"device:{row.pk}": str(row) for row in rows}


def _what(row: Journal, names: dict[str, str]) -> str:
    noun, _colon, key = row.subject.partition(":")
    if noun == "parameter":
        return capfirst(_(PARAMETERS[key].what)) if key in PARAMETERS else key
    if noun == "device":
        return _("Device: %(name)s") % {"name": names.get(row.subject, key)}
    if noun == "user":
        return _("User %(key)s") % {"key": names.get(row.subject, key)}
    section = next((s for s in SECTIONS.values() if s.model._meta.model_name == noun), None)
    name = names.get(row.subject) or row.body.get("code") or key
    return f"{section.one if section else noun}: {name}"


def _details(row: Journal) -> str:
    if row.kind.startswith("device."):
        return {
            "device.made": _("created"),
            "device.renewed": _("another token"),
        }.get(row.kind) or _("revoked")
    if row.kind == "config.removed":
        return _("removed")
    if row.kind == "user.created":
        return _("created")
    if row.kind == "parameter.changed":
        return f"{as_written(row.body['before'])} → {as_written(row.body['after'])}"
    fields = row.body.get("fields", [])
    return ", ".join(str(LABELS.get(name, name)) for name in fields) or _("created")
