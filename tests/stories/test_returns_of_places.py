"""What comes back: places, hours and callers; what it cost, and whether mending it helped."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from sigap.calls.models import Call
from sigap.complaints.models import Category, Complaint
from sigap.config.insights import seek_returns
from sigap.core import clock
from sigap.core.actors import Actor, system
from sigap.core.models import Contact, Journal
from sigap.dispatch.models import Assignment, AssignmentTime
from sigap.fleet.models import Unit
from sigap.incidents.models import Incident, IncidentType
from sigap.insight.warning.rate import rate_ratio
from sigap.insight.warning.returns import cost_of, effect_of, find_returns
from sigap.places.models import Area
from sigap.proposals.actions import accept_proposal, dismiss_proposal, finish_proposal, note_scan
from sigap.proposals.models import Proposal

from .proofs import proves

TIMER = system("timer")
NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
DAY = timedelta(days=1)
HERE = {"lat": -7.8185, "lng": 112.0155}
METRE = 1 / 111_195  # degrees of latitude
Who = Callable[[str], Actor]
Put = Callable[[str, float], None]


def lamp(at: datetime, **more: Any) -> Complaint:
    n = Complaint.objects.count()
    fields: dict[str, Any] = {
        "category": Category.objects.get(code="pju"),
        "area": Area.objects.order_by("code")[5],
        **HERE,
        "location_source": "map",
    }
    return Complaint.objects.create(
        channel="web", number=f"N{n}", token=f"T{n}", filed_at=at, **(fields | more)
    )


def incident(at: datetime, kind: str = "kecelakaan_lalin", **more: Any) -> Incident:
    fields: dict[str, Any] = {
        "type": IncidentType.objects.get(code=kind),
        "priority": 3,
        "area": Area.objects.order_by("code")[5],
        "opened_at": at,
        "location_source": "map",
        **HERE,
    }
    return Incident.objects.create(**(fields | more))


def lamps(*days_ago: float, **more: Any) -> None:
    for days in days_ago:
        lamp(NOW - days * DAY, **more)


def the_return() -> Proposal:
    assert seek_returns(TIMER) == 1
    return Proposal.objects.get()


def streams() -> list[tuple[str, int]]:
    return [(f.stream, f.seen) for f in find_returns(NOW)]


# --- what is found --------------------------------------------------------------------


def test_a_lamp_that_fails_again_and_again_is_proposed_to_be_mended() -> None:
    lamps(200, 120, 30)
    row = the_return()
    assert (row.kind, row.stream, row.seen, row.state) == ("return", "category:pju", 3, "proposed")
    assert row.agency is not None and row.agency.code == "dishub"
    assert len(row.cases) == 3


def test_reports_of_one_failure_count_once() -> None:
    lamps(40, 39, 37, 35, 30)  # nobody has mended it yet
    assert streams() == []
    lamps(20, 5)
    assert streams() == [("category:pju", 3)]


def test_accidents_at_one_corner_count_by_days() -> None:
    for days in (9, 8, 8, 7):
        incident(NOW - days * DAY)
    assert streams() == [("type:kecelakaan_lalin", 3)]


@proves("returns.metres")
def test_what_is_near_is_one_place(put: Put) -> None:
    for n, days in enumerate((200, 120, 30)):
        lamp(NOW - days * DAY, lat=HERE["lat"] + 30 * n * METRE)
    assert streams() == [("category:pju", 3)]
    put("returns.metres", 20)
    assert streams() == []


def test_a_row_of_lamps_along_a_street_is_not_one_place() -> None:
    for n in range(12):
        lamp(NOW - (10 + 20 * n) * DAY, lat=HERE["lat"] + 45 * n * METRE)
    assert all(seen <= 3 for _stream, seen in streams())


def test_the_number_on_a_post_is_the_place_wherever_the_pin_was_put() -> None:
    for n, days in enumerate((200, 120, 30)):
        lamp(NOW - days * DAY, asset="pju 12" if n else "PJU12", lat=HERE["lat"] + n / 100)
    assert streams() == [("category:pju", 3)]


def test_a_point_that_stands_for_a_kelurahan_is_no_place() -> None:
    lamps(200, 120, 30, location_source="area")
    lamps(210, 110, 20, lat=None, lng=None)
    assert streams() == []


def test_what_is_joined_to_another_counts_once() -> None:
    first = lamp(NOW - 200 * DAY)
    lamps(120, 30, state="attached", attached_to=first)
    assert streams() == []


@proves("returns.least")
def test_it_has_come_back_so_often(put: Put) -> None:
    lamps(200, 120, 30)
    put("returns.least", 4)
    assert streams() == []


@proves("returns.days")
def test_what_is_longer_ago_does_not_count(put: Put) -> None:
    lamps(200, 120, 30)
    put("returns.days", 150)
    assert streams() == []


def test_nothing_of_erased_cases_is_put_together_again(put: Put) -> None:
    lamps(200, 120, 30)
    put("personal.ticket_days", 150)
    assert streams() == []


@pytest.fixture
def pranks() -> Callable[..., None]:
    def rang(day: date, hour: int, n: int = 1, contact: Contact | None = None) -> None:
        at = datetime(day.year, day.month, day.day, hour - 7, 15, tzinfo=UTC)
        Call.objects.bulk_create(
            Call(
                source="t",
                external_id=f"{Call.objects.count()}-{i}",
                state="closed",
                call_class="prank",
                began_at=at,
                contact=contact,
            )
            for i in range(n)
        )

    return rang


def test_pranks_of_school_days_name_their_hours(pranks: Callable[..., None]) -> None:
    day = date(2026, 9, 1)
    while day < date(2026, 11, 2):
        school = day.weekday() < 5
        pranks(day, 10, 4 if school else 1)
        pranks(day, 11, 4 if school else 1)
        pranks(day, 15, 1)
        day += DAY
    (found,) = find_returns(NOW)
    assert (found.stream, found.key, found.agency) == ("prank", "school:10-12", "callcenter")
    assert found.expected is not None and found.seen > 3 * found.expected
    row = the_return()
    assert row.areas == []


@proves("returns.pranks")
def test_a_caller_of_many_pranks_is_known_by_a_key_only(
    pranks: Callable[..., None], put: Put, browser_of: Callable[[str], Client]
) -> None:
    contact = Contact.objects.create(
        number="+6281298765432", key="k" * 64, first_at=NOW, last_at=NOW
    )
    for n in range(10):
        pranks(date(2026, 10, 10 + n), 20, 2, contact)
    row = the_return()
    assert (row.key, row.seen) == (f"caller:{contact.pk}", 20)
    assert "98765432" not in str(list(Journal.objects.values_list("body", flat=True)))
    page = browser_of("supervisor").get("/insight/returns").content.decode()
    assert "98765432" not in page
    put("returns.pranks", 21)
    assert find_returns(NOW) == []


# --- once -----------------------------------------------------------------------------


def test_a_place_waits_for_its_answer_and_is_not_proposed_twice(time: clock.Frozen) -> None:
    lamps(200, 120, 30)
    the_return()
    time.forward(86_400)
    lamp(clock.now())
    assert seek_returns(TIMER) == 0
    assert Proposal.objects.count() == 1


@proves("returns.again_days")
def test_what_was_dismissed_comes_again_after_its_time(
    actor: Who, time: clock.Frozen, put: Put
) -> None:
    lamps(200, 120, 30)
    dismiss_proposal(the_return().pk, "no_budget", actor=actor("supervisor"))
    time.forward(86_400 * 60)
    assert seek_returns(TIMER) == 0
    put("returns.again_days", 59)
    time.forward(86_400)
    assert seek_returns(TIMER) == 1


# --- what it cost ---------------------------------------------------------------------


def test_the_cost_is_that_of_known_times_and_says_what_is_not_known() -> None:
    one, other = incident(NOW - 9 * DAY), incident(NOW - 8 * DAY)
    unit = Unit.objects.select_related("agency").order_by("pk").first()
    assert unit is not None
    for case, minutes in ((one, 90), (other, None)):
        job = Assignment.objects.create(
            incident=case,
            unit=unit,
            agency=unit.agency,
            state="completed",
            created_at=NOW,
            state_at=NOW,
        )
        steps = [("notified", 0)] + ([("completed", minutes)] if minutes else [])
        for state, after in steps:
            AssignmentTime.objects.create(
                assignment=job,
                state=state,
                occurred_at=NOW + timedelta(minutes=after),
                recorded_at=NOW,
                source="crew",
            )
    Call.objects.create(
        source="t",
        state="closed",
        call_class="emergency",
        began_at=NOW,
        answered_at=NOW,
        closed_at=NOW + timedelta(minutes=4),
        incident=one,
    )
    cost = cost_of([f"incident:{one.pk}", f"incident:{other.pk}"])
    assert (cost.unit_hours, cost.units, cost.operator_minutes, cost.calls, cost.unknown) == (
        1.5,
        1,
        4.0,
        1,
        1,
    )


@proves("returns.unit_hour_cost")
def test_rupiah_are_shown_where_the_city_says_what_an_hour_costs(
    put: Put, browser_of: Callable[[str], Client]
) -> None:
    case = [incident(NOW - days * DAY) for days in (40, 30, 20)][0]
    unit = Unit.objects.select_related("agency").order_by("pk").first()
    assert unit is not None
    job = Assignment.objects.create(
        incident=case,
        unit=unit,
        agency=unit.agency,
        state="completed",
        created_at=NOW,
        state_at=NOW,
    )
    for state, hours in (("notified", 0), ("completed", 2)):
        at = NOW + timedelta(hours=hours)
        AssignmentTime.objects.create(
            assignment=job, state=state, occurred_at=at, recorded_at=at, source="crew"
        )
    the_return()
    browser = browser_of("supervisor")
    assert "Rp" not in browser.get("/insight/returns").content.decode()
    put("returns.unit_hour_cost", 150_000)
    assert "Rp 300.000" in browser.get("/insight/returns").content.decode()


# --- whether it helped ----------------------------------------------------------------


def done(actor: Who, row: Proposal, day: date) -> Proposal:
    accept_proposal(row.pk, actor=actor("supervisor"))
    return finish_proposal(row.pk, day, actor=actor("supervisor"))


def test_the_effect_is_told_with_its_interval_once_there_is_enough(
    actor: Who, time: clock.Frozen
) -> None:
    for n in range(12):
        incident(NOW - (20 + 25 * n) * DAY)
    row = done(actor, the_return(), date(2026, 11, 2))
    early = effect_of(row, NOW + 10 * DAY)
    assert early is not None and early.few and not early.clear
    time.forward(86_400 * 200)
    late = effect_of(row, clock.now())
    assert late is not None
    assert (late.before, late.after, late.few, late.clear) == (12, 0, False, True)
    assert late.high < 1


def test_what_happens_elsewhere_or_of_another_kind_is_no_effect(
    actor: Who, time: clock.Frozen
) -> None:
    lamps(200, 120, 30)
    row = done(actor, the_return(), date(2026, 11, 2))
    time.forward(86_400 * 60)
    lamp(clock.now() - DAY, lat=HERE["lat"] + 0.01)
    incident(clock.now() - DAY)
    lamp(clock.now() - DAY, lat=HERE["lat"] + 20 * METRE)
    effect = effect_of(row, clock.now())
    assert effect is not None and (effect.before, effect.after) == (3, 1)


def test_rates_are_compared_exactly() -> None:
    found = rate_ratio(20, 100, 10, 100)
    assert found is not None and found.ratio == 0.5
    assert (found.low, found.high) == (
        pytest.approx(0.209, abs=0.002),
        pytest.approx(1.12, abs=0.01),
    )
    none = rate_ratio(0, 100, 8, 100)
    assert none is not None and none.ratio is None and none.high == float("inf") and none.low > 1
    assert rate_ratio(5, 0, 5, 10) is None
    quiet = rate_ratio(0, 100, 0, 100)
    assert quiet is not None and quiet.few and not quiet.clear


# --- who sees where -------------------------------------------------------------------


def test_a_house_is_shown_to_the_control_room_only(browser_of: Callable[[str], Client]) -> None:
    cases = [incident(NOW - days * DAY, "ambulans") for days in (40, 30, 20)]
    row = the_return()
    assert row.agency is not None and row.agency.code == "psc119"
    link = f"/incidents/{cases[0].pk}"
    pages = {
        "supervisor": "/insight/returns",
        "evaluator": "/insight/returns",
        "administrator": "/insight/returns",
        "agency": "/agency/proposals",
    }
    for role, address in pages.items():
        page = browser_of(role).get(address).content.decode()
        assert (link in page) is (role == "supervisor"), role
        assert "-7.8185" not in page
    assert "-7.81" not in str(list(Journal.objects.values_list("body", flat=True)))


def test_a_lamps_place_is_told_to_whoever_mends_it(browser_of: Callable[[str], Client]) -> None:
    lamps(200, 120, 30, asset="PJU-12")
    the_return()
    page = browser_of("evaluator").get("/insight/returns").content.decode()
    assert "PJU-12" in page and "-7.8185" in page


def test_empty_pages_say_so(browser_of: Callable[[str], Client]) -> None:
    for role, address in (
        ("evaluator", "/insight/returns"),
        ("supervisor", "/insight/alarms"),
        ("agency", "/agency/proposals"),
    ):
        page = browser_of(role).get(address)
        assert page.status_code == 200
        assert 'class="empty' in page.content.decode()


def test_a_scan_of_what_returns_is_kept_once() -> None:
    lamps(200, 120, 30)
    found = find_returns(NOW)
    assert len(note_scan("returns", NOW, found, actor=TIMER)) == 1
    assert note_scan("returns", NOW, found, actor=TIMER) == []
