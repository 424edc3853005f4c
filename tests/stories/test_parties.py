"""More than two on a line: who may bring whom, in whatever order the exchange tells of it."""

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from sigap.calls import actions as calls
from sigap.calls.models import Call, CallParty, PhoneBookEntry
from sigap.calls.queries import free_shifts
from sigap.console.rows import call_rows
from sigap.core import clock
from sigap.core.actions.accounts import create_user
from sigap.core.actions.configuration import define, set_parameter
from sigap.core.actions.jobs import job_ended
from sigap.core.actions.shifts import start_shift
from sigap.core.actors import Actor, of_user, system
from sigap.core.errors import Forbidden, Invalid, Missing, Refused
from sigap.core.models import Journal, User
from sigap.gateways.orders import Follower

from ..conftest import PBX
from .proofs import proves

SETUP = system("setup")
Story = Callable[..., Call]
Who = Callable[[str], Actor]


@pytest.fixture(autouse=True)
def connected(db: None) -> None:
    """The exchange listens to our orders."""
    job_ended("exchange:pbx", every_s=10, done=0)


@pytest.fixture
def colleague(db: None) -> Actor:
    """Another call taker, free at the next desk."""
    user = create_user(
        "colleague", name="Rekan", password="kata sandi uji coba", roles=["call_taker"], actor=SETUP
    )
    start_shift(role="call_taker", desk="P2", actor=of_user(user))
    return of_user(user)


@pytest.fixture
def orders(db: None) -> Callable[[], list[dict[str, Any]]]:
    """What the exchange is ordered about calls since it was asked last."""
    follower = Follower("pbx")
    follower.begin()
    return lambda: [o for o in follower.more() if o["do"] != "people"]


def told(party: CallParty, what: str, after_s: float = 0) -> CallParty:
    """The exchange says what became of a party."""
    return calls.report_party(
        party.pk,
        what,
        source="pbx",
        external_id=party.call.external_id or "",
        at=clock.now() + timedelta(seconds=after_s),
        actor=PBX,
    )


def event(call: Call, kind: str) -> Call:
    """The exchange says something else of a call."""
    return calls.report_event(
        kind, source="pbx", external_id=call.external_id or "", at=clock.now(), actor=PBX
    )


# --- agencies and interpreters --------------------------------------------------------


def test_an_agency_is_rung_joins_and_leaves(
    answered: Story, actor: Who, orders: Callable[[], list[dict[str, Any]]]
) -> None:
    call = answered()
    orders()
    party = calls.invite_party(call.pk, entry="psc119", actor=actor("call_taker"))
    (order,) = orders()
    assert (order["do"], order["party"], order["number"]) == ("invite", party.pk, "119")
    assert told(party, "joined").state == "joined"
    assert told(party, "left").state == "left"
    assert orders() == []  # what the exchange says orders nothing
    kinds = Journal.objects.filter(kind__startswith="party.").order_by("seq")
    assert [k.kind for k in kinds] == ["party.invite", "party.join", "party.leave"]
    assert kinds[0].body == {"call": call.pk, "how": "talk", "entry": "psc119"}


@pytest.mark.parametrize("order", list(itertools.permutations(("joined", "left", "ended"))))
def test_in_any_order_and_twice_a_party_has_left_in_the_end(
    order: tuple[str, ...], answered: Story, actor: Who
) -> None:
    call = answered()
    party = calls.invite_party(call.pk, entry="psc119", actor=actor("call_taker"))
    for what in (*order, *order):
        event(call, "ended") if what == "ended" else told(party, what)
    party.refresh_from_db()
    assert party.state == "left"
    assert party.joined_at is not None


def test_why_an_agency_did_not_come_is_kept(answered: Story, actor: Who) -> None:
    party = calls.invite_party(answered().pk, entry="psc119", actor=actor("call_taker"))
    party = told(party, "busy")
    assert (party.state, party.reason) == ("failed", "busy")
    assert told(party, "joined").state == "failed"


def test_a_party_of_another_call_is_not_believed(answered: Story, ring: Story, actor: Who) -> None:
    party = calls.invite_party(answered().pk, entry="psc119", actor=actor("call_taker"))
    party.call = ring()
    with pytest.raises(Invalid):
        told(party, "joined")


def test_nobody_is_rung_twice_for_the_same_call(answered: Story, actor: Who) -> None:
    call, taker = answered(), actor("call_taker")
    party = calls.invite_party(call.pk, entry="psc119", actor=taker)
    with pytest.raises(Refused):
        calls.invite_party(call.pk, entry="psc119", actor=taker)
    told(party, "busy")
    calls.invite_party(call.pk, entry="psc119", actor=taker)


def test_who_is_not_in_the_phone_book_any_more_is_not_rung(answered: Story, actor: Who) -> None:
    define(PhoneBookEntry, key={"code": "psc119"}, active=False, actor=SETUP)
    for entry in ("psc119", "nobody"):
        with pytest.raises(Missing):
            calls.invite_party(answered().pk, entry=entry, actor=actor("call_taker"))


def test_an_operator_lets_somebody_off_the_line(
    answered: Story, actor: Who, orders: Callable[[], list[dict[str, Any]]]
) -> None:
    call, taker = answered(), actor("call_taker")
    party = calls.invite_party(call.pk, entry="psc119", actor=taker)
    orders()
    assert calls.drop_party(party.pk, actor=taker).state == "left"
    (order,) = orders()
    assert (order["do"], order["party"]) == ("drop", party.pk)


# --- whose call it is -----------------------------------------------------------------


def test_only_the_operator_of_a_call_or_a_supervisor_brings_others_in(
    answered: Story, actor: Who, colleague: Actor
) -> None:
    call = answered()
    with pytest.raises(Refused):
        calls.invite_party(call.pk, entry="psc119", actor=colleague)
    with pytest.raises(Forbidden):
        calls.invite_party(call.pk, entry="psc119", actor=actor("dispatcher"))
    party = calls.invite_party(call.pk, entry="psc119", actor=actor("supervisor"))
    with pytest.raises(Refused):
        calls.drop_party(party.pk, actor=colleague)


def test_without_an_exchange_that_listens_nobody_is_rung(
    answered: Story, actor: Who, time: clock.Frozen
) -> None:
    call, taker = answered(), actor("call_taker")
    time.forward(60)
    with pytest.raises(Refused):
        calls.invite_party(call.pk, entry="psc119", actor=taker)
    job_ended("exchange:pbx", every_s=10, done=0)
    entered = calls.enter_call(actor=taker)
    with pytest.raises(Refused):
        calls.invite_party(entered.pk, entry="psc119", actor=taker)


def test_a_call_that_nobody_has_answered_has_no_others(ring: Story, actor: Who) -> None:
    with pytest.raises(Refused):
        calls.invite_party(ring().pk, entry="psc119", actor=actor("supervisor"))


# --- handing over ---------------------------------------------------------------------


def test_a_call_is_the_colleagues_as_soon_as_their_telephone_has_it(
    answered: Story,
    actor: Who,
    colleague: Actor,
    orders: Callable[[], list[dict[str, Any]]],
) -> None:
    call, taker = answered(), actor("call_taker")
    orders()
    party = calls.transfer_call(call.pk, colleague.user_id or 0, actor=taker)
    (order,) = orders()
    assert (order["how"], order["operator"]) == ("take", "colleague")
    call.refresh_from_db()
    assert call.operator_id == taker.user_id
    assert not free_shifts().filter(user_id=colleague.user_id or 0).exists()  # rings for it
    for _ in range(2):
        assert told(party, "joined").state == "taken"
    call.refresh_from_db()
    assert (call.operator_id, call.state) == (colleague.user_id, "answered")
    claims = Journal.objects.filter(kind="call.claimed", body__reason="transfer")
    assert claims.count() == 1
    assert orders() == []


def test_a_colleague_who_does_not_take_it_leaves_the_call_where_it_was(
    answered: Story, actor: Who, colleague: Actor
) -> None:
    call, taker = answered(), actor("call_taker")
    party = calls.transfer_call(call.pk, colleague.user_id or 0, actor=taker)
    assert told(party, "no_answer").state == "failed"
    call.refresh_from_db()
    assert (call.operator_id, call.state) == (taker.user_id, "answered")
    calls.transfer_call(call.pk, colleague.user_id or 0, actor=taker)


def test_only_a_free_colleague_is_handed_a_call(
    answered: Story, actor: Who, colleague: Actor, ring: Story
) -> None:
    call, taker = answered(), actor("call_taker")
    calls.take_call(ring("081200000009").pk, actor=colleague)
    for busy in (colleague.user_id, taker.user_id, actor("dispatcher").user_id):
        with pytest.raises(Refused):
            calls.transfer_call(call.pk, busy or 0, actor=taker)


# --- leaving --------------------------------------------------------------------------


def test_an_operator_leaves_only_when_somebody_outside_talks_with_the_caller(
    answered: Story, actor: Who, orders: Callable[[], list[dict[str, Any]]]
) -> None:
    call, taker = answered(), actor("call_taker")
    party = calls.invite_party(call.pk, entry="psc119", actor=taker)
    with pytest.raises(Refused):
        calls.leave_call(call.pk, actor=taker)
    told(party, "joined")
    orders()
    left = calls.leave_call(call.pk, actor=taker)
    assert (left.state, left.ended_at) == ("wrap_up", None)
    calls.close_call(call.pk, "information", actor=taker)
    assert [o["do"] for o in orders()] == ["leave"]  # closing it cuts nobody off
    begun = Follower("pbx").begin()[0]["calls"]
    assert [(c["left"], len(c["parties"])) for c in begun] == [(True, 1)]
    event(call, "ended")
    party.refresh_from_db()
    assert party.state == "left"
    known = Follower("pbx").begin()[0]["calls"]
    assert [(c["state"], c["parties"]) for c in known] == [("closed", [])]


def test_who_puts_the_telephone_down_has_left(answered: Story, actor: Who) -> None:
    call = answered()
    for _ in range(2):
        call = event(call, "left")
    assert (call.state, call.ended_at) == ("wrap_up", None)
    assert event(call, "ended").ended_at is not None


def test_left_before_answered_comes_to_the_same(ring: Story) -> None:
    call = ring()
    event(call, "left")
    assert event(call, "answered").state == "wrap_up"


# --- listening ------------------------------------------------------------------------


def test_a_supervisor_listens_then_whispers_and_it_is_on_record(
    answered: Story,
    actor: Who,
    orders: Callable[[], list[dict[str, Any]]],
    journal: Callable[[], list[str]],
) -> None:
    call, boss = answered(), actor("supervisor")
    orders()
    party = calls.listen_in(call.pk, actor=boss)
    told(party, "joined")
    assert calls.listen_in(call.pk, whisper=True, actor=boss).pk == party.pk
    assert [(o["do"], o["party"], o["how"]) for o in orders()] == [
        ("invite", party.pk, "whisper"),
        ("invite", party.pk, "whisper"),
    ]
    calls.drop_party(party.pk, actor=boss)
    assert [k for k in journal() if k.startswith("party.")] == [
        *("party.invite", "party.join", "party.change", "party.leave")
    ]


def test_only_supervisors_listen_and_only_they_end_it(
    answered: Story, actor: Who, colleague: Actor
) -> None:
    call = answered()
    with pytest.raises(Forbidden):
        calls.listen_in(call.pk, actor=colleague)
    party = calls.listen_in(call.pk, actor=actor("supervisor"))
    with pytest.raises(Forbidden):
        calls.drop_party(party.pk, actor=actor("call_taker"))


def test_nobody_listens_to_themselves(ring: Story, actor: Who) -> None:
    call = calls.take_call(ring().pk, actor=actor("supervisor"))
    with pytest.raises(Refused):
        calls.listen_in(call.pk, actor=actor("supervisor"))


@proves("calls.listening_shows")
def test_operators_see_that_somebody_listens_unless_the_city_hides_it(
    answered: Story, actor: Who
) -> None:
    call = answered()
    calls.listen_in(call.pk, actor=actor("supervisor"))
    (shown,) = call_rows([call])[0]["parties"]
    assert (shown["how"], shown["state"]) == ("listen", "ringing")
    set_parameter("calls.listening_shows", 0, actor=actor("administrator"))
    assert call_rows([call])[0]["parties"] == []


def test_the_supervisors_screen_listens_whispers_and_stops(
    answered: Story, browser_of: Callable[[str | None], Client]
) -> None:
    call = answered()
    start_shift(
        role="call_taker", desk="P1", actor=of_user(User.objects.get(username="call_taker"))
    )
    boss = browser_of("supervisor")
    listen = f"/supervisor/calls/{call.pk}/listen"
    assert listen in boss.get("/supervisor").content.decode()
    assert boss.post(listen).status_code == 302
    party = CallParty.objects.get(call=call)
    stop = f"/supervisor/parties/{party.pk}/stop"
    assert stop in boss.get("/supervisor").content.decode()
    assert boss.post(listen, {"whisper": "1"}).status_code == 302
    party.refresh_from_db()
    assert party.how == "whisper"
    assert boss.post(stop).status_code == 302
    assert stop not in boss.get("/supervisor").content.decode()
    assert browser_of("call_taker").post(listen).status_code == 403


# --- the pages ------------------------------------------------------------------------


def test_the_phone_book_is_the_citys(browser_of: Callable[[str | None], Client]) -> None:
    browser = browser_of("administrator")
    assert "PLN 123" in browser.get("/admin/phonebook").content.decode()
    given = {"code": "jawa", "name": "Juru bahasa", "name_en": "Interpreter", "rank": "9"}
    given |= {"number": "+62354000111", "kind": "interpreter", "agency": "", "active": "on"}
    assert browser.post("/admin/phonebook/add", given | {"number": "no"}).status_code == 400
    assert browser.post("/admin/phonebook/add", given).status_code == 302
    book = browser_of("call_taker").get("/console/catalogue").json()["phone_book"]
    assert book[-1]["name"] == "Juru bahasa" or book[-1]["name"] == "Interpreter"
