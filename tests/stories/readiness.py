"""What stories about equipment and hospitals have in common."""

from typing import Any

from sigap.core.actors import Actor
from sigap.fleet.actions import Finding, check_unit
from sigap.fleet.models import Equipment

PASSED = "passed"


def piece(call_sign: str, kind: str) -> Equipment:
    """What a unit carries of a kind."""
    return Equipment.objects.select_related("kind").get(unit__call_sign=call_sign, kind__code=kind)


def findings(call_sign: str, **found: str) -> list[Finding]:
    """A whole sheet, all in order but for what is told: aed="failed:broken"."""
    rows = Equipment.objects.filter(unit__call_sign=call_sign, active=True)
    return [
        Finding(row.pk, *found.get(row.kind.code, PASSED).split(":"))
        for row in rows.select_related("kind").order_by("pk")
    ]


def checked(
    call_sign: str, actor: Actor, *, name: str = "sheet-001", more: Any = None, **found: str
) -> bool:
    """Check a whole unit."""
    sheet = findings(call_sign, **found)
    source = "crew" if actor.unit else "agency"
    given = {"actor": actor, "source": source, "external_id": name} | (more or {})
    return check_unit(call_sign, sheet, **given)
