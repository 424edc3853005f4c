"""The change log: who changed what of the configuration, read from the journal."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from sigap.core.models import Journal, User

from .labels import LABELS
from .sections import SECTIONS

KINDS = ("config.changed", "config.removed", "parameter.changed", "user.created", "user.changed")


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
    names = _names({code for row in rows for code in (row.actor, row.subject)})
    return [
        Entry(row.at, names.get(row.actor, row.actor), _what(row, names), _details(row))
        for row in rows
    ]


def _names(codes: Iterable[str]) -> dict[str, str]:
    ids = [int(c.removeprefix("user:")) for c in codes if c.startswith("user:")]
    found = {f"user:{user.pk}": user.name for user in User.objects.filter(pk__in=ids)}
    return found | {"system:setup": _("Set-up")}


def _what(row: Journal, names: dict[str, str]) -> str:
    noun, _colon, key = row.subject.partition(":")
    if noun == "parameter":
        return key
    if noun == "user":
        return _("User %(key)s") % {"key": names.get(row.subject, key)}
    section = next((s for s in SECTIONS.values() if s.model._meta.model_name == noun), None)
    return f"{section.one if section else noun} {row.body.get('code') or key}"


def _details(row: Journal) -> str:
    if row.kind == "config.removed":
        return _("removed")
    if row.kind == "user.created":
        return _("created")
    if row.kind == "parameter.changed":
        return f"{row.body['before']:g} → {row.body['after']:g}"
    fields = row.body.get("fields", [])
    return ", ".join(str(LABELS.get(name, name)) for name in fields) or _("created")
