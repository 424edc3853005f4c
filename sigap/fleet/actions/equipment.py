"""What units carry, and what those found who looked at it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actions.configuration import define
from sigap.core.actions.personal import erase_texts, keep
from sigap.core.actors import Actor, Permission
from sigap.core.errors import Invalid
from sigap.core.journal import record, subject_of
from sigap.core.kinds.readiness import (
    EquipmentChanged,
    EquipmentFound,
    EquipmentListed,
    UnitChecked,
)
from sigap.core.machine import change, expect, move
from sigap.core.models import Text
from sigap.core.names import named
from sigap.core.parameters import value
from sigap.core.queries import check_reason, fetch
from sigap.core.transaction import transaction

from ..machine import FINDINGS
from ..models import Equipment, EquipmentCheck, EquipmentKind, Unit
from ..shifts import today
from .parts import allowed, note_blocks

# By so much clocks may differ.
TOLERANCE = timedelta(seconds=60)
# No telephone is without a network for longer; its clock is wrong.
MOST_LATE = timedelta(days=7)
NOUN = EquipmentCheck._meta.model_name


@dataclass(frozen=True)
class Finding:
    """What was found of one thing: passed, failed or missing, and why not."""

    equipment: int
    result: str
    reason: str = ""


def check_unit(
    call_sign: str,
    findings: Sequence[Finding],
    *,
    actor: Actor,
    source: str,
    external_id: str,
    occurred_at: datetime | None = None,
    note: str = "",
    whole: bool = True,
) -> bool:
    """Keep a sheet of checks of a unit. A `whole` one says something of each must-have thing:
    nothing is taken as in order that nobody has confirmed.

    `external_id` is what the sender calls the sheet: a repeat changes nothing, and False comes
    back. Of a sheet that is older than what is known only the record is kept.
    """
    now = clock.now()
    at = occurred_at or now
    if at > now + TOLERANCE:
        raise Invalid(_("The time lies in the future."), code="future")
    if at < now - MOST_LATE:
        # Believed, it would make the unit look unchecked for years.
        raise Invalid(
            _("The time lies too far back. Is the clock of the telephone right?"), code="too_early"
        )
    if source not in EquipmentCheck.SOURCES or not external_id:
        raise Invalid(_("Unknown source of a check."), code="source")
    with transaction():
        unit = allowed(call_sign, actor)
        pieces = {p.pk: p for p in Equipment.objects.select_related("kind").filter(unit=unit)}
        sheet = EquipmentCheck.objects.filter(external_id=external_id, equipment__unit=unit)
        if sheet.exists():
            return False
        _check_findings(findings, pieces, whole=whole)
        checks = [
            EquipmentCheck(
                equipment=pieces[f.equipment],
                by=actor.code,
                occurred_at=at,
                recorded_at=now,
                result=f.result,
                reason="" if f.result == "passed" else f.reason,
                source=source,
                external_id=external_id,
            )
            for f in findings
        ]
        for check in checks:
            check.save()
            _found(check, unit, actor)
        _keep_note(checks, note, actor)
        bad = _items_by_result(checks)
        record(
            "unit.checked",
            subject=subject_of(unit),
            actor=actor,
            occurred_at=occurred_at,
            body=UnitChecked(
                unit=unit.call_sign,
                source=source,
                passed=len(bad["passed"]),
                failed=bad["failed"],
                missing=bad["missing"],
            ),
        )
        note_blocks([unit], actor=actor)
        return True


def change_equipment(
    equipment_id: int,
    *,
    actor: Actor,
    label: str | None = None,
    expires_on: date | None = None,
    version: int | None = None,
) -> Equipment:
    """Say which piece it is and until when it may be used. What has expired already is not
    entered as such: it fails its check."""
    with transaction():
        piece = fetch(Equipment.objects.select_related("unit", "kind"), pk=equipment_id)
        allowed(piece.unit.call_sign, actor)
        expect(piece, version)
        if expires_on and not piece.kind.has_expiry:
            raise Invalid(_("This does not expire."), code="expires_on")
        if expires_on and expires_on != piece.expires_on and expires_on < today():
            raise Invalid(
                _("This date is past: replace the item, or say that its check failed."),
                code="expired",
            )
        wanted: dict[str, Any] = {"label": label, "expires_on": expires_on}
        fields = {n: v for n, v in wanted.items() if v is not None and getattr(piece, n) != v}
        if not fields:
            return piece
        others = Equipment.objects.filter(unit=piece.unit, kind=piece.kind).exclude(pk=piece.pk)
        if "label" in fields and others.filter(label=label).exists():
            raise Invalid(_("The unit has one with this label already."), code="label")
        change(piece, **fields)
        body = EquipmentChanged(
            unit=piece.unit.call_sign, item=piece.kind.code, fields=sorted(fields)
        )
        record("equipment.changed", subject=subject_of(piece), actor=actor, body=body)
        note_blocks([piece.unit], actor=actor)
        return piece


def define_kind(
    model: type[EquipmentKind], *, key: dict[str, Any], actor: Actor, **fields: Any
) -> EquipmentKind:
    """Make a kind of equipment or change it, as `define` does; units that are to carry it get
    it on their sheet."""
    with transaction():
        row = define(model, key=key, actor=actor, **fields)
        equip(actor=actor)
        return row


def equip(*, actor: Actor, only: Unit | None = None) -> int:
    """Put on each unit's sheet (or on that of `only` one) what units with its capabilities carry,
    where that is not there yet. What a unit no longer has to carry stays until somebody takes it
    out of use. Returns how many things are new."""
    actor.require(Permission.ADMINISTER)
    with transaction():
        kinds = list(EquipmentKind.objects.filter(active=True).order_by("rank", "pk"))
        units = Unit.objects.filter(active=True).order_by("pk")
        units = units if only is None else units.filter(pk=only.pk)
        known = Equipment.objects.filter(unit__in=units)
        there = set(known.values_list("unit_id", "kind_id"))
        fresh: list[Equipment] = []
        for unit in units:
            able = set(unit.capabilities)
            wanted = [
                k for k in kinds if able.intersection(k.carried_by) and (unit.pk, k.pk) not in there
            ]
            fresh += [Equipment(unit=unit, kind=kind) for kind in wanted]
            if wanted:
                body = EquipmentListed(unit=unit.call_sign, items=[k.code for k in wanted])
                record("equipment.listed", subject=subject_of(unit), actor=actor, body=body)
        Equipment.objects.bulk_create(fresh, batch_size=500)
        return len(fresh)


def erase_old_notes(*, actor: Actor) -> int:
    """Forget what was written about checks, as long after as cases are forgotten."""
    before = clock.now() - timedelta(days=value("personal.ticket_days"))
    old = Text.objects.filter(erased_at=None, at__lt=before, subject__startswith=f"{NOUN}:")
    return erase_texts(old.values_list("subject", flat=True).distinct(), actor=actor)


def _check_findings(
    findings: Sequence[Finding], pieces: Mapping[int, Equipment], *, whole: bool
) -> None:
    named_once = {finding.equipment for finding in findings}
    if not findings or len(named_once) < len(findings):
        raise Invalid(_("Say of each thing once what you found."), code="findings")
    if named_once - set(pieces):
        raise Invalid(_("This is on the sheet of another unit."), code="equipment")
    for finding in findings:
        if finding.result not in FINDINGS:
            raise Invalid(_("Unknown result of a check."), code="result")
        if finding.result != "passed" and not finding.reason:
            raise Invalid(
                _("%(item)s: say why it is not in order.")
                % {"item": named(pieces[finding.equipment].kind)},
                code="reason",
            )
        if finding.result != "passed":
            check_reason("equipment", finding.reason)
    asked = [p for p in pieces.values() if p.active and p.kind.active and p.kind.must_have]
    open_ = [named(p.kind) for p in asked if p.pk not in named_once]
    if whole and open_:
        raise Invalid(
            _("Not confirmed yet: %(items)s.") % {"items": ", ".join(sorted(open_))},
            code="unconfirmed",
        )


def _found(check: EquipmentCheck, unit: Unit, actor: Actor) -> None:
    """Bring the thing into the state in which it was found, unless more is known by now."""
    piece = check.equipment
    if piece.checked_at and piece.checked_at > check.occurred_at:
        return
    fields: dict[str, Any] = {"checked_at": check.occurred_at, "reason": check.reason}
    command = FINDINGS[check.result]
    if not piece.MACHINE.allows(piece.state, command):
        change(piece, **fields)
        return
    body = EquipmentFound(unit=unit.call_sign, item=piece.kind.code, reason=check.reason)
    move(piece, command, actor=actor, body=body, occurred_at=check.occurred_at, **fields)


def _keep_note(checks: Sequence[EquipmentCheck], note: str, actor: Actor) -> None:
    """What was written stands beside the first thing that is not in order."""
    about = next((c for c in checks if c.result != "passed"), checks[0])
    about.note = keep(subject_of(about), "note", note, actor=actor)
    if about.note:
        about.save(update_fields=["note"])


def _items_by_result(checks: Sequence[EquipmentCheck]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for check in checks:
        found[check.result].append(check.equipment.kind.code)
    return found
