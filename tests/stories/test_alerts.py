"""A message that arrived is not one that somebody took: what is tried until a person answers."""

from collections.abc import Callable

import pytest
from django.test import Client

from sigap.core import clock
from sigap.core.actors import Actor
from sigap.core.journal import verify
from sigap.core.models import Alarm, Journal, User
from sigap.crew.state import snapshot
from sigap.dispatch.actions import cancel_assignment, step
from sigap.dispatch.models import Assignment, ResponsePlan
from sigap.fleet.actions import Proposed, answer_move_up, move_back
from sigap.fleet.models import Unit
from sigap.notify.actions import (
    follow_jobs,
    mind_channels,
    note_receipt,
    note_screen,
    take_from_screen,
)
from sigap.notify.models import Alert, Channel, Delivery, Device
from sigap.notify.queries import channel_health

from .alerting import NUMBER, WORKER, Far, give_number, states
from .proofs import proves

Actors = Callable[[str], Actor]


def alarms() -> set[str]:
    return set(Alarm.objects.exclude(state="done").values_list("code", flat=True))


def kinds(case: str) -> list[str]:
    rows = Journal.objects.filter(case=case).order_by("seq")
    noted = [(row.kind, row.body.get("channel") or row.body.get("step") or "") for row in rows]
    return [" ".join(filter(None, row)) for row in noted if row[0].split(".")[0] in NOTED]


NOTED = ("alert", "delivery", "alarm")


def test_a_push_says_what_and_where_and_names_nobody(
    far: Far, person: Callable[[str], User], job: Callable[[], Assignment]
) -> None:
    far.phone_of(person("crew"))
    sent = job()
    far.work()
    (shown,) = far.shown(person("crew"))
    assert shown["title"] == "New job for AMB-01, P1" or "AMB-01" in shown["title"]
    assert sent.incident.area is not None
    assert sent.incident.area.name in shown["body"]
    assert (shown["url"], shown["urgent"]) == ("/crew", True)
    assert set(shown) == {"title", "body", "url", "tag", "urgent", "receipt"}


def test_sent_is_not_arrived_and_arrived_is_not_taken(
    far: Far, actor: Actors, person: Callable[[str], User], job: Callable[[], Assignment]
) -> None:
    far.phone_of(person("crew"))
    sent = job()
    far.work()
    alert = Alert.objects.get()
    assert states() == [("push", "sent")]
    assert note_receipt(f"d{Delivery.objects.get().pk}", "delivered", actor=WORKER)
    assert states() == [("push", "delivered")]
    alert.refresh_from_db()
    assert alert.stands
    step(sent.pk, "acknowledge", source="crew", actor=actor("crew"))
    far.work()
    alert.refresh_from_db()
    assert (alert.acknowledged_by, alert.acknowledged_how) == (person("crew"), "crew")
    assert kinds(alert.case) == [
        "alert.made",
        "delivery.send push",
        "delivery.deliver push",
        "alert.acknowledged",
    ]
    assert verify().broken_seq is None


def test_nobody_answers_second_channel_next_unit_supervisor(
    far: Far, person: Callable[[str], User], job: Callable[[], Assignment], time: clock.Frozen
) -> None:
    far.phone_of(person("crew"))
    give_number(person("crew"))
    sent = job()
    far.work()
    assert states() == [("push", "sent")]
    time.forward(59)
    far.work()
    assert states() == [("push", "sent")]
    time.forward(1)
    far.work()
    assert states() == [("push", "sent"), ("sms", "sent")]
    assert far.texts.of("sms")[0]["to"] == "+6281234567890"
    assert alarms() == set(), "another way is being tried: no other unit yet"
    time.forward(60)
    far.work()
    assert alarms() == {"unacknowledged"}
    assert Assignment.objects.filter(incident=sent.incident, state="proposed").count() == 1
    time.forward(60)
    far.work()
    assert alarms() == {"unacknowledged", "unanswered"}
    assert Alarm.objects.get(code="unanswered").owner == "supervisor"
    time.forward(3600)
    far.work()
    assert states() == [("push", "sent"), ("sms", "sent")]
    assert kinds(f"incident:{sent.incident_id}") == [
        "alert.made",
        "delivery.send push",
        "alert.escalated second",
        "delivery.send sms",
        "alert.escalated next_unit",
        "alarm.raised",
        "alert.escalated supervisor",
        "alarm.raised",
    ]


def test_the_answer_ends_what_was_to_come(
    far: Far,
    actor: Actors,
    person: Callable[[str], User],
    job: Callable[[], Assignment],
    time: clock.Frozen,
) -> None:
    far.phone_of(person("crew"))
    sent = job()
    far.work()
    for _step in range(3):
        time.forward(60)
        far.work()
    assert alarms() == {"unacknowledged", "unanswered"}
    step(sent.pk, "depart", source="crew", actor=actor("crew"))
    far.work()
    assert alarms() == set()
    assert not Alert.objects.get().stands


def test_the_plan_of_the_type_says_how_long_is_waited(
    far: Far, person: Callable[[str], User], job: Callable[[], Assignment], time: clock.Frozen
) -> None:
    far.phone_of(person("crew"))
    give_number(person("crew"))
    ResponsePlan.objects.filter(type__code="kecelakaan_lalin").update(acknowledge_s=20)
    job()
    far.work()
    time.forward(20)
    far.work()
    assert states() == [("push", "sent"), ("sms", "sent")]
    time.forward(20)
    far.work()
    assert alarms() == {"unacknowledged"}


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_forgotten_and_the_next_channel_comes_at_once(
    status: int, far: Far, person: Callable[[str], User], job: Callable[[], Assignment]
) -> None:
    name = far.phone_of(person("crew"))
    give_number(person("crew"))
    far.pushes.browsers[name].gone = status
    job()
    far.work()
    assert states() == [("push", "failed"), ("sms", "sent")]
    device = Device.objects.get()
    assert (device.active, device.sealed) == (False, "")
    assert Delivery.objects.get(channel="push").error == "gone"
    assert not Channel.objects.filter(name="push", misses__gt=0).exists(), "push itself works"


def test_of_two_phones_one_that_works_is_enough(
    far: Far, person: Callable[[str], User], job: Callable[[], Assignment]
) -> None:
    far.phone_of(person("crew"))
    old = far.phone_of(person("crew"), "old")
    give_number(person("crew"))
    far.pushes.browsers[old].gone = 410
    job()
    far.work()
    assert sorted(states()) == [("push", "failed"), ("push", "sent")]


def test_a_fault_over_there_is_tried_again_after_a_pause(
    far: Far, person: Callable[[str], User], job: Callable[[], Assignment], time: clock.Frozen
) -> None:
    far.phone_of(person("crew"))
    give_number(person("crew"))
    far.phone_of(person("crew"), "tablet")
    far.pushes.faults.answers.append((500, {}))
    far.pushes.faults.answers.append((429, {"Retry-After": "30"}))
    job()
    far.work()
    assert [state for _channel, state in states()][:2] == ["queued", "queued"]
    time.forward(30)
    far.work()
    assert [state for _channel, state in states()][:2] == ["sent", "sent"]
    assert far.pushes.asked == 4


def test_a_service_that_does_not_answer_holds_nobody_up(
    far: Far, person: Callable[[str], User], job: Callable[[], Assignment]
) -> None:
    far.phone_of(person("crew"))
    far.pushes.faults.silent = True
    job()
    far.work(patience_s=0.2)
    assert Delivery.objects.get(channel="push").error == "timeout"


def test_when_all_channels_fail_at_once_nobody_waits_for_the_time(
    far: Far, person: Callable[[str], User], job: Callable[[], Assignment]
) -> None:
    name = far.phone_of(person("crew"))
    far.pushes.browsers[name].gone = 410
    sent = job()
    far.work()
    assert alarms() == {"unreached"}
    assert Assignment.objects.filter(incident=sent.incident, state="proposed").exists()
    assert Alert.objects.get().gap == "nobody"


def test_when_every_far_end_is_away_the_alarm_comes_now_and_it_is_tried_on(
    far: Far,
    actor: Actors,
    person: Callable[[str], User],
    job: Callable[[], Assignment],
    time: clock.Frozen,
) -> None:
    far.phone_of(person("crew"))
    give_number(person("crew"))
    far.pushes.faults.answers.extend([(503, {})] * 2)
    far.texts.faults.away = True
    sent = job()
    for _round in range(3):
        far.work()
    assert alarms() == {"unreached"}
    far.texts.faults.away = False
    time.forward(10)
    far.work()
    assert dict(states())["voice"] == "sent"
    step(sent.pk, "acknowledge", source="crew", actor=actor("crew"))
    assert alarms() == set()


@pytest.mark.parametrize("end", ["acknowledge", "cancel", "decline"])
def test_what_was_away_for_an_hour_brings_nothing_late(
    end: str,
    far: Far,
    actor: Actors,
    person: Callable[[str], User],
    job: Callable[[], Assignment],
    time: clock.Frozen,
) -> None:
    give_number(person("crew"))
    far.texts.faults.away = True
    sent = job()
    far.work()
    if end == "cancel":
        cancel_assignment(sent.pk, reason="duplicate", actor=actor("dispatcher"))
    else:
        reason = {"reason": "no_crew"} if end == "decline" else {}
        step(sent.pk, end, source="crew", actor=actor("crew"), **reason)
    time.forward(3600)
    far.texts.faults.away = False
    for _round in range(5):
        far.work()
    told = {"acknowledge": "acknowledged", "cancel": "cancelled", "decline": "declined"}
    assert far.texts.taken == {}
    assert {(d.state, d.error) for d in Delivery.objects.all()} == {("dropped", told[end])}


@proves("alerts.retry_s")
def test_it_is_not_tried_for_ever(
    far: Far,
    person: Callable[[str], User],
    job: Callable[[], Assignment],
    time: clock.Frozen,
    put: Callable[[str, float], None],
) -> None:
    put("alerts.retry_s", 300)
    give_number(person("crew"))
    far.texts.faults.away = True
    job()
    for _minute in range(12):
        far.work()
        time.forward(60)
    far.texts.faults.away = False
    far.work()
    assert far.texts.taken == {}
    told = Delivery.objects.exclude(channel="board")
    assert {(d.state, d.error) for d in told} == {("failed", "gave_up")}


@proves("alerts.misses")
def test_a_channel_that_fails_again_and_again_is_an_alarm_of_its_own(
    far: Far,
    person: Callable[[str], User],
    job: Callable[[], Assignment],
    time: clock.Frozen,
    put: Callable[[str, float], None],
) -> None:
    put("alerts.misses", 2)
    far.phone_of(person("crew"))
    far.pushes.faults.answers.extend([(500, {})] * 2)
    job()
    far.work()
    assert "channel_down" not in alarms()
    time.forward(5)
    far.work()
    assert "channel_down" in alarms()
    (push,) = [health for health in channel_health() if health.name == "push"]
    assert (push.is_down, push.error, push.waiting) == (True, "http_500", 1)
    time.forward(10)
    far.work()
    assert "channel_down" not in alarms()
    (push,) = [health for health in channel_health() if health.name == "push"]
    assert (push.is_down, push.success_at, push.sent) == (False, clock.now(), 1)


def test_messages_that_nobody_sends_are_an_alarm(
    far: Far, person: Callable[[str], User], job: Callable[[], Assignment], time: clock.Frozen
) -> None:
    from sigap.notify.actions import follow_jobs

    far.phone_of(person("crew"))
    job()
    follow_jobs(actor=WORKER)
    assert mind_channels(actor=WORKER) == 0
    time.forward(60)
    assert mind_channels(actor=WORKER) == 1
    assert "channel_down" in alarms()
    far.work()
    assert mind_channels(actor=WORKER) == 0
    assert "channel_down" not in alarms()


@proves("alerts.screen_s")
def test_a_station_rings_beside_the_phones_until_somebody_presses(
    far: Far,
    actor: Actors,
    person: Callable[[str], User],
    job: Callable[[], Assignment],
    time: clock.Frozen,
    put: Callable[[str, float], None],
) -> None:
    put("alerts.screen_s", 20)
    far.phone_of(person("agency"))
    note_screen("station", actor=actor("crew"))
    time.forward(19)
    sent = job()
    far.work()
    assert states() == [("station", "queued")]
    note_screen("station", actor=actor("crew"))
    assert states() == [("station", "delivered")]
    alert = take_from_screen(Alert.objects.get().pk, actor=actor("crew"))
    far.work()
    alert.refresh_from_db()
    sent.refresh_from_db()
    assert (sent.state, alert.acknowledged_how) == ("acknowledged", "crew")
    time.forward(20)
    job()
    far.work()
    assert states(Alert.objects.order_by("-pk")[0])[0] == ("station", "failed")
    assert alarms() == {"unreached"}


def test_a_station_that_is_cut_off_while_it_should_ring_has_failed(
    far: Far, actor: Actors, job: Callable[[], Assignment], time: clock.Frozen
) -> None:
    note_screen("station", actor=actor("crew"))
    job()
    far.work()
    time.forward(30)
    far.work()
    assert states()[0] == ("station", "failed")
    assert alarms() == {"unreached"}


def test_a_key_pressed_on_the_telephone_takes_the_job(
    far: Far, person: Callable[[str], User], job: Callable[[], Assignment]
) -> None:
    give_number(person("crew"))
    far.texts.faults.answers.append(422)
    sent = job()
    far.work()
    assert states() == [("sms", "failed"), ("voice", "sent")]
    voice = Delivery.objects.get(channel="voice")
    assert voice.external == "voice-1"
    assert note_receipt(f"d{voice.pk}", "acknowledged", actor=WORKER)
    far.work()
    sent.refresh_from_db()
    assert sent.state == "acknowledged"
    assert Alert.objects.get().acknowledged_by == person("crew")


@pytest.mark.parametrize("reference", ["d0", "d99999999", "m5", "", "dx", "d" + "9" * 40])
def test_a_receipt_of_nothing_is_harmless(reference: str) -> None:
    assert note_receipt(reference, "delivered", actor=WORKER) is False


def test_a_receipt_only_ever_comes_further(
    far: Far, person: Callable[[str], User], job: Callable[[], Assignment]
) -> None:
    give_number(person("crew"))
    job()
    far.work()
    reference = f"d{Delivery.objects.get().pk}"
    for status in ("delivered", "sent", "failed", "delivered", "read", "read"):
        assert note_receipt(reference, status, actor=WORKER)
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.read_at) == ("delivered", clock.now())


def test_a_lost_answer_is_sent_again_under_the_same_name(
    far: Far, person: Callable[[str], User], job: Callable[[], Assignment], time: clock.Frozen
) -> None:
    give_number(person("crew"))
    far.texts.faults.lost_answers = 1
    job()
    far.work()
    time.forward(10)
    far.work()
    assert far.texts.repeats >= 1
    assert len(far.texts.of("sms")) == 1


def test_a_worker_that_died_while_it_sent_loses_nothing(
    far: Far, person: Callable[[str], User], job: Callable[[], Assignment], time: clock.Frozen
) -> None:
    from sigap.notify.actions import claim_deliveries, follow_jobs

    far.phone_of(person("crew"))
    job()
    follow_jobs(actor=WORKER)
    assert len(claim_deliveries(actor=WORKER)) == 1
    assert claim_deliveries(actor=WORKER) == []
    time.forward(60)
    far.work()
    assert dict(states())["push"] == "sent"


def test_a_number_is_kept_where_nobody_reads_it(person: Callable[[str], User]) -> None:
    from sigap.notify.models import Phone
    from sigap.notify.sealed import opened

    give_number(person("crew"))
    kept = Phone.objects.get().sealed
    assert NUMBER[1:] not in kept
    assert opened(kept) == "+62" + NUMBER[1:]
    give_number(person("crew"), "")
    assert not Phone.objects.exists()


# --- where to wait --------------------------------------------------------------------

THERE = Proposed("post.psc119_pakunden", "Pos Pakunden", -7.844, 112.035, "animal", 12.5, 4)


def told(far: Far, who: User) -> list[str]:
    return [shown["body"] for shown in far.shown(who)]


def test_a_crew_is_told_where_to_wait_and_when_no_more(
    far: Far, actor: Actors, person: Callable[[str], User]
) -> None:
    far.phone_of(person("crew"))
    answer_move_up("AMB-01", THERE, accepted=True, actor=actor("dispatcher"))
    far.work()
    (said,) = far.shown(person("crew"))
    assert THERE.name in said["body"] and not said["urgent"]
    far.work()
    assert len(told(far, person("crew"))) == 1
    assert snapshot(Unit.objects.get(call_sign="AMB-01"))["waits"]["name"] == THERE.name
    move_back("AMB-01", actor=actor("dispatcher"))
    far.work()
    assert len(told(far, person("crew"))) == 2
    assert snapshot(Unit.objects.get(call_sign="AMB-01"))["waits"] is None
    assert Alert.objects.get(cause="move_up").over == "ended"


def test_a_crew_that_is_moved_on_is_told_of_the_new_place_only(
    far: Far, actor: Actors, person: Callable[[str], User]
) -> None:
    far.phone_of(person("crew"))
    for _turn in range(2):
        answer_move_up("AMB-01", THERE, accepted=True, actor=actor("dispatcher"))
        far.work()
    assert list(Alert.objects.values_list("cause", flat=True)) == ["move_up", "move_up"]


def test_what_was_declined_is_told_to_nobody(
    far: Far, actor: Actors, person: Callable[[str], User]
) -> None:
    far.phone_of(person("crew"))
    answer_move_up("AMB-01", THERE, accepted=False, actor=actor("dispatcher"))
    far.work()
    assert not Alert.objects.exists()


def test_the_station_shows_where_to_wait_for_some_minutes_or_until_somebody_has_read_it(
    actor: Actors, browser_of: Callable[[str], Client], time: clock.Frozen
) -> None:
    follow_jobs(actor=WORKER)
    station = browser_of("crew")
    for press in (True, False):
        station.get("/station/rows")
        answer_move_up("AMB-01", THERE, accepted=True, actor=actor("dispatcher"))
        follow_jobs(actor=WORKER)
        (row,) = station.get("/station/rows").json()["jobs"]
        assert THERE.name in row["type"] and row["priority"] == 0
        if press:
            assert station.post(f"/station/alerts/{row['id']}/take").status_code in (200, 302)
        else:
            time.forward(301)
        assert station.get("/station/rows").json()["jobs"] == []
