"""What an exchange is told to do: what people and timers did, never what it said itself."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings
from pydantic import SecretStr

from sigap.calls import actions as calls
from sigap.calls.models import Call
from sigap.core import clock
from sigap.core.actions.accounts import change_user
from sigap.core.actions.configuration import set_parameter
from sigap.core.actions.shifts import heartbeat, pause_shift, resume_shift, start_shift
from sigap.core.actors import Actor, system
from sigap.core.models import User
from sigap.core.tail import Tail
from sigap.gateways.orders import Follower, Orders
from sigap.gateways.phones import endpoint_of

from .exchange import listens, say, sets_aside

TIMER, TOKEN = system("timer"), "token-of-the-hooks-in-tests"
Who = Callable[[str], Actor]
Told = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def told() -> Told:
    """What the exchange has been told since it was asked last, without the people."""
    follower = Follower("pbx")
    follower.begin()

    def more() -> list[dict[str, Any]]:
        orders = follower.more()
        return [{k: v for k, v in o.items() if k != "n"} for o in orders if o["do"] != "people"]

    return more


@pytest.fixture
def taken(taker: Actor, told: Told) -> Call:
    """A call that the call taker has taken on the screen."""
    call = calls.take_call(queued().pk, actor=taker)
    told()
    return call


@pytest.fixture
def taker(actor: Who) -> Actor:
    """The call taker."""
    return actor("call_taker")


def queued(name: str = "a") -> Call:
    say("presented", name)
    say("gate_key", name)
    return say("queued", name)


def phone_of(role: str) -> str:
    return endpoint_of(User.objects.get(username=role))


# --- orders --------------------------------------------------------------------------------


def test_each_call_is_greeted_as_is_known_of_it(told: Told, actor: Who) -> None:
    say("presented")
    assert told() == [{"call": "a", "do": "greet", "skip": "", "longer": False}]
    calls.declare_surge(reason="flood", actor=actor("supervisor"))
    say("presented", "b")
    assert told() == [{"call": "b", "do": "greet", "skip": "surge", "longer": False}]


def test_who_takes_a_call_is_connected(told: Told, taker: Actor) -> None:
    call = queued()
    told()
    calls.take_call(call.pk, actor=taker)
    phone = phone_of("call_taker")
    assert told() == [{"call": "a", "do": "connect", "operator": "call_taker", "phone": phone}]


def test_hold_resume_and_hanging_up_are_done_on_the_line(
    told: Told, taken: Call, taker: Actor
) -> None:
    phone = phone_of("call_taker")
    calls.hold_call(taken.pk, actor=taker)
    assert told() == [{"call": "a", "do": "hold"}]
    calls.resume_call(taken.pk, actor=taker)
    assert told() == [{"call": "a", "do": "resume", "operator": "call_taker", "phone": phone}]
    calls.end_call(taken.pk, actor=taker)
    assert told() == [{"call": "a", "do": "hang_up"}]
    calls.close_call(taken.pk, "prank", actor=taker)
    assert told() == [{"call": "a", "do": "hang_up"}]  # a repeat is harmless


def test_closing_a_call_hangs_up(told: Told, taken: Call, taker: Actor) -> None:
    calls.close_call(taken.pk, "prank", actor=taker)
    assert told() == [{"call": "a", "do": "hang_up"}]


def test_a_call_that_is_taken_over_goes_to_the_other_telephone(
    told: Told, taken: Call, actor: Who, time: clock.Frozen
) -> None:
    time.forward(21)
    calls.take_call(taken.pk, actor=actor("supervisor"), reason="no_response")
    phone = phone_of("supervisor")
    assert told() == [{"call": "a", "do": "connect", "operator": "supervisor", "phone": phone}]


def test_a_call_that_is_let_through_is_queued(told: Told, actor: Who) -> None:
    call = sets_aside()
    told()
    calls.release_call(call.pk, actor=actor("supervisor"))
    assert told() == [{"call": "a", "do": "queue"}]


def test_the_automatic_end_hangs_up(told: Told, actor: Who, time: clock.Frozen) -> None:
    set_parameter("gate.silent_end_s", 60, actor=actor("administrator"))
    sets_aside("a")
    sets_aside("b", None)
    told()
    time.forward(60)
    calls.end_silent_calls(actor=TIMER)
    assert told() == [{"call": "a", "do": "hang_up"}, {"call": "b", "do": "hang_up"}]


def test_a_lost_caller_is_rung_under_a_name_of_its_own(
    told: Told, taker: Actor, time: clock.Frozen
) -> None:
    start_shift(role="call_taker", desk="1", actor=taker)
    say("presented")
    lost = say("ended")
    for attempt in (1, 2):
        time.forward(120)
        heartbeat(actor=taker)
        listens()
        told()
        calls.dial_due(actor=TIMER)
        [order] = told()
        assert (order["do"], order["as"]) == ("dial", f"return-{lost.pk}-{attempt}")
        say("unreached", reason="busy")


def test_nobody_is_rung_whose_number_was_forgotten_or_whom_somebody_has_waived(
    told: Told, taker: Actor, time: clock.Frozen
) -> None:
    start_shift(role="call_taker", desk="1", actor=taker)
    say("presented")
    lost = say("ended")
    time.forward(120)
    heartbeat(actor=taker)
    listens()
    told()
    calls.dial_due(actor=TIMER)
    calls.waive_call_back(lost.pk, reason="other", actor=taker)
    assert told() == []


def test_what_the_exchange_says_orders_nothing(told: Told, taker: Actor) -> None:
    queued("a")
    say("answered", "a", operator="call_taker")
    for kind in ("held", "resumed", "ended"):
        say(kind, "a")
    sets_aside("b")
    say("ended", "b")
    orders = told()
    assert [(o["call"], o["do"]) for o in orders] == [("a", "greet"), ("b", "greet")]


def test_the_calls_of_other_exchanges_are_not_told(told: Told, taker: Actor) -> None:
    call = say("presented", "far", source="barat")
    by_hand = calls.enter_call(actor=taker)
    calls.end_call(by_hand.pk, actor=taker)
    calls.take_call(call.pk, actor=taker)
    assert told() == []
    assert [o["call"] for o in Follower("barat").begin()[0]["calls"]] == ["far"]


# --- the state ------------------------------------------------------------------------------


def test_the_first_line_is_how_everything_stands(taker: Actor, actor: Who) -> None:
    start_shift(role="call_taker", desk="1", actor=taker)
    start_shift(role="supervisor", desk="2", actor=actor("supervisor"))
    start_shift(role="dispatcher", desk="3", actor=actor("dispatcher"))
    call = calls.take_call(queued().pk, actor=taker)
    aside = sets_aside("b")
    calls.close_call(calls.enter_call(actor=taker).pk, "test", actor=taker)
    [state] = Follower("pbx").begin()
    assert state["do"] == "state"
    phone = phone_of("call_taker")
    mine = {"operator": "call_taker", "phone": phone}
    alone = {"left": False, "parties": []}
    assert state["calls"] == [
        {"call": "a", "n": call.pk, "state": "answered", "gate": "key"} | mine | alone,
        {"call": "b", "n": aside.pk, "state": "set_aside", "gate": "silent"}
        | {"operator": "", "phone": ""}
        | alone,
    ]
    free = {o["operator"]: o["free"] for o in state["operators"]}
    assert free == {"call_taker": False, "supervisor": True}  # dispatchers' telephones never ring


def test_the_people_are_told_again_when_somebody_becomes_free_or_is_not(
    taker: Actor, actor: Who
) -> None:
    start_shift(role="call_taker", desk="1", actor=taker)
    follower = Follower("pbx")
    follower.begin()
    assert follower.more() == []
    pause_shift(reason="rest", actor=taker)
    [people] = follower.more()
    assert (people["do"], people["operators"][0]["free"]) == ("people", False)
    resume_shift(actor=taker)
    [people] = follower.more()
    assert people["operators"][0]["free"] is True
    change_user(
        User.objects.get(username="call_taker"), is_active=False, actor=actor("administrator")
    )
    [people] = follower.more()
    assert people["operators"] == []


def test_a_number_that_the_city_changes_is_told_at_once(actor: Who) -> None:
    follower = Follower("pbx")
    follower.begin()
    set_parameter("gate.first_s", 7, actor=actor("administrator"))
    [people] = follower.more()
    assert people["numbers"]["gate.first_s"] == 7


# --- the door --------------------------------------------------------------------------------


def knock(method: str = "GET", token: str = TOKEN, query: str = "") -> tuple[int, Any]:
    """Ask for the orders; the status and the refusal."""
    answers: list[Any] = []
    headers = [(b"authorization", f"Bearer {token}".encode()), (b"accept-language", b"en")]
    scope = {"method": method, "headers": headers, "query_string": query.encode()}

    async def receive() -> Any:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        answers.append(message)

    environment = settings.ENV.model_copy(update={"hook_token": SecretStr(TOKEN)})
    with override_settings(ENV=environment):
        asyncio.run(Orders(Tail())(scope, receive, send))
    return answers[0]["status"], json.loads(answers[1]["body"])


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"token": "wrong"}, 401, "token"),
        ({"token": ""}, 401, "token"),
        ({"method": "POST"}, 405, "method"),
        ({"query": "exchange=..%2Fetc"}, 422, "exchange"),
        ({"query": "exchange=" + "x" * 21}, 422, "exchange"),
    ],
)
def test_only_an_exchange_with_the_token_is_told(
    asked: dict[str, str], status: int, code: str
) -> None:
    answer = knock(**asked)
    assert (answer[0], answer[1]["error"]["code"]) == (status, code)
