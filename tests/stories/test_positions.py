"""Where units are: what is believed of what their devices tell, and what follows from it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from sigap.console.rows import incident_rows, iso
from sigap.core import clock
from sigap.core.actors import Actor
from sigap.core.models import Journal
from sigap.dispatch.actions import (
    accept_seen,
    erase_old_tracks,
    send_units,
    step,
    take_positions,
)
from sigap.dispatch.jobs import jobs_of
from sigap.dispatch.models import Assignment
from sigap.fleet.models import Unit
from sigap.fleet.positions.actions import Report, make_device, renew_device, revoke_device
from sigap.fleet.positions.judge import Fix, Verdict
from sigap.fleet.positions.models import Device, TrackPoint
from sigap.gateways.positions.buffer import Claim, judged
from sigap.gateways.positions.messages import Message
from sigap.incidents.actions import open_incident
from sigap.incidents.models import Incident

from .proofs import proves

Actors = Callable[[str], Actor]
Put = Callable[[str, float], None]
HERE = (-7.8200, 112.0100)
DEG_M = 111_195.0  # metres of a degree of latitude


def unit(sign: str = "AMB-01") -> Unit:
    return Unit.objects.get(call_sign=sign)


@pytest.fixture
def tracker(actor: Actors) -> Device:
    return made(actor)


def made(actor: Actors, sign: str = "AMB-01", kind: str = "owntracks", **more: Any) -> Device:
    return make_device(unit(sign), kind=kind, actor=actor("administrator"), **more)[0]


def at(north_m: float = 0, *, ago: float = 0, accuracy: int | None = 8) -> Fix:
    """A fix so far north of the place, so many seconds ago."""
    when = clock.now() - timedelta(seconds=ago)
    return Fix(HERE[0] + north_m / DEG_M, HERE[1], when, accuracy)


def tell(device: Device, *fixes: Fix) -> list[Verdict]:
    return take_positions([Report(device.pk, device.unit_id, fixes)])[0]


def faults(device: Device, *fixes: Fix) -> list[str]:
    return [verdict.fault for verdict in tell(device, *fixes)]


def north_m(sign: str = "AMB-01") -> int:
    """How far north of the place the unit's marker stands."""
    lat = unit(sign).lat
    assert lat is not None
    return round((lat - HERE[0]) * DEG_M)


# --- what is believed -----------------------------------------------------------------


def test_the_newest_good_fix_is_where_the_unit_is(tracker: Device) -> None:
    assert tell(tracker, at(0, ago=20), at(200, ago=10)) == [
        Verdict(moved=True),
        Verdict(moved=True),
    ]
    row = unit()
    assert (north_m(), row.position_source, row.accuracy_m) == (200, "owntracks", 8)
    tracker.refresh_from_db()
    assert (tracker.last_at, tracker.last_fault) == (clock.now(), "")


@pytest.mark.parametrize(
    ("lat", "lng", "seconds", "fault"),
    [
        (HERE[0], HERE[1], 61, "future"),
        (0.0, 0.0, 0, "zero"),
        (0.0004, -0.0004, 0, "zero"),
        (-6.2, 106.8, 0, "outside"),
        (95.0, 112.0, 0, "point"),
        (HERE[0], HERE[1], -40 * 86_400, "expired"),
    ],
)
def test_what_cannot_be_is_named_and_moves_nothing(
    tracker: Device, lat: float, lng: float, seconds: float, fault: str
) -> None:
    wrong = Fix(lat, lng, clock.now() + timedelta(seconds=seconds))
    good = at(0)
    assert tell(tracker, wrong) == [Verdict(fault, kept=False)]
    assert unit().lat is None and Device.objects.get(pk=tracker.pk).last_fault == fault
    assert [v.moved for v in tell(tracker, wrong, good)] == [False, True]


def test_a_late_point_goes_into_the_track_and_never_moves_the_marker_back(
    tracker: Device, time: clock.Frozen
) -> None:
    tell(tracker, at(0))
    time.forward(60)
    assert tell(tracker, at(500)) == [Verdict(moved=True)]
    assert tell(tracker, at(300, ago=30)) == [Verdict("late")]
    assert north_m() == 500
    assert TrackPoint.objects.count() == 3


def test_the_same_point_sent_again_is_no_second_one(tracker: Device) -> None:
    again = at(0, ago=5)
    assert faults(tracker, again) == [""]
    assert faults(tracker, again, at(10)) == ["repeat", ""]
    assert TrackPoint.objects.count() == 1


@proves("positions.max_kmh")
def test_a_jump_waits_until_a_second_fix_agrees(
    tracker: Device, time: clock.Frozen, put: Put
) -> None:
    tell(tracker, at(0))
    time.forward(10)
    assert tell(tracker, at(5000)) == [Verdict("jump")]
    assert (north_m(), unit().position_mark) == (0, "doubtful")
    time.forward(10)
    assert faults(tracker, at(50)) == [""]  # back where it was: that was no journey
    assert (north_m(), unit().position_mark) == (50, "")
    time.forward(10)
    assert faults(tracker, at(5000)) == ["jump"]
    time.forward(10)
    assert faults(tracker, at(5100)) == [""]
    assert north_m() == 5100
    time.forward(10)
    put("positions.max_kmh", 1000)
    assert faults(tracker, at(6500)) == [""]


@proves("positions.outside_km")
def test_how_far_from_the_city_a_unit_may_be_is_the_citys_choice(
    tracker: Device, time: clock.Frozen, put: Put
) -> None:
    surabaya = Fix(-7.2575, 112.7521, clock.now())
    assert faults(tracker, surabaya) == [""]
    put("positions.outside_km", 50)
    time.forward(1)
    assert faults(tracker, Fix(-7.2575, 112.7521, clock.now())) == ["outside"]


def test_what_is_not_exact_is_shown_all_the_same(tracker: Device) -> None:
    assert tell(tracker, at(0, accuracy=400)) == [Verdict("coarse", moved=True)]
    assert unit().accuracy_m == 400


# --- two devices of one unit ----------------------------------------------------------


@proves("positions.apart_m")
def test_two_devices_apart_are_two_places_and_never_an_average(
    tracker: Device, actor: Actors, time: clock.Frozen, put: Put
) -> None:
    phone = made(actor, kind="json")
    tell(tracker, at(0))
    time.forward(1)
    tell(phone, at(3000))
    assert (north_m(), unit().position_mark) == (3000, "two_places")
    time.forward(1)
    tell(tracker, at(20))
    assert (north_m(), unit().position_mark) == (20, "two_places")
    put("positions.apart_m", 5000)
    time.forward(1)
    tell(tracker, at(20))
    assert unit().position_mark == ""


def test_a_device_that_has_fallen_silent_is_no_second_place(
    tracker: Device, actor: Actors, time: clock.Frozen
) -> None:
    tell(made(actor, kind="json"), at(3000))
    time.forward(600)
    tell(tracker, at(0))
    assert unit().position_mark == ""


def test_the_other_device_with_an_older_fix_does_not_move_the_unit(
    tracker: Device, actor: Actors
) -> None:
    other = made(actor, kind="json")
    tell(tracker, at(100))
    assert tell(other, at(0, ago=30)) == [Verdict()]
    assert north_m() == 100


# --- many at once ---------------------------------------------------------------------


def test_many_units_are_kept_by_a_handful_of_statements(
    actor: Actors, django_assert_max_num_queries: Any
) -> None:
    devices = [made(actor, u.call_sign) for u in Unit.objects.filter(active=True)]
    reports = [Report(d.pk, d.unit_id, [at(n)]) for n, d in enumerate(devices)]
    before = Journal.objects.count()
    take_positions(reports)  # reads the city's numbers
    with django_assert_max_num_queries(12):
        take_positions([Report(d.pk, d.unit_id, [at(n + 1)]) for n, d in enumerate(devices)])
    assert [north_m(d.unit.call_sign) for d in devices[:3]] == [1, 2, 3]
    assert Journal.objects.count() == before


def test_a_message_is_answered_by_what_its_token_stands_for(actor: Actors) -> None:
    device, token = make_device(unit(), kind="json", actor=actor("administrator"))
    claim = Claim.by_token(token)
    good, readable = Message([at(0), None]), Message([at(10, ago=-1)])
    assert judged([(claim, good), (Claim.by_token("wrong"), readable)]) == [
        [Verdict(moved=True), Verdict("unreadable", kept=False)],
        None,
    ]
    judged([(claim, Message([], fault="encrypted"))])
    assert Device.objects.get(pk=device.pk).last_fault == "encrypted"
    _device, fresh = renew_device(device.pk, actor=actor("administrator"))
    assert judged([(claim, readable)]) == [None]
    assert judged([(Claim.by_token(fresh), readable)]) != [None]
    revoke_device(device.pk, actor=actor("administrator"))
    assert judged([(Claim.by_token(fresh), readable)]) == [None]


def test_a_token_is_kept_nowhere(actor: Actors, journal: Callable[[], list[str]]) -> None:
    device, token = make_device(unit(), kind="json", actor=actor("administrator"))
    kept = [*Device.objects.filter(pk=device.pk).values(), *Journal.objects.values()]
    assert token not in repr(kept)
    assert journal() == ["device.made"]


# --- the track ------------------------------------------------------------------------


@proves("positions.track_s")
@proves("positions.track_m")
def test_a_track_has_a_point_at_intervals_or_after_so_many_metres(
    tracker: Device, put: Put
) -> None:
    put("positions.track_s", 20)
    put("positions.track_m", 50)
    tell(tracker, *(at(n, ago=100 - n * 5) for n in range(9)))  # slow: every twenty seconds
    assert TrackPoint.objects.count() == 3
    tell(tracker, *(at(8 + n * 30, ago=50 - n * 5) for n in range(1, 5)))  # fast: every 50 m
    assert TrackPoint.objects.count() == 5


@proves("positions.track_days")
def test_a_track_is_forgotten_after_its_days(
    tracker: Device, actor: Actors, time: clock.Frozen, put: Put, accident: Callable[[], Incident]
) -> None:
    job = sent(actor, accident())
    tell(tracker, at(0))
    time.forward(3 * 86_400)
    put("positions.track_days", 2)
    Incident.objects.filter(pk=job.incident_id).update(legal_hold="court")
    assert erase_old_tracks(actor=actor("administrator")) == 0
    Incident.objects.filter(pk=job.incident_id).update(legal_hold="")
    assert erase_old_tracks(actor=actor("administrator")) == 1
    assert not TrackPoint.objects.exists()


# --- arrival and departure are proposed -----------------------------------------------


@pytest.fixture
def accident(actor: Actors) -> Callable[[], Incident]:
    return lambda: open_incident(
        "kecelakaan_lalin", lat=HERE[0], lng=HERE[1], actor=actor("call_taker")
    )


def sent(actor: Actors, incident: Incident, *, going: bool = False) -> Assignment:
    job = send_units(incident.pk, ["AMB-01"], choice="radio", actor=actor("dispatcher"))[0]
    return step(job.pk, "depart", source="crew", actor=actor("crew")) if going else job


def seen(job: Assignment) -> tuple[datetime | None, datetime | None]:
    job.refresh_from_db()
    return job.seen_near_at, job.seen_leaving_at


@proves("positions.arrival_m")
def test_two_exact_fixes_near_the_incident_propose_an_arrival_and_set_nothing(
    tracker: Device,
    actor: Actors,
    time: clock.Frozen,
    accident: Callable[[], Incident],
    journal: Callable[[], list[str]],
) -> None:
    job = sent(actor, accident(), going=True)
    version, unmoved = job.version, len(journal())
    for metres in (2000, 150, 90):
        time.forward(60)
        tell(tracker, at(metres))
        assert seen(job)[0] is None  # the first that is near waits for a second
    first = clock.now()
    time.forward(5)
    tell(tracker, at(20))
    assert seen(job)[0] == first
    assert (job.state, job.version) == ("en_route", version)
    assert journal()[unmoved:] == ["assignment.seen_near"]
    row = Journal.objects.latest("seq")
    assert (row.actor, row.occurred_at) == ("system:positions", first)
    assert row.body["device"] == tracker.pk
    assert jobs_of([job.unit_id])[0].seen_near == first
    time.forward(5)
    tell(tracker, at(10))
    assert journal()[unmoved:] == ["assignment.seen_near"]  # said once


def test_the_city_says_how_near_is_near(
    tracker: Device,
    actor: Actors,
    time: clock.Frozen,
    accident: Callable[[], Incident],
    put: Put,
) -> None:
    put("positions.arrival_m", 300)
    job = sent(actor, accident(), going=True)
    for metres in (290, 280):
        time.forward(5)
        tell(tracker, at(metres))
    assert seen(job)[0]


@proves("positions.accuracy_m")
def test_what_is_not_exact_proposes_no_arrival(
    tracker: Device,
    actor: Actors,
    time: clock.Frozen,
    accident: Callable[[], Incident],
    put: Put,
) -> None:
    job = sent(actor, accident(), going=True)

    def two_fixes(accuracy: int | None) -> None:
        for metres in (10, 20):
            time.forward(5)
            tell(tracker, at(metres, accuracy=accuracy))

    two_fixes(80)
    two_fixes(None)
    assert seen(job)[0] is None
    put("positions.accuracy_m", 100)
    two_fixes(80)
    assert seen(job)[0]


def test_a_unit_in_two_places_is_not_said_to_be_at_either(
    tracker: Device, actor: Actors, time: clock.Frozen, accident: Callable[[], Incident]
) -> None:
    job = sent(actor, accident(), going=True)
    phone = made(actor, kind="json")
    for metres in (10, 20):
        time.forward(5)
        tell(phone, at(4000))
        tell(tracker, at(metres))
    assert seen(job)[0] is None


def test_the_dispatcher_takes_the_arrival_with_the_time_that_was_seen(
    tracker: Device, actor: Actors, time: clock.Frozen, accident: Callable[[], Incident]
) -> None:
    job = sent(actor, accident(), going=True)
    for metres in (50, 20):
        time.forward(5)
        tell(tracker, at(metres))
    when = seen(job)[0]
    time.forward(90)
    accept_seen(job.pk, "arrive", actor=actor("dispatcher"))
    told = job.times.get(state="on_scene")
    assert (told.occurred_at, told.source) == (when, "gps")


@proves("positions.leave_m")
@pytest.mark.parametrize(("leave_m", "proposed"), [(200, True), (1000, False)])
def test_a_unit_that_has_left_is_proposed_as_on_its_way(
    leave_m: float,
    proposed: bool,
    tracker: Device,
    actor: Actors,
    time: clock.Frozen,
    accident: Callable[[], Incident],
    put: Put,
) -> None:
    put("positions.leave_m", leave_m)
    tell(tracker, at(5000, ago=30))
    job = sent(actor, accident())
    for metres in (4900, 4850, 4700, 4600):
        time.forward(10)
        tell(tracker, at(metres))
    first = clock.now() - timedelta(seconds=10) if proposed else None
    assert seen(job) == (None, first)
    assert (job.state, jobs_of([job.unit_id])[0].seen_leaving) == ("notified", first)


# --- on the screens -------------------------------------------------------------------


def test_the_dispatcher_accepts_on_the_screen_what_a_position_shows(
    tracker: Device,
    actor: Actors,
    time: clock.Frozen,
    accident: Callable[[], Incident],
    browser_of: Callable[[str], Client],
) -> None:
    incident = accident()
    job = sent(actor, incident, going=True)
    dispatcher = browser_of("dispatcher")

    def accept(command: str = "arrive") -> int:
        told = {"command": command}
        address = f"/dispatch/jobs/{job.pk}/seen"
        return dispatcher.post(address, told, content_type="application/json").status_code

    assert accept() == 409  # nothing is seen yet
    for metres in (50, 20):
        time.forward(5)
        tell(tracker, at(metres))

    def shown() -> dict[str, Any]:
        [row] = incident_rows(Incident.objects.filter(pk=incident.pk))
        [on_screen] = row["jobs"]
        return dict(on_screen)

    assert (shown()["seen_near"], shown()["seen_leaving"]) == (iso(seen(job)[0]), None)
    assert accept("fly") == 400
    assert accept() == 200
    assert shown()["seen_near"] is None
    page = dispatcher.get(f"/incidents/{incident.pk}").content.decode()
    assert "(20 m)" in page


def test_a_replay_shows_those_who_send_units_the_way_they_took_and_notes_that(
    tracker: Device,
    actor: Actors,
    time: clock.Frozen,
    accident: Callable[[], Incident],
    browser_of: Callable[[str], Client],
) -> None:
    tell(tracker, at(6000, ago=30))  # before it was sent: nobody's business
    incident = accident()
    job = sent(actor, incident, going=True)
    for metres in (5000, 4000, 3000):
        time.forward(60)
        tell(tracker, at(metres))
    step(job.pk, "complete", source="crew", actor=actor("crew"))
    time.forward(60)
    tell(tracker, at(4000))

    def replay(role: str) -> dict[str, Any]:
        page = browser_of(role).get(f"/incidents/{incident.pk}/replay")
        told: dict[str, Any] = page.context["replay"]
        return told

    def looks() -> list[str]:
        rows = Journal.objects.filter(kind="person.opened").order_by("seq")
        return [row.body["screen"] for row in rows]

    way = replay("dispatcher")["tracks"]["AMB-01"]
    assert [round((lat - HERE[0]) * DEG_M) for _at, lat, _lng, _accuracy in way] == [
        5000,
        4000,
        3000,
    ]
    assert looks() == ["replay", "track"]
    assert replay("call_taker")["tracks"] == {}
    assert looks() == ["replay", "track", "replay"]


@proves("positions.fresh_s")
def test_consoles_hear_how_long_a_position_is_fresh(
    browser_of: Callable[[str], Client], put: Put
) -> None:
    put("positions.fresh_s", 45)
    told = browser_of("dispatcher").get("/console/state").json()["parameters"]
    assert (told["fresh_s"], told["accuracy_m"]) == (45, 50)
