"""Equipment is checked, and a unit without what it must have is not proposed."""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from sigap.console import readiness as console
from sigap.core import clock
from sigap.core.actors import Actor, system
from sigap.core.errors import Conflict, Forbidden, Invalid, Missing, NeedsConfirmation
from sigap.core.models import Alarm, Journal, Text
from sigap.dispatch.actions import define_unit, send_units
from sigap.dispatch.queries import recommend_for
from sigap.fleet.actions import (
    Finding,
    change_equipment,
    check_unit,
    define_kind,
    equip,
    erase_old_notes,
    mind_readiness,
    set_duty,
)
from sigap.fleet.models import Agency, Equipment, EquipmentCheck, EquipmentKind, Unit
from sigap.fleet.queries import blocked_units, blocks, destinations
from sigap.incidents.actions import open_incident
from sigap.incidents.models import Incident
from sim.readiness import ready_for_drill

from ..conftest import START
from .proofs import proves
from .readiness import checked, findings, piece

TIMER = system("timer")
HOUR = 3600
DAY = 24 * HOUR
Actors = Callable[[str], Actor]
Put = Callable[[str, float], None]


@pytest.fixture
def crew(actor: Actors) -> Actor:
    """The crew of AMB-01."""
    return actor("crew")


@pytest.fixture
def accident(actor: Actors) -> Incident:
    """An accident to which an ambulance goes."""
    return open_incident(
        "kecelakaan_lalin", actor=actor("dispatcher"), priority=1, lat=-7.844, lng=112.0349
    )


def proposed(incident: Incident) -> set[str]:
    """All units that the recommendation names."""
    advice = recommend_for(incident)
    return {pick.call_sign for pick in [*advice.picks, *advice.others]}


def bodies(kind: str) -> list[dict[str, Any]]:
    """What the journal's rows of a kind carry."""
    return list(Journal.objects.filter(kind=kind).order_by("seq").values_list("body", flat=True))


# --- what is on the sheet ---------------------------------------------------------------


def test_a_unit_carries_what_units_with_its_capabilities_do() -> None:
    carried = set(
        Equipment.objects.filter(unit__call_sign="DAM-03").values_list("kind__code", flat=True)
    )
    assert carried == {"hoses", "water_tank", "radio", "vehicle"}
    assert not Equipment.objects.filter(unit__call_sign="SOS-01").exists()


def test_a_new_unit_and_a_new_kind_get_on_the_sheets_once(actor: Actors) -> None:
    admin = actor("administrator")
    define_unit(
        Unit,
        key={"call_sign": "AMB-99"},
        actor=admin,
        agency=Agency.objects.get(code="psc119"),
        kind="Ambulans",
        capabilities=["bls"],
    )
    assert piece("AMB-99", "oxygen").state == "unchecked"
    known = {"name": "Selimut", "name_en": "Blanket", "carried_by": ["bls"], "must_have": True}
    define_kind(EquipmentKind, key={"code": "blanket"}, actor=admin, **known)
    assert piece("AMB-99", "blanket").kind.must_have
    assert equip(actor=admin) == 0
    assert bodies("equipment.listed")[-1]["items"] == ["blanket"]


# --- checking ---------------------------------------------------------------------------


def test_what_nobody_has_checked_is_no_failure(accident: Incident) -> None:
    assert blocked_units() == {}
    assert "AMB-01" in proposed(accident)


def test_a_whole_sheet_in_order_is_on_record(crew: Actor, journal: Callable[[], list[str]]) -> None:
    assert checked("AMB-01", crew)
    assert {p.state for p in Equipment.objects.filter(unit__call_sign="AMB-01")} == {"in_order"}
    count = len(findings("AMB-01"))
    assert journal() == ["equipment.pass"] * count + ["unit.checked"]
    assert bodies("unit.checked") == [{"unit": "AMB-01", "source": "crew", "passed": count}]
    # What was in order and still is makes no news, but the check is kept.
    assert checked("AMB-01", crew, name="sheet-002")
    assert journal()[-2:] == ["unit.checked", "unit.checked"]
    assert EquipmentCheck.objects.count() == 2 * count


def test_all_is_in_order_only_when_each_must_have_thing_was_confirmed(crew: Actor) -> None:
    aed = piece("AMB-01", "aed")
    short = [found for found in findings("AMB-01") if found.equipment != aed.pk]
    with pytest.raises(Invalid, match="AED"):
        check_unit("AMB-01", short, actor=crew, source="crew", external_id="sheet-001")
    assert not EquipmentCheck.objects.exists()
    # What is no must may be left out.
    board = piece("AMB-01", "spinal_board")
    rest = [found for found in findings("AMB-01") if found.equipment != board.pk]
    assert check_unit("AMB-01", rest, actor=crew, source="crew", external_id="sheet-001")
    assert piece("AMB-01", "spinal_board").state == "unchecked"


def test_one_thing_may_be_checked_alone(crew: Actor) -> None:
    aed = piece("AMB-01", "aed")
    one = [Finding(aed.pk, "passed")]
    more: dict[str, Any] = {"actor": crew, "source": "crew", "external_id": "sheet-001"}
    assert check_unit("AMB-01", one, whole=False, **more)
    assert piece("AMB-01", "aed").state == "in_order"


def test_a_sheet_that_is_sent_twice_counts_once(
    crew: Actor, journal: Callable[[], list[str]]
) -> None:
    assert checked("AMB-01", crew, aed="failed:broken")
    seen = journal()
    assert not checked("AMB-01", crew)
    assert journal() == seen
    assert piece("AMB-01", "aed").state == "failed"


def test_a_sheet_that_comes_late_does_not_undo_a_newer_one(crew: Actor, time: clock.Frozen) -> None:
    time.forward(2 * HOUR)
    checked("AMB-01", crew, aed="failed:broken")
    old = {"occurred_at": START + timedelta(hours=1)}
    assert checked("AMB-01", crew, name="sheet-old", more=old)
    assert piece("AMB-01", "aed").state == "failed"
    assert piece("AMB-01", "aed").checks.count() == 2


@pytest.mark.parametrize(
    ("found", "code"),
    [
        ({"aed": "failed"}, "reason"),
        ({"aed": "failed:tired"}, "reason"),
        ({"aed": "perhaps:broken"}, "result"),
    ],
)
def test_what_is_not_in_order_says_why(crew: Actor, found: dict[str, str], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked("AMB-01", crew, **found)
    assert refused.value.code == code
    assert not EquipmentCheck.objects.exists()


@pytest.mark.parametrize(("hours", "code"), [(1, "future"), (-169, "too_early")])
def test_a_check_by_a_wrong_clock_is_refused(crew: Actor, hours: int, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked("AMB-01", crew, more={"occurred_at": START + timedelta(hours=hours)})
    assert refused.value.code == code
    assert checked("AMB-01", crew, more={"occurred_at": START - timedelta(hours=100)})


def test_things_of_another_unit_are_not_on_the_sheet(crew: Actor) -> None:
    more: dict[str, Any] = {"actor": crew, "source": "crew", "external_id": "sheet-001"}
    other = [*findings("AMB-01"), Finding(piece("AMB-02", "aed").pk, "passed")]
    with pytest.raises(Invalid) as refused:
        check_unit("AMB-01", other, **more)
    assert refused.value.code == "equipment"
    twice = [*findings("AMB-01"), findings("AMB-01")[0]]
    with pytest.raises(Invalid):
        check_unit("AMB-01", twice, **more)
    with pytest.raises(Invalid):
        check_unit("AMB-01", [], **more)
    with pytest.raises(Invalid):
        check_unit("AMB-01", findings("AMB-01"), **(more | {"source": "rumour"}))


def test_nobody_checks_what_is_not_theirs(crew: Actor, actor: Actors) -> None:
    with pytest.raises(Forbidden):
        checked("AMB-02", crew)
    with pytest.raises(Forbidden):
        checked("DAM-01", actor("agency"))
    with pytest.raises(Missing):
        check_unit("AMB-77", [], actor=crew, source="crew", external_id="sheet-001")


# --- what keeps a unit back -------------------------------------------------------------


@pytest.mark.parametrize("result", ["failed:broken", "missing:left_behind"])
def test_without_must_have_equipment_a_unit_is_not_proposed(
    crew: Actor, actor: Actors, accident: Incident, result: str
) -> None:
    checked("AMB-01", crew, aed=result)
    assert blocked_units() == {"AMB-01": ["aed"]}
    assert "AMB-01" not in proposed(accident)
    with pytest.raises(NeedsConfirmation, match="AED") as asked:
        send_units(accident.pk, ["AMB-01"], actor=actor("dispatcher"))
    assert asked.value.details["blocked"] == {"AMB-01": ["aed"]}
    # A person may know better.
    (job,) = send_units(accident.pk, ["AMB-01"], actor=actor("dispatcher"), confirmed=True)
    assert job.state == "notified"


def test_what_is_no_must_keeps_no_unit_back(crew: Actor, accident: Incident) -> None:
    checked("AMB-01", crew, spinal_board="missing:lent")
    assert blocked_units() == {}
    assert "AMB-01" in proposed(accident)


def test_once_it_is_in_order_the_unit_is_proposed_again(
    crew: Actor, actor: Actors, accident: Incident
) -> None:
    checked("AMB-01", crew, aed="failed:broken")
    checked("AMB-01", actor("agency"), name="sheet-002", more={"source": "agency"})
    assert "AMB-01" in proposed(accident)
    assert bodies("unit.blocked") == [{"unit": "AMB-01", "items": ["aed"]}]
    assert bodies("unit.unblocked") == [{"unit": "AMB-01"}]
    assert Unit.objects.get(call_sign="AMB-01").blocked_by == []


def test_what_is_out_of_use_keeps_no_unit_back(crew: Actor, actor: Actors) -> None:
    checked("AMB-01", crew, aed="failed:broken")
    admin, kind = actor("administrator"), EquipmentKind.objects.get(code="aed")
    define_kind(EquipmentKind, key={"code": "aed"}, actor=admin, must_have=False)
    assert blocked_units() == {}
    define_kind(EquipmentKind, key={"code": "aed"}, actor=admin, must_have=True, active=False)
    assert blocked_units() == {}
    assert kind.pieces.exists()


def test_an_expired_must_have_keeps_the_unit_back_from_the_next_day(
    actor: Actors, time: clock.Frozen
) -> None:
    agency = actor("agency")
    change_equipment(piece("AMB-01", "aed").pk, expires_on=date(2026, 11, 4), actor=agency)
    time.forward(2 * DAY)
    assert blocked_units() == {}
    assert mind_readiness(actor=TIMER)  # its agency is warned
    time.forward(DAY)
    assert [(b.item, b.why) for b in blocks()] == [("aed", "expired")]
    assert mind_readiness(actor=TIMER) == 1
    assert bodies("unit.blocked") == [{"unit": "AMB-01", "items": ["aed"]}]
    assert mind_readiness(actor=TIMER) == 0
    change_equipment(piece("AMB-01", "aed").pk, expires_on=date(2027, 11, 4), actor=agency)
    assert blocked_units() == {}
    assert bodies("unit.unblocked") == [{"unit": "AMB-01"}]


@proves("fleet.check_grace_h")
def test_a_check_that_is_late_beyond_the_grace_keeps_the_unit_back(
    crew: Actor, time: clock.Frozen, put: Put
) -> None:
    put("fleet.check_grace_h", 2)
    checked("AMB-01", crew)  # 08:00; the trauma bag daily, the oxygen each shift
    due_at, grace = 8 * HOUR, 2 * HOUR  # 16:00: an hour after the shift began at 15:00
    time.forward(due_at + grace - 60)
    assert blocked_units() == {}
    time.forward(120)
    assert {(b.item, b.why) for b in blocks()} == {
        (code, "overdue") for code in ("oxygen", "stretcher", "aed", "radio", "vehicle")
    }
    checked("AMB-01", crew, name="sheet-002")
    assert blocked_units() == {}


def test_what_is_to_be_checked_every_so_many_hours_is_late_after_them(
    crew: Actor, time: clock.Frozen, put: Put
) -> None:
    put("fleet.check_grace_h", 0)
    checked("AMB-01", crew)
    time.forward(24 * HOUR + 60)
    assert {b.item for b in blocks()} >= {"trauma_bag", "emergency_drugs"}


@proves("fleet.unchecked_blocks")
def test_a_city_may_keep_back_what_was_never_checked(crew: Actor, put: Put) -> None:
    put("fleet.unchecked_blocks", 1)
    assert {b.why for b in blocks(["AMB-01"])} == {"unchecked"}
    checked("AMB-01", crew)
    assert blocks(["AMB-01"]) == []


def test_a_thousand_units_are_looked_at_in_two_statements(
    crew: Actor, django_assert_num_queries: Any
) -> None:
    agency = Agency.objects.get(code="psc119")
    Unit.objects.bulk_create(
        Unit(call_sign=f"ZZ-{n:04}", agency=agency, kind="Ambulans", capabilities=["als", "bls"])
        for n in range(1000)
    )
    equip(actor=system("setup"))
    Equipment.objects.filter(unit__call_sign="ZZ-0500", kind__code="aed").update(state="failed")
    blocked_units()  # what the city has set is remembered
    with django_assert_num_queries(2):
        assert blocked_units() == {"ZZ-0500": ["aed"]}


# --- facts of a piece -------------------------------------------------------------------


def test_a_date_that_is_past_is_not_entered(actor: Actors) -> None:
    aed, agency = piece("AMB-01", "aed"), actor("agency")
    with pytest.raises(Invalid) as refused:
        change_equipment(aed.pk, expires_on=date(2026, 11, 1), actor=agency)
    assert refused.value.code == "expired"
    change_equipment(aed.pk, expires_on=date(2026, 11, 2), label="AED-7", actor=agency)
    assert bodies("equipment.changed") == [
        {"unit": "AMB-01", "item": "aed", "fields": ["expires_on", "label"]}
    ]
    # Unchanged facts are no news.
    change_equipment(aed.pk, label="AED-7", actor=agency)
    assert len(bodies("equipment.changed")) == 1


def test_what_does_not_expire_has_no_date(actor: Actors) -> None:
    with pytest.raises(Invalid):
        change_equipment(
            piece("AMB-01", "radio").pk, expires_on=date(2027, 1, 1), actor=actor("agency")
        )


def test_two_pieces_of_a_kind_differ_by_their_label(actor: Actors) -> None:
    aed, agency = piece("AMB-01", "aed"), actor("agency")
    Equipment.objects.create(unit=aed.unit, kind=aed.kind, label="AED-8")
    with pytest.raises(Invalid) as refused:
        change_equipment(aed.pk, label="AED-8", actor=agency)
    assert refused.value.code == "label"
    with pytest.raises(Conflict):
        change_equipment(aed.pk, label="AED-9", version=7, actor=agency)
    with pytest.raises(Forbidden):
        change_equipment(piece("DAM-01", "hoses").pk, label="H-1", actor=agency)


# --- warnings and the clock -------------------------------------------------------------


def warned() -> set[tuple[str, str]]:
    """Which agencies are warned now, and of what."""
    names = {f"agency:{a.pk}": a.code for a in Agency.objects.all()}
    open_ = Alarm.objects.filter(owner="agency").exclude(state="done")
    return {(alarm.code, names[alarm.subject]) for alarm in open_}


@proves("fleet.check_within_h")
def test_an_agency_is_warned_of_checks_that_are_not_done_in_time(
    actor: Actors, time: clock.Frozen, put: Put
) -> None:
    put("fleet.check_within_h", 3)
    agency = actor("agency")
    for number, unit in enumerate(Unit.objects.filter(agency__code="psc119")):
        checked(unit.call_sign, agency, name=f"sheet-{number}", more={"source": "agency"})
    time.forward(9 * HOUR)  # 17:00: the shift began at 15:00
    mind_readiness(actor=TIMER)
    assert ("checks_late", "psc119") not in warned()
    time.forward(HOUR + 60)
    mind_readiness(actor=TIMER)
    assert ("checks_late", "psc119") in warned()
    for number, unit in enumerate(Unit.objects.filter(agency__code="psc119")):
        checked(unit.call_sign, agency, name=f"again-{number}", more={"source": "agency"})
    mind_readiness(actor=TIMER)
    assert ("checks_late", "psc119") not in warned()


def test_nobody_is_warned_of_units_that_are_off_duty(actor: Actors) -> None:
    mind_readiness(actor=TIMER)
    assert ("checks_late", "damkar") in warned()
    for unit in Unit.objects.filter(agency__code="damkar"):
        set_duty(unit.call_sign, on_duty=False, actor=actor("dispatcher"))
    mind_readiness(actor=TIMER)
    assert ("checks_late", "damkar") not in warned()


@proves("fleet.expiry_days")
def test_an_agency_is_warned_of_must_have_equipment_that_expires(actor: Actors, put: Put) -> None:
    put("fleet.expiry_days", 10)
    aed = piece("AMB-01", "aed")
    change_equipment(aed.pk, expires_on=date(2026, 11, 13), actor=actor("agency"))
    mind_readiness(actor=TIMER)
    assert ("expiring", "psc119") not in warned()
    put("fleet.expiry_days", 11)
    mind_readiness(actor=TIMER)
    assert ("expiring", "psc119") in warned()
    (own,) = console.board("psc119")["owns"]
    assert [(e.unit, e.over) for e in own.expiring] == [("AMB-01", False)]
    assert "expiring" in own.warnings


def late_now() -> int:
    """How many ambulances have a check that is overdue."""
    own = next(o for o in console.board()["owns"] if o.agency.code == "psc119")
    return int(own.late)


@proves("fleet.shift_start_h")
def test_the_day_of_the_crews_begins_when_the_city_says(
    crew: Actor, time: clock.Frozen, put: Put
) -> None:
    put("fleet.check_within_h", 0)
    put("fleet.shift_start_h", 9.5)
    checked("AMB-01", crew)  # 08:00
    time.forward(1.5 * HOUR - 60)
    assert late_now() == 0
    time.forward(120)
    assert late_now() == 1


@proves("fleet.shift_h")
def test_a_shift_lasts_as_long_as_the_city_says(crew: Actor, time: clock.Frozen, put: Put) -> None:
    put("fleet.check_within_h", 0)
    put("fleet.shift_h", 12)
    checked("AMB-01", crew)  # 08:00; the next shift begins at 19:00
    time.forward(11 * HOUR - 60)
    assert late_now() == 0
    time.forward(120)
    assert late_now() == 1


# --- a drill ---------------------------------------------------------------------------


def test_a_drill_begins_with_one_unit_kept_back_and_one_hospital_that_diverts() -> None:
    for _twice in range(2):
        ready_for_drill(actor=system("setup"))
    assert blocked_units() == {"BPB-02": ["ropes"]}
    states = Counter(d.state for d in destinations(None, None))
    assert states == {"receiving": 4, "diverted": 1}
    assert all(beds.free is not None for d in destinations(None, None) for beds in d.beds)
    assert EquipmentCheck.objects.filter(equipment__unit__call_sign="AMB-01").count() == 9


# --- words ------------------------------------------------------------------------------


def test_a_note_is_kept_apart_and_forgotten_in_time(
    crew: Actor, time: clock.Frozen, put: Put
) -> None:
    checked("AMB-01", crew, aed="failed:broken", more={"note": "Layar retak"})
    check = EquipmentCheck.objects.get(equipment=piece("AMB-01", "aed"))
    assert check.note is not None and check.note.body == "Layar retak"
    assert "Layar" not in str(list(Journal.objects.values_list("body", flat=True)))
    put("personal.ticket_days", 365)
    time.forward(366 * DAY)
    assert erase_old_notes(actor=TIMER) == 1
    assert Text.objects.get(pk=check.note.pk).body == ""
