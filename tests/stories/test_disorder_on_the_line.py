"""When what people do, what an exchange tells, and what timers do cross one another: no caller
drops out of sight, and whoever has the telephone has the call."""

from collections.abc import Callable

import pytest
from django.test import Client

from sigap.calls import actions as calls
from sigap.calls.models import Call, CallParty
from sigap.calls.queries import free_shifts, kept_off, parties
from sigap.console import workload
from sigap.console.feed import collect
from sigap.core import clock
from sigap.core.actions.accounts import create_user
from sigap.core.actions.configuration import set_parameter
from sigap.core.actions.shifts import heartbeat, start_shift
from sigap.core.actors import Actor, of_user, system
from sigap.core.errors import Refused
from sigap.core.models import Alarm, ReasonCode
from sigap.gateways.orders import Follower

from ..conftest import PBX
from .asking import get, post
from .exchange import listens, say, sets_aside

TIMER = system("timer")
Who = Callable[[str], Actor]


@pytest.fixture
def colleague(db: None) -> Actor:
    """Another call taker, free at the next desk."""
    setup = system("setup")
    person = {"name": "Rekan", "password": "kata sandi uji coba", "roles": ["call_taker"]}
    user = of_user(create_user("colleague", actor=setup, **person))
    start_shift(role="call_taker", desk="P2", actor=user)
    return user


@pytest.fixture
def talking(actor: Who) -> Call:
    """A caller with whom the call taker talks by telephone."""
    listens()
    call = queued()
    calls.take_call(call.pk, actor=actor("call_taker"))
    return say("answered", operator="call_taker")


def queued(name: str = "a", number: str = "081233451190") -> Call:
    """A caller who waits."""
    say("presented", name, number)
    say("gate_key", name, number)
    return say("queued", name, number)


def lost(name: str, number: str = "081233451190") -> Call:
    """A caller who hung up before anybody answered."""
    say("presented", name, number)
    return say("ended", name, number)


def told(party: CallParty, what: str) -> CallParty:
    """What the exchange says of a party."""
    name = party.call.external_id or ""
    return calls.report_party(
        party.pk, what, source="pbx", external_id=name, at=clock.now(), actor=PBX
    )


def reason_to_take_over() -> str:
    """Any that the city knows."""
    return ReasonCode.objects.filter(purpose="takeover")[0].code


# --- out of sight ---------------------------------------------------------------------


def test_a_new_caller_to_ring_back_stands_before_all_who_did_not_answer(
    time: clock.Frozen, browser_of: Callable[[str | None], Client]
) -> None:
    for n in range(205):
        lost(f"old{n}", f"08120000{n:04d}")
    Call.objects.update(state="no_answer", callback_due_at=None, callback_attempts=3)
    time.forward(86_400)
    new = lost("new", "081299999999")
    assert get(browser_of("call_taker"), "/console/state")["callbacks"][0]["id"] == new.pk
    assert workload.rows()["callbacks"][0].call.pk == new.pk


def test_an_alarm_about_ringing_ends_with_the_ringing(time: clock.Frozen) -> None:
    say("presented")
    time.forward(25)
    assert calls.alarm_ringing(actor=TIMER) == 1
    say("gate_silent", reason="no_sign", heard_s=14.0)
    say("ended")
    calls.alarm_ringing(actor=TIMER)
    assert not Alarm.objects.exclude(state="done").exists()


def test_who_spoke_as_the_timer_ended_a_silent_call_is_reviewed(
    time: clock.Frozen, actor: Who
) -> None:
    set_parameter("gate.silent_end_s", 30, actor=actor("administrator"))
    call = sets_aside("a", None)
    time.forward(31)
    spoke = clock.now()
    assert calls.end_silent_calls(actor=TIMER) == 1
    say("gate_speech", "a", None, at=spoke)
    say("queued", "a", None, at=spoke)
    say("ended", "a", None)
    assert kept_off().filter(pk=call.pk, reviewed_at=None).exists()


def test_a_caller_who_was_reached_is_on_the_screen_until_it_is_said_what_they_wanted(
    time: clock.Frozen, browser_of: Callable[[str | None], Client]
) -> None:
    call, browser = lost("a"), browser_of("call_taker")
    post(browser, f"/calls/{call.pk}/callback", reached=True)
    assert f'"reached": [{call.pk}]' in browser.get("/calls").content.decode()
    assert calls.alarm_unattended(actor=TIMER) == 0
    time.forward(3600)
    assert calls.alarm_unattended(actor=TIMER) == 1


def test_a_call_that_its_operator_left_is_seen_and_ended_by_a_supervisor(
    talking: Call, actor: Who, browser_of: Callable[[str | None], Client]
) -> None:
    taker, boss = actor("call_taker"), browser_of("supervisor")
    party = calls.invite_party(talking.pk, entry="psc119", actor=taker)
    told(party, "joined")
    calls.leave_call(talking.pk, actor=taker)
    calls.close_call(talking.pk, "information", actor=taker)
    stop = f"/supervisor/parties/{party.pk}/stop"
    assert stop in boss.get("/supervisor").content.decode()
    follower = Follower("pbx")
    follower.begin()
    assert boss.post(stop).status_code == 302
    assert [order["do"] for order in follower.more()] == ["drop"]
    assert stop not in boss.get("/supervisor").content.decode()


# --- who has the call -----------------------------------------------------------------


def test_whoever_lifted_the_telephone_has_the_call(actor: Who, colleague: Actor) -> None:
    call = queued()
    calls.take_call(call.pk, actor=actor("call_taker"))
    assert say("answered", operator="colleague").operator_id == colleague.user_id


def test_who_took_a_call_over_keeps_it_when_older_news_comes(
    time: clock.Frozen, talking: Call, actor: Who
) -> None:
    answered = clock.now()
    time.forward(30)
    boss = actor("supervisor")
    calls.take_call(talking.pk, actor=boss, reason=reason_to_take_over())
    assert say("answered", operator="call_taker", at=answered).operator_id == boss.user_id
    time.forward(5)  # but the supervisor's telephone was not lifted, and the other talks on
    kept = say("answered", operator="call_taker")
    assert kept.operator_id == actor("call_taker").user_id


def test_a_call_is_put_on_hold_only_once_the_telephone_is_on_the_line(actor: Who) -> None:
    listens()
    call, taker = queued(), actor("call_taker")
    calls.take_call(call.pk, actor=taker)
    with pytest.raises(Refused):
        calls.hold_call(call.pk, actor=taker)
    say("answered", operator="call_taker")
    assert calls.hold_call(call.pk, actor=taker).state == "held"


def test_a_call_held_before_its_telephone_refused_waits_again(actor: Who) -> None:
    call, taker = queued(), actor("call_taker")  # of an exchange that does not follow orders
    calls.take_call(call.pk, actor=taker)
    calls.hold_call(call.pk, actor=taker)
    call = say("refused", reason="no_answer")
    assert (call.state, call.operator_id, call.held_at) == ("queued", None, None)


def test_a_colleague_who_lifted_as_it_was_called_off_has_the_call(
    talking: Call, actor: Who, colleague: Actor
) -> None:
    party = calls.transfer_call(talking.pk, colleague.user_id or 0, actor=actor("call_taker"))
    calls.drop_party(party.pk, actor=actor("call_taker"))
    told(party, "joined")
    talking.refresh_from_db()
    assert talking.operator_id == colleague.user_id


def test_a_colleague_who_is_on_the_line_already_is_given_the_call(
    talking: Call, actor: Who, colleague: Actor
) -> None:
    taker = actor("call_taker")
    party = calls.invite_party(talking.pk, user_id=colleague.user_id, actor=taker)
    told(party, "joined")
    follower = Follower("pbx")
    follower.begin()
    assert calls.transfer_call(talking.pk, colleague.user_id or 0, actor=taker).pk == party.pk
    [order] = [o for o in follower.more() if o["do"] == "invite"]
    assert (order["how"], order["operator"]) == ("take", "colleague")
    assert told(party, "joined").state == "taken"
    talking.refresh_from_db()
    assert talking.operator_id == colleague.user_id


def test_an_operator_who_could_not_leave_has_the_call_again(
    time: clock.Frozen, talking: Call, actor: Who
) -> None:
    party = calls.invite_party(talking.pk, entry="psc119", actor=actor("call_taker"))
    told(party, "joined")
    calls.leave_call(talking.pk, actor=actor("call_taker"))
    told(party, "left")  # they hung up just then, and the exchange keeps the operator
    time.forward(1)
    call = say("answered", operator="call_taker")
    assert (call.state, call.left_at) == ("answered", None)


def test_who_takes_over_a_call_listens_to_it_no_more(
    time: clock.Frozen, talking: Call, actor: Who
) -> None:
    boss = actor("supervisor")
    told(calls.listen_in(talking.pk, actor=boss), "joined")
    time.forward(25)
    listens()
    calls.take_call(talking.pk, actor=boss, reason=reason_to_take_over())
    assert not parties().filter(call=talking.pk, user=boss.user_id).exists()


# --- others ---------------------------------------------------------------------------


def test_nobody_is_rung_back_who_talks_with_us(
    time: clock.Frozen, actor: Who, colleague: Actor
) -> None:
    lost("lost")
    time.forward(100)
    calls.take_call(queued("again").pk, actor=actor("call_taker"))
    say("answered", "again", operator="call_taker")
    time.forward(60)
    listens()
    heartbeat(actor=colleague)
    assert calls.dial_due(actor=TIMER) == 0


@pytest.mark.parametrize(
    "number", ["+19005550123", "+88213300000", "08091234567", "112", "0811223344556677"]
)
def test_no_number_is_rung_by_itself_that_costs_more_or_is_our_own(
    time: clock.Frozen, colleague: Actor, number: str
) -> None:
    call = lost("lost", number)
    time.forward(130)
    listens()
    heartbeat(actor=colleague)
    assert calls.dial_due(actor=TIMER) == 0
    assert call.state == "callback_due"  # by a person


def test_a_returned_call_is_known_by_whichever_event_comes_first(
    time: clock.Frozen, colleague: Actor
) -> None:
    call = lost("lost")
    time.forward(130)
    listens()
    heartbeat(actor=colleague)
    assert calls.dial_due(actor=TIMER) == 1
    say("queued", "return-1", None)
    assert say("presented", "return-1", None, returns="lost").returns_id == call.pk


def test_a_colleague_is_free_again_when_the_call_is_over_whatever_the_exchange_tells(
    time: clock.Frozen, talking: Call, actor: Who, colleague: Actor
) -> None:
    taker = actor("call_taker")
    calls.invite_party(talking.pk, user_id=colleague.user_id, actor=taker)
    calls.end_call(talking.pk, actor=taker)
    assert free_shifts().filter(user_id=colleague.user_id).exists()


def test_a_colleague_of_whose_telephone_nothing_is_heard_is_free_again(
    time: clock.Frozen, talking: Call, actor: Who, colleague: Actor
) -> None:
    calls.invite_party(talking.pk, user_id=colleague.user_id, actor=actor("call_taker"))
    time.forward(60)
    assert calls.fail_parties(actor=TIMER) == 0  # it may still be rung
    time.forward(60)
    assert calls.fail_parties(actor=TIMER) == 1
    heartbeat(actor=colleague)
    assert free_shifts().filter(user_id=colleague.user_id).exists()


def test_where_listening_is_hidden_only_the_supervisors_screen_tells_of_it(
    talking: Call, actor: Who, browser_of: Callable[[str | None], Client]
) -> None:
    set_parameter("calls.listening_shows", 0, actor=actor("administrator"))
    start_shift(role="supervisor", desk="S1", actor=actor("supervisor"))
    calls.listen_in(talking.pk, actor=actor("supervisor"))
    taker = browser_of("call_taker")
    story = get(taker, f"/calls/{talking.pk}")["story"]
    assert [row for row in story if row["kind"].startswith("party.")] == []
    batch = collect(0)
    assert batch and not [row for row in batch.rows if row["kind"].startswith("party.")]
    does = {o["id"]: o["does"] for o in get(taker, "/console/state")["operators"]}
    assert does.get(actor("supervisor").user_id) != "joined"
    [desk] = [d for d in workload.rows()["desks"] if d.user.pk == talking.operator_id]
    assert desk.talking[0].listener, "the supervisors' own screen"
