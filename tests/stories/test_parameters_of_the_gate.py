"""Every number of the gate and of ringing does what it says: here, or at the exchange, which is
told of it."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from django.test import Client

from sigap.calls import actions as calls
from sigap.calls.greeting import Greeting, greeting_of
from sigap.calls.models import Call
from sigap.core import clock
from sigap.core.actions.shifts import heartbeat, start_shift
from sigap.core.actors import Actor, system
from sigap.gateways.asterisk.gate import Gate, Numbers, is_some_sound, rule
from sigap.gateways.asterisk.ringing import Person, is_beyond, who_rings
from sigap.gateways.orders import Follower
from sigap.incidents.models import Incident

from .exchange import listens, say, sets_aside
from .proofs import proves

TIMER = system("timer")
HERE = {"lat": -7.8185, "lng": 112.0155}


@pytest.fixture
def greeting(time: clock.Frozen) -> Callable[..., Greeting]:
    """How the gate greets a caller who rings now: greeting("0812…")."""
    names = (f"g{n}" for n in count())
    return lambda number="081200000001": greeting_of(say("presented", next(names), number))


@pytest.fixture
def reports(
    answered: Callable[..., Call], actor: Callable[[str], Actor]
) -> Callable[..., Incident]:
    """Somebody reports an incident: reports("0812…", lat=…, lng=…)."""

    def reported(number: str, **more: Any) -> Incident:
        call, taker = answered(number), actor("call_taker")
        made = calls.open_incident_for_call(
            call.pk, "kecelakaan_lalin", actor=taker, **{**HERE, **more}
        )
        calls.close_call(call.pk, "emergency", actor=taker)
        return made

    return reported


@proves("gate.on")
def test_without_the_gate_every_call_rings(
    greeting: Callable[..., Greeting], put: Callable[[str, float], None]
) -> None:
    assert greeting() == Greeting()
    put("gate.on", 0)
    assert greeting() == Greeting("off")


@proves("gate.known_days")
def test_who_reported_something_real_lately_skips_the_gate(
    reports: Callable[..., Incident],
    greeting: Callable[..., Greeting],
    put: Callable[[str, float], None],
    time: clock.Frozen,
) -> None:
    put("gate.known_days", 10)
    reports("081200000001")
    time.forward(10 * 24 * 3600)
    assert greeting("081200000001") == Greeting("known")
    assert greeting("081200000002") == Greeting()
    assert greeting(None) == Greeting()  # no number is no reason for anything
    time.forward(1)
    assert greeting("081200000001") == Greeting()


@proves("gate.near_min")
def test_who_reported_what_has_just_happened_skips_the_gate(
    reports: Callable[..., Incident],
    greeting: Callable[..., Greeting],
    put: Callable[[str, float], None],
    time: clock.Frozen,
) -> None:
    put("gate.known_days", 0)
    put("gate.near_min", 20)
    reports("081200000001")
    time.forward(20 * 60)
    assert greeting("081200000001") == Greeting("near_incident")
    time.forward(1)
    assert greeting("081200000001") == Greeting()


@proves("gate.near_m")
def test_who_last_reported_from_near_a_young_incident_skips_the_gate(
    reports: Callable[..., Incident],
    greeting: Callable[..., Greeting],
    put: Callable[[str, float], None],
    time: clock.Frozen,
) -> None:
    put("gate.known_days", 0)
    reports("081200000001")
    time.forward(3600)
    reports("081200000002", lat=HERE["lat"] + 0.009)  # a kilometre to the north
    put("gate.near_m", 1100)
    assert greeting("081200000001") == Greeting("near_incident")
    put("gate.near_m", 900)
    assert greeting("081200000001") == Greeting()


@proves("gate.silent_history")
def test_a_number_that_was_often_silent_hears_the_longer_prompt(
    answered: Callable[..., Call],
    actor: Callable[[str], Actor],
    greeting: Callable[..., Greeting],
    put: Callable[[str, float], None],
) -> None:
    put("gate.silent_history", 2)
    for longer in (False, False, True):
        assert greeting("081200000001") == Greeting(longer=longer)
        calls.close_call(answered("081200000001").pk, "silent", actor=actor("call_taker"))


@proves("gate.silent_alarm_s")
def test_a_call_set_aside_for_long_is_shown_to_a_supervisor(
    time: clock.Frozen, put: Callable[[str, float], None], browser_of: Callable[[str], Client]
) -> None:
    put("gate.silent_alarm_s", 45)
    sets_aside()
    time.forward(44)
    assert calls.alarm_set_aside(actor=TIMER) == 0
    time.forward(1)
    assert calls.alarm_set_aside(actor=TIMER) == 1
    assert (
        browser_of("supervisor").get("/console/state").json()["parameters"]["silent_alarm_s"] == 45
    )


@proves("gate.silent_end_s")
def test_a_call_set_aside_is_ended_only_where_the_city_wants_it(
    time: clock.Frozen, put: Callable[[str, float], None]
) -> None:
    call = sets_aside()
    time.forward(24 * 3600)
    assert calls.end_silent_calls(actor=TIMER) == 0
    put("gate.silent_end_s", 3600)
    assert calls.end_silent_calls(actor=TIMER) == 1
    call.refresh_from_db()
    assert call.state == "callback_due"


@proves("calls.callback_dials")
def test_the_exchange_rings_back_by_itself_or_people_do(
    time: clock.Frozen, put: Callable[[str, float], None], actor: Callable[[str], Actor]
) -> None:
    start_shift(role="call_taker", desk="1", actor=actor("call_taker"))
    say("presented")
    say("ended")
    time.forward(120)
    heartbeat(actor=actor("call_taker"))
    listens()
    put("calls.callback_dials", 0)
    assert calls.dial_due(actor=TIMER) == 0
    put("calls.callback_dials", 1)
    assert calls.dial_due(actor=TIMER) == 1


def told_numbers() -> Numbers:
    """What an exchange that begins to listen is told to reckon with."""
    [state] = Follower("pbx").begin()
    return Numbers(state["numbers"])


@proves("gate.first_s")
@proves("gate.second_s")
def test_the_gate_listens_as_long_as_the_city_says(put: Callable[[str, float], None]) -> None:
    put("gate.first_s", 3)
    put("gate.second_s", 9)
    gate = Gate(told_numbers())
    waits = [(gate.happens("played"), gate.wait_s())]
    gate.happens("time")
    waits += [(gate.happens("played"), gate.wait_s())]
    assert waits == [("listening", 3), ("listening_again", 9)]
    assert gate.happens("time") == "silent"


@proves("gate.speech_s")
@proves("gate.floor_db")
@proves("gate.noise_s")
@proves("gate.noise_db")
@proves("gate.sound_db")
def test_the_voice_detector_goes_by_the_citys_numbers(put: Callable[[str, float], None]) -> None:
    wanted = {"speech_s": 1.2, "floor_db": -60.0, "noise_s": 2.0, "noise_db": -35.0}
    wanted |= {"sound_db": -50.0}
    for name, number in wanted.items():
        put(f"gate.{name}", number)
    found = rule(told_numbers())
    assert {name: getattr(found, name) for name in wanted} == wanted


@proves("gate.sound_s")
def test_any_sound_is_a_sign_after_the_citys_seconds(put: Callable[[str, float], None]) -> None:
    put("gate.sound_s", 1)
    assert [is_some_sound(s, told_numbers()) for s in (0.9, 1.0)] == [False, True]
    put("gate.sound_s", 0)
    assert not is_some_sound(60, told_numbers())


@proves("calls.phones_ring_s")
@proves("calls.supervisors_ring_s")
def test_the_telephones_ring_after_the_citys_seconds(put: Callable[[str, float], None]) -> None:
    put("calls.phones_ring_s", 7)
    put("calls.supervisors_ring_s", 17)
    people = [
        Person("budi", "op1", "call_taker", free=True),
        Person("ani", "op2", "call_taker", free=False),
        Person("bos", "op3", "supervisor", free=True),
    ]
    numbers = told_numbers()
    rung = [
        [p.operator for p in who_rings(waited, people, numbers, is_room_there=True)]
        for waited in (6, 7, 17)
    ]
    assert rung == [[], ["budi"], ["budi", "bos"]]
    everybody = who_rings(0, people, numbers, is_room_there=False)
    assert everybody == people  # nobody has a screen to see it on


@proves("calls.overflow_s")
def test_the_second_centre_is_rung_after_the_citys_seconds(
    put: Callable[[str, float], None],
) -> None:
    put("calls.overflow_s", 25)
    numbers = told_numbers()
    assert [is_beyond(waited, numbers) for waited in (24, 25)] == [False, True]


# What they do there is seen with a real exchange, in the process tests.
@proves("gate.wait_ms")
@proves("calls.comfort_s")
@proves("calls.phone_answer_s")
@proves("calls.party_answer_s")
@proves("calls.exchange_silent_s")
@pytest.mark.parametrize(
    "name",
    [
        "gate.wait_ms",
        "calls.comfort_s",
        "calls.phone_answer_s",
        "calls.party_answer_s",
        "calls.exchange_silent_s",
    ],
)
def test_an_exchange_is_told_what_only_it_reckons_with(
    name: str, put: Callable[[str, float], None]
) -> None:
    before = told_numbers().value(name)
    put(name, before + 1)
    assert told_numbers().value(name) == before + 1
