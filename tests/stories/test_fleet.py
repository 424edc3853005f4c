"""Whether a unit may be sent, and where it is."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from sigap.core import clock
from sigap.core.actors import Actor
from sigap.core.errors import Conflict, Forbidden, Invalid, Missing, Refused
from sigap.core.models import Journal, User
from sigap.dispatch.actions import report_position
from sigap.fleet.actions import set_availability, set_duty
from sigap.fleet.models import Unit
from sigap.fleet.queries import unit

Actors = Callable[[str], Actor]


def test_a_unit_is_withdrawn_with_a_reason_and_returns(
    actor: Actors, journal: Callable[[], list[str]]
) -> None:
    crew = actor("crew")
    row = set_availability("AMB-01", "withdraw", reason="refuelling", actor=crew)
    assert (row.state, row.reason, row.state_since) == ("unavailable", "refuelling", clock.now())
    row = set_availability("AMB-01", "return", actor=crew)
    assert (row.state, row.reason) == ("available", "")
    assert journal() == ["unit.withdraw", "unit.return"]


def test_a_unit_is_reserved_and_released(actor: Actors, journal: Callable[[], list[str]]) -> None:
    set_availability("AMB-01", "reserve", actor=actor("dispatcher"))
    set_availability("AMB-01", "release", actor=actor("dispatcher"))
    assert journal() == ["unit.reserve", "unit.release"]
    assert unit("AMB-01").state == "available"


@pytest.mark.parametrize("reason", ["", "no fun", "closer_unit"])
def test_a_withdrawal_needs_one_of_the_citys_reasons(reason: str, actor: Actors) -> None:
    with pytest.raises(Invalid):
        set_availability("AMB-01", "withdraw", reason=reason, actor=actor("crew"))


@pytest.mark.parametrize("command", ["return", "release", "", "fly"])
def test_what_the_state_does_not_allow_is_refused(command: str, actor: Actors) -> None:
    with pytest.raises(Refused):
        set_availability("AMB-01", command, actor=actor("dispatcher"))


def test_readiness_and_duty_are_on_record(actor: Actors) -> None:
    row = set_duty("AMB-01", readiness="limited", reason="damaged", actor=actor("crew"))
    assert (row.readiness, row.readiness_reason, row.on_duty) == ("limited", "damaged", True)
    kept = Journal.objects.get(kind="unit.changed")
    assert kept.body == {"unit": "AMB-01", "reason": "damaged", "readiness": "limited"}
    set_duty("AMB-01", on_duty=False, actor=actor("crew"))
    assert Journal.objects.filter(kind="unit.changed").latest("seq").body["on_duty"] is False


def test_saying_again_what_is_known_changes_nothing(
    actor: Actors, journal: Callable[[], list[str]]
) -> None:
    before = unit("AMB-01").version
    row = set_duty("AMB-01", on_duty=True, readiness="ready", actor=actor("crew"))
    assert (row.version, journal()) == (before, [])


@pytest.mark.parametrize(
    ("readiness", "reason"), [("not_ready", ""), ("not_ready", "no fun"), ("perfect", "damaged")]
)
def test_a_flaw_needs_a_reason_and_a_known_name(readiness: str, reason: str, actor: Actors) -> None:
    with pytest.raises(Invalid):
        set_duty("AMB-01", readiness=readiness, reason=reason, actor=actor("crew"))


def test_going_off_duty_does_not_hide_why_a_unit_is_not_ready(actor: Actors) -> None:
    set_duty("AMB-01", readiness="not_ready", reason="damaged", actor=actor("crew"))
    assert set_duty("AMB-01", on_duty=False, actor=actor("crew")).readiness_reason == "damaged"


def test_why_a_unit_is_withdrawn_and_why_it_is_not_ready_are_two_facts(actor: Actors) -> None:
    crew = actor("crew")
    set_availability("AMB-01", "withdraw", reason="refuelling", actor=crew)
    unit = set_duty("AMB-01", readiness="limited", reason="damaged", actor=crew)
    assert (unit.reason, unit.readiness_reason) == ("refuelling", "damaged")
    unit = set_availability("AMB-01", "return", actor=crew)
    assert (unit.reason, unit.readiness_reason) == ("", "damaged")
    unit = set_duty("AMB-01", readiness="ready", actor=crew)
    assert unit.readiness_reason == ""


def test_crew_and_agency_act_for_their_own_only(actor: Actors) -> None:
    for role, own, others in (
        ("crew", ["AMB-01"], ["AMB-02", "POL-01"]),
        ("agency", ["AMB-01", "AMB-02"], ["POL-01"]),
        ("evaluator", [], ["AMB-01"]),
        ("call_taker", [], ["AMB-01"]),
    ):
        for sign in own:
            set_availability(sign, "reserve", actor=actor(role))
            set_availability(sign, "release", actor=actor(role))
        for sign in others:
            with pytest.raises(Forbidden):
                set_availability(sign, "reserve", actor=actor(role))
            with pytest.raises(Forbidden):
                set_duty(sign, on_duty=False, actor=actor(role))
            with pytest.raises(Forbidden):
                report_position(sign, -7.8, 112.0, actor=actor(role))


@pytest.mark.parametrize(
    ("role", "belongs", "own", "others"),
    [
        ("crew", {"agency": "psc119"}, "AMB-01", "AMB-02"),
        ("agency", {"unit": "POL-01"}, "AMB-02", "POL-01"),
        ("evaluator", {"agency": "psc119", "unit": "AMB-01"}, None, "AMB-01"),
    ],
)
def test_a_unit_or_agency_named_on_an_account_gives_no_right_without_the_role(
    role: str, belongs: dict[str, str], own: str | None, others: str, actor: Actors
) -> None:
    User.objects.filter(username=role).update(**belongs)
    if own:
        set_availability(own, "reserve", actor=actor(role))
    with pytest.raises(Forbidden):
        set_availability(others, "reserve", actor=actor(role))


def test_somebody_elses_change_is_a_conflict(actor: Actors) -> None:
    version = unit("AMB-01").version
    set_duty("AMB-01", on_duty=False, actor=actor("crew"), version=version)
    with pytest.raises(Conflict):
        set_availability("AMB-01", "reserve", actor=actor("dispatcher"), version=version)


@pytest.mark.parametrize("sign", ["", "AMB-99", "x" * 1000, "🚑", "AMB-01 "])
def test_a_unit_that_is_not_there_is_missing(sign: str, actor: Actors) -> None:
    with pytest.raises(Missing):
        set_duty(sign, on_duty=False, actor=actor("dispatcher"))


# --- positions ------------------------------------------------------------------------


def test_the_newest_position_is_kept_and_is_not_history(
    actor: Actors, time: clock.Frozen, journal: Callable[[], list[str]]
) -> None:
    crew, before = actor("crew"), unit("AMB-01").version
    assert report_position("AMB-01", -7.81, 112.01, actor=crew, accuracy_m=8)
    time.forward(60)
    assert report_position("AMB-01", -7.82, 112.02, actor=crew, source="gps")
    row = unit("AMB-01")
    assert (row.lat, row.lng, row.accuracy_m, row.position_at) == (-7.82, 112.02, None, clock.now())
    assert (row.version, journal()) == (before, [])


def test_an_older_position_than_is_known_changes_nothing(actor: Actors, time: clock.Frozen) -> None:
    report_position("AMB-01", -7.82, 112.02, actor=actor("crew"))
    late = clock.now() - timedelta(seconds=1)
    assert not report_position("AMB-01", -7.81, 112.01, at=late, actor=actor("crew"))
    assert unit("AMB-01").lat == -7.82


@pytest.mark.parametrize(
    ("lat", "lng"), [(91, 0), (-91, 0), (0, 181), (0, -181), (float("nan"), 0), (0, float("inf"))]
)
def test_a_point_that_is_not_on_earth_is_refused(lat: float, lng: float, actor: Actors) -> None:
    with pytest.raises(Invalid):
        report_position("AMB-01", lat, lng, actor=actor("crew"))
    assert unit("AMB-01").lat is None


def test_a_position_from_the_future_is_refused(actor: Actors) -> None:
    with pytest.raises(Invalid):
        at = clock.now() + timedelta(minutes=5)
        report_position("AMB-01", -7.8, 112.0, at=at, actor=actor("crew"))


def test_the_example_fleet_is_ready_for_work() -> None:
    units = Unit.objects.filter(active=True)
    assert units.count() > 10
    assert not units.exclude(state="available", on_duty=True, readiness="ready").exists()
    assert not units.filter(example=False).exists()
