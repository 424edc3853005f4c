"""A record in words, for whoever reads it: here, or by a link at the other centre."""

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from sigap.core.personal import spoken_number
from sigap.dispatch.machine import ASSIGNMENT
from sigap.incidents.machine import INCIDENT

from .record import Record, UnitTold


def lines(record: Record) -> list[tuple[str, str]]:
    """What is told, each with its name; what is not told is left out. Codes that are not known
    here stand as they came."""
    own = record.type_codes[0] if record.type_codes else ""
    kind = record.type_text or own
    codes = [code for code in record.type_codes if code != kind]
    priority = record.priority_text or (f"P{record.priority}" if record.priority else "")
    found = [
        (_("Number there"), record.number),
        (_("Type"), f"{kind} ({', '.join(codes)})" if codes and kind else kind),
        (_("Priority"), priority),
        (_("State"), str(INCIDENT.names.get(record.status, record.status))),
        (_("Outcome"), record.outcome),
        (_("Address"), record.address),
        (_("Point"), point(record)),
        (_("Number of the caller"), spoken_number(record.caller)),
        (_("Rang"), _at(record.rang_at)),
        (_("What happened"), record.what),
        (_("Victims"), "" if record.victims is None else str(record.victims)),
        *((_("Unit"), _unit(unit)) for unit in record.units),
        *((_("Note"), " ".join(filter(None, (_at(n.at), n.text)))) for n in record.notes),
        (_("As of"), _at(record.updated_at)),
        (_("Also sent, not read here"), ", ".join(record.unread)),
    ]
    return [(name, words) for name, words in found if words]


def point(record: Record) -> str:
    """Where it is, with the radius; "" where that is not told."""
    if record.lat is None or record.lng is None:
        return ""
    radius = f" (±{record.radius_m:.0f} m)" if record.radius_m is not None else ""
    return f"{record.lat:.6f}, {record.lng:.6f}{radius}"


def _unit(unit: UnitTold) -> str:
    status = str(ASSIGNMENT.names.get(unit.status, unit.status))
    where = f"{unit.lat:.5f}, {unit.lng:.5f}" if unit.lat is not None and unit.lng else ""
    return " · ".join(filter(None, (unit.name, unit.kind, status, _at(unit.arrives_at), where)))


def _at(at: object) -> str:
    return date_format(timezone.localtime(at), "j M H:i:s") if at else ""  # type: ignore[arg-type]
