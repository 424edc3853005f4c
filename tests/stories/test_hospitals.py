"""Hospitals say whether they receive and what is free; units are told where to drive."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from sigap.core import clock
from sigap.core.actors import Actor, of_user
from sigap.core.errors import Conflict, Forbidden, Invalid, Missing, Refused
from sigap.core.models import Journal, User
from sigap.dispatch.actions import choose_destination, send_units, step
from sigap.dispatch.jobs import jobs_of
from sigap.dispatch.models import Assignment
from sigap.fleet.actions import count_beds, divert, say_receiving
from sigap.fleet.hospitals import Destination
from sigap.fleet.models import Agency, Hospital, HospitalStatus
from sigap.fleet.queries import destinations
from sigap.incidents.actions import open_incident

from ..conftest import START
from .proofs import proves

MINUTE = 60
BAPTIS, GAMBIRAN, KILISUCI = "rs_baptis", "rsud_gambiran", "rsud_kilisuci"
NEAR = (-7.8266, 112.0305)  # RS Baptis
Actors = Callable[[str], Actor]
Put = Callable[[str, float], None]


@pytest.fixture
def desk(actor: Actors) -> Actor:
    """The dispatcher."""
    return actor("dispatcher")


@pytest.fixture
def job(actor: Actors, desk: Actor) -> Assignment:
    """AMB-01 with a patient at an accident."""
    incident = open_incident("kecelakaan_lalin", actor=desk, priority=1, lat=-7.82, lng=112.02)
    (sent,) = send_units(incident.pk, ["AMB-01"], choice="radio", actor=desk)
    for command in ("acknowledge", "depart", "arrive"):
        step(sent.pk, command, source="crew", actor=actor("crew"))
    return sent


def house(code: str, specialty: str = "") -> Destination:
    """A hospital as it is known now."""
    return next(d for d in destinations(*NEAR, specialty) if d.code == code)


def placed(code: str, lat: float, lng: float, *specialties: str) -> None:
    """Give a hospital a point and specialties."""
    Hospital.objects.filter(code=code).update(lat=lat, lng=lng, specialties=list(specialties))


# --- beds -------------------------------------------------------------------------------


def test_nothing_is_made_up_of_a_hospital() -> None:
    known = house(BAPTIS)
    assert (known.state, known.metres) == ("unknown", 0)
    assert {(b.free, b.total) for b in known.beds} == {(None, None)}
    assert house(GAMBIRAN).metres is None
    assert "no_point" in house(GAMBIRAN).reasons


def test_beds_are_counted_and_what_is_not_said_stays_as_it_was(
    actor: Actors, time: clock.Frozen
) -> None:
    agency = actor("agency")  # PSC 119 of the health office
    assert count_beds(BAPTIS, {"ed": (0, 12), "icu": (None, 6)}, actor=agency) == 2
    beds = {b.kind: (b.free, b.total) for b in house(BAPTIS).beds}
    assert beds == {"ed": (0, 12), "icu": (None, 6), "general": (None, None)}
    time.forward(10 * MINUTE)
    count_beds(BAPTIS, {"ed": (None, 10)}, actor=agency)
    ed = house(BAPTIS).beds[0]
    assert (ed.free, ed.total, ed.at, ed.source) == (0, 10, START, "psc119")
    rows = Journal.objects.filter(kind="hospital.beds").order_by("seq")
    assert rows[0].body == {"hospital": BAPTIS, "bed": "ed", "free": 0, "total": 12}


@pytest.mark.parametrize(
    "beds",
    [
        {"ed": (-1, 5)},
        {"ed": (6, 5)},
        {"ed": (1, 5001)},
        {"ed": (None, None)},
        {"sofa": (1, 2)},
        {},
    ],
)
def test_impossible_beds_are_refused(desk: Actor, beds: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        count_beds(BAPTIS, beds, actor=desk)
    assert not Journal.objects.filter(kind="hospital.beds").exists()


def test_more_free_beds_than_were_told_before_are_refused(desk: Actor) -> None:
    count_beds(BAPTIS, {"ed": (2, 5)}, actor=desk)
    with pytest.raises(Invalid):
        count_beds(BAPTIS, {"ed": (6, None)}, actor=desk)


# --- receiving --------------------------------------------------------------------------


def test_who_may_speak_for_a_hospital(actor: Actors, desk: Actor) -> None:
    say_receiving(BAPTIS, "yes", actor=desk)
    say_receiving(BAPTIS, "yes", actor=actor("agency"))
    user = User.objects.get(username="agency")
    user.agency = "damkar"
    with pytest.raises(Forbidden):
        say_receiving(BAPTIS, "no", actor=of_user(user))
    own = Agency.objects.get(code="damkar")
    Hospital.objects.filter(code=BAPTIS).update(agency=own)
    say_receiving(BAPTIS, "no", actor=of_user(user))
    assert house(BAPTIS).state == "refusing"
    for role in ("call_taker", "evaluator", "crew"):
        with pytest.raises(Forbidden):
            say_receiving(BAPTIS, "yes", actor=actor(role))
    with pytest.raises(Missing):
        say_receiving("rs_mana", "yes", actor=desk)


def test_what_is_limited_says_what_it_does_not_receive(desk: Actor) -> None:
    placed(BAPTIS, *NEAR, "trauma", "stroke")
    for refused in ([], ["jantung"]):
        with pytest.raises(Invalid):
            say_receiving(BAPTIS, "limited", refused=refused, actor=desk)
    with pytest.raises(Invalid):
        say_receiving(BAPTIS, "perhaps", actor=desk)
    say_receiving(BAPTIS, "limited", refused=["stroke"], actor=desk)
    assert house(BAPTIS).refused == ("stroke",)
    assert house(BAPTIS, "trauma").warns is False
    assert house(BAPTIS, "stroke").warns is True


def test_two_who_speak_at_once_do_not_overwrite_each_other(desk: Actor) -> None:
    say_receiving(BAPTIS, "yes", actor=desk)
    seen = HospitalStatus.objects.get().version
    say_receiving(BAPTIS, "no", actor=desk, version=seen)
    with pytest.raises(Conflict):
        say_receiving(BAPTIS, "yes", actor=desk, version=seen)


def test_after_a_diversion_nobody_knows_until_somebody_says(
    desk: Actor, time: clock.Frozen
) -> None:
    say_receiving(BAPTIS, "yes", actor=desk)
    until = START + timedelta(hours=1)
    divert(BAPTIS, reason="ed_full", until=until, actor=desk)
    assert (house(BAPTIS).state, house(BAPTIS).until) == ("diverted", until)
    time.forward(60 * MINUTE)
    assert house(BAPTIS).state == "unknown"
    assert "diversion_over" in house(BAPTIS).reasons
    say_receiving(BAPTIS, "yes", actor=desk)
    assert house(BAPTIS).state == "receiving"
    kinds = [k for k in Journal.objects.order_by("seq").values_list("kind", flat=True) if "." in k]
    assert kinds[-3:] == ["hospital.receiving", "hospital.diverted", "hospital.receiving"]


@pytest.mark.parametrize("hours", [-1, 0, 73])
def test_a_diversion_has_an_end_that_lies_ahead_and_near(desk: Actor, hours: int) -> None:
    with pytest.raises(Invalid):
        divert(BAPTIS, reason="ed_full", until=START + timedelta(hours=hours), actor=desk)
    with pytest.raises(Invalid):
        divert(BAPTIS, reason="weather", until=START + timedelta(hours=1), actor=desk)
    assert house(BAPTIS).state == "unknown"


@proves("fleet.hospital_stale_min")
def test_what_was_said_too_long_ago_is_shown_as_that(
    desk: Actor, time: clock.Frozen, put: Put
) -> None:
    put("fleet.hospital_stale_min", 30)
    say_receiving(BAPTIS, "yes", actor=desk)
    count_beds(BAPTIS, {"ed": (3, 5)}, actor=desk)
    time.forward(30 * MINUTE)
    assert not house(BAPTIS).stale
    time.forward(1)
    assert house(BAPTIS).stale and house(BAPTIS).beds[0].stale
    assert house(BAPTIS).beds[0].free == 3  # the figure stays, with its age


# --- where to ---------------------------------------------------------------------------


def test_the_nearest_that_receives_comes_first(desk: Actor, time: clock.Frozen) -> None:
    placed(GAMBIRAN, -7.844, 112.0349)
    placed(KILISUCI, -7.8187, 112.0034)
    say_receiving(KILISUCI, "yes", actor=desk)
    say_receiving(GAMBIRAN, "yes", actor=desk)
    divert(BAPTIS, reason="ed_full", until=START + timedelta(hours=1), actor=desk)
    order = [d.code for d in destinations(*NEAR)]
    assert order[:2] == [GAMBIRAN, KILISUCI]
    assert order[-1] == BAPTIS  # behind those of which nobody knows
    assert house(BAPTIS).warns
    # One that has not said anything for long comes behind those that have.
    time.forward(121 * MINUTE)
    say_receiving(KILISUCI, "yes", actor=desk)
    assert [d.code for d in destinations(*NEAR)][0] == KILISUCI


def test_who_has_the_specialty_comes_before_who_may_not(desk: Actor) -> None:
    placed(KILISUCI, -7.8187, 112.0034, "jantung")
    for code in (BAPTIS, KILISUCI):
        say_receiving(code, "yes", actor=desk)
    assert destinations(*NEAR)[0].code == BAPTIS
    first, second = destinations(*NEAR, "jantung")[:2]
    assert (first.code, second.code) == (KILISUCI, BAPTIS)
    assert "specialty_unknown" in second.reasons


def test_without_a_point_of_the_incident_there_is_no_distance() -> None:
    assert {d.metres for d in destinations(None, None)} == {None}


def test_a_transport_says_where_to(actor: Actors, job: Assignment) -> None:
    crew = actor("crew")
    (shown,) = jobs_of([job.unit_id])
    assert shown.destinations[0].code == BAPTIS
    step(job.pk, "transport", source="crew", destination=BAPTIS, actor=crew)
    job.refresh_from_db()
    assert (job.state, job.destination and job.destination.code) == ("to_destination", BAPTIS)
    row = Journal.objects.get(kind="assignment.destination")
    assert row.body == {"unit": "AMB-01", "hospital": BAPTIS}
    assert row.case == f"incident:{job.incident_id}"
    (shown,) = jobs_of([job.unit_id])
    assert shown.destination is not None and not shown.destination.warns


def test_a_diverted_hospital_is_warned_of_and_the_choice_is_the_crews(
    actor: Actors, desk: Actor, job: Assignment
) -> None:
    divert(BAPTIS, reason="ed_full", until=START + timedelta(hours=1), actor=desk)
    step(job.pk, "transport", source="crew", destination=BAPTIS, actor=actor("crew"))
    assert Journal.objects.get(kind="assignment.destination").body["diverted"] is True
    (shown,) = jobs_of([job.unit_id])
    assert shown.destination is not None and shown.destination.warns
    choose_destination(job.pk, GAMBIRAN, actor=desk)
    job.refresh_from_db()
    assert job.destination is not None and job.destination.code == GAMBIRAN
    choose_destination(job.pk, GAMBIRAN, actor=desk)  # no news
    assert Journal.objects.filter(kind="assignment.destination").count() == 2


def test_a_transport_to_nowhere_known_moves_nothing(actor: Actors, job: Assignment) -> None:
    with pytest.raises(Missing):
        step(job.pk, "transport", source="crew", destination="rs_mana", actor=actor("crew"))
    job.refresh_from_db()
    assert job.state == "on_scene"
    # Nobody has to know where to.
    step(job.pk, "transport", source="crew", actor=actor("crew"))
    job.refresh_from_db()
    assert (job.state, job.destination) == ("to_destination", None)


def test_a_press_that_comes_after_the_arrival_still_says_where(
    actor: Actors, job: Assignment, time: clock.Frozen
) -> None:
    crew = actor("crew")
    time.forward(10 * MINUTE)
    step(job.pk, "complete", source="crew", actor=crew)
    at = clock.now() - timedelta(minutes=5)
    late: dict[str, Any] = {"occurred_at": at, "destination": BAPTIS, "external_id": "press-77"}
    step(job.pk, "transport", source="crew", actor=crew, **late)
    job.refresh_from_db()
    assert (job.state, job.destination and job.destination.code) == ("completed", BAPTIS)
    with pytest.raises(Refused):
        choose_destination(job.pk, GAMBIRAN, actor=crew)


def test_only_their_own_units_drive_where_they_say(actor: Actors, desk: Actor) -> None:
    incident = open_incident("kecelakaan_lalin", actor=desk, priority=1, lat=-7.82, lng=112.02)
    (other,) = send_units(incident.pk, ["AMB-02"], actor=desk)
    with pytest.raises(Forbidden):
        choose_destination(other.pk, BAPTIS, actor=actor("crew"))
    choose_destination(other.pk, BAPTIS, actor=actor("agency"))
