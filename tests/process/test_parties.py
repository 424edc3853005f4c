"""More than two on a line, with a real Asterisk: agencies, colleagues, a supervisor who listens."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import Any

import pyotp
import pytest

from sim.sip import Call, Phone, Trunk
from sim.sip.media import LOUD_DB, Packet
from sim.voices import sound

from .asking import Person
from .centre import SOON_S, Centre, Talk, hear_each_other, on_the_line, talking

pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.fixture(scope="module")
def centre(new_centre: Centre) -> Iterator[Centre]:
    """One centre for all that happens here."""
    with new_centre.working():
        yield new_centre


@pytest.fixture(scope="module")
def boss(centre: Centre) -> Person:
    """The supervisor, who has to set up a second factor first."""
    person = Person(centre.server.url, "supervisor")
    page = person.http.get("/account/second-factor").text
    secret = re.search(r'class="[^"]*secret[^"]*">([A-Z2-7 ]+)<', page)
    assert secret, page
    code = pyotp.TOTP(secret[1].replace(" ", "")).now()
    person.command("/account/second-factor", code=code)
    assert person.http.get("/supervisor").status_code == 200
    return person


@asynccontextmanager
async def reachable_line(centre: Centre, line: Trunk | None) -> AsyncIterator[None]:
    """The carrier is there in every story: Asterisk asks it from time to time, and rings nobody
    through one that was silent."""
    if line:
        yield
    else:
        async with centre.line():
            yield


@asynccontextmanager
async def in_talk(centre: Centre, line: Trunk | None = None) -> AsyncIterator[Talk]:
    """An operator who talks with a caller; the call is closed afterwards."""
    async with reachable_line(centre, line), talking(centre) as talk:
        operator, found, *_ends = talk
        yield talk
    await centre.until(lambda: centre.channels() == 0)
    if operator_of(centre) == "call_taker" and centre.last()["state"] == "wrap_up":
        centre.close(operator, found)


def ask(person: Person, path: str, **data: Any) -> int:
    """Send a command that must succeed; the number of the party that it made."""
    answer = person.command(path, **data)
    assert answer.status_code == 200, answer.text
    return int(answer.json().get("party", 0))


def parties(centre: Centre) -> list[tuple[Any, ...]]:
    """How each party of the newest call stands, and why."""
    return centre.city.ask(
        "SELECT state, reason FROM calls_callparty WHERE call_id = "
        "(SELECT MAX(id) FROM calls_call) ORDER BY id"
    )


def operator_of(centre: Centre) -> str:
    """The user name of whoever has the newest call."""
    ((name,),) = centre.city.ask(
        "SELECT username FROM core_user JOIN calls_call ON operator_id = core_user.id "
        "ORDER BY calls_call.id DESC LIMIT 1"
    )
    return str(name)


async def hears(listens: Call, speaks: Call, *others: Call) -> None:
    """What one says the other hears, and none of these others does."""
    since = asyncio.get_running_loop().time()
    speaks.media.background(sound("music", seed=1))
    try:
        async with asyncio.timeout(SOON_S):
            await listens.heard.sound(lasting=1.0, since=since)
    finally:
        speaks.media.background(None)
    for other in others:
        loud = [s for s in other.heard.spans() if s[1] > since and s[1] - max(s[0], since) > 0.3]
        assert not loud, "heard by somebody who should not"


@contextmanager
def speaking(call: Call) -> Iterator[None]:
    """Somebody speaks meanwhile."""
    call.media.background(sound("music", seed=1))
    try:
        yield
    finally:
        call.media.background(None)


def _has_grown(packets: list[Packet], most: int) -> bool | None:
    return len(packets) > most or None


async def nothing_reaches(*calls: Call) -> None:
    """Two seconds' worth of packets come in, and nothing is heard in them."""
    for call in calls:
        packets, begin = call.heard.packets, len(call.heard.packets)
        await call.heard.until(partial(_has_grown, packets, begin + 100))
        loud = [p for p in call.heard.packets[begin + 25 :] if p.level > LOUD_DB]
        assert not loud, "heard by somebody who should not"


@asynccontextmanager
async def colleague(centre: Centre, name: str = "supervisor", **how: Any) -> AsyncIterator[Phone]:
    """Somebody else at a desk, with a telephone."""
    centre.begin_shift(name)
    try:
        async with centre.desk(name, **how) as phone:
            path = f"endpoints/PJSIP/{phone.number}"
            await centre.until(lambda: centre.ari(path).json()["state"] == "online")
            yield phone
    finally:
        centre.city.do(
            "UPDATE core_shift SET ended_at = CURRENT_TIMESTAMP WHERE user_id = "
            f"(SELECT id FROM core_user WHERE username = '{name}')"
        )


def number_of(centre: Centre, name: str) -> int:
    """Somebody's number in the database."""
    ((pk,),) = centre.city.ask(f"SELECT id FROM core_user WHERE username = '{name}'")
    return int(pk)


async def invited(centre: Centre, operator: Person, call: int, line: Trunk) -> Call:
    """The ambulance service, brought into the call."""
    ask(operator, f"/calls/{call}/invite", entry="psc119")
    agency = await line.next_call()
    await centre.until(lambda: parties(centre)[-1] == ("joined", ""))
    return agency


@on_the_line
async def test_three_talk_and_each_hears_each(centre: Centre) -> None:
    async with centre.line() as line, in_talk(centre, line) as (operator, found, caller, leg):
        agency = await invited(centre, operator, found["id"], line)
        assert agency.called == "119"
        await hear_each_other(caller, agency)
        await hear_each_other(leg, agency)
        await hear_each_other(leg, caller)
        await agency.hang_up()
        await centre.until(lambda: parties(centre) == [("left", "")])
        await hear_each_other(leg, caller)


@on_the_line
async def test_a_held_caller_does_not_hear_what_operator_and_agency_say(centre: Centre) -> None:
    async with centre.line() as line, in_talk(centre, line) as (operator, found, caller, leg):
        ask(operator, f"/calls/{found['id']}/hold")
        await centre.becomes(state="held")
        agency = await invited(centre, operator, found["id"], line)
        await hear_each_other(leg, agency)
        ask(operator, f"/calls/{found['id']}/resume")
        await centre.until(lambda: "call.resume" in centre.kinds(found["id"]))
        await hear_each_other(caller, agency)


@on_the_line
async def test_an_agency_that_is_busy_is_said_to_be(centre: Centre) -> None:
    async with (
        centre.line(behaviour="busy") as line,
        in_talk(centre, line) as (operator, found, caller, leg),
    ):
        ask(operator, f"/calls/{found['id']}/invite", entry="psc119")
        await centre.until(lambda: parties(centre) == [("failed", "busy")])
        await hear_each_other(leg, caller)


@on_the_line
async def test_a_colleague_who_takes_the_call_has_it(centre: Centre, boss: Person) -> None:
    async with in_talk(centre) as (operator, found, caller, leg), colleague(centre) as phone:
        taker = number_of(centre, "supervisor")
        ask(operator, f"/calls/{found['id']}/transfer", user=taker)
        theirs = await phone.next_call()
        assert operator_of(centre) == "call_taker"
        await hear_each_other(leg, caller)
        theirs.answer()
        await leg.ended()
        await centre.until(lambda: operator_of(centre) == "supervisor")
        await hear_each_other(theirs, caller)
        assert parties(centre) == [("taken", "")]
        await caller.hang_up()
        await centre.becomes(state="wrap_up")
        centre.close(boss, found)


@on_the_line
async def test_a_colleague_who_refuses_leaves_the_call_where_it_is(centre: Centre) -> None:
    async with (
        in_talk(centre) as (operator, found, caller, leg),
        colleague(centre, behaviour="decline"),
    ):
        taker = number_of(centre, "supervisor")
        ask(operator, f"/calls/{found['id']}/transfer", user=taker)
        await centre.until(lambda: parties(centre) == [("failed", "declined")])
        assert operator_of(centre) == "call_taker"
        await hear_each_other(leg, caller)


@on_the_line
async def test_an_operator_leaves_and_caller_and_agency_talk_on(centre: Centre) -> None:
    async with centre.line() as line, in_talk(centre, line) as (operator, found, caller, leg):
        agency = await invited(centre, operator, found["id"], line)
        ask(operator, f"/calls/{found['id']}/leave")
        await leg.ended()
        await centre.becomes(state="wrap_up")
        centre.close(operator, found)
        await hear_each_other(caller, agency)
        await agency.hang_up()
        await caller.ended()
        await centre.until(lambda: parties(centre) == [("left", "")])


@on_the_line
async def test_who_listens_hears_both_and_is_heard_by_nobody(centre: Centre, boss: Person) -> None:
    async with in_talk(centre) as (_operator, found, caller, leg), colleague(centre) as phone:
        ask(boss, f"/supervisor/calls/{found['id']}/listen")
        ear = await phone.next_call()
        await centre.until(lambda: parties(centre) == [("joined", "")])
        await hears(ear, caller)
        await hears(ear, leg)
        with speaking(ear):
            await nothing_reaches(leg, caller)
        party = ask(boss, f"/supervisor/calls/{found['id']}/listen", whisper=True)
        await centre.until(lambda: "party.change" in journal(centre, party))
        await hears(leg, ear, caller)
        ask(boss, f"/supervisor/parties/{party}/stop")
        await ear.ended()
        await hear_each_other(leg, caller)


def journal(centre: Centre, party: int) -> list[str]:
    """What the journal has of a party."""
    subject = f"party:{party}"
    rows = centre.city.ask(f"SELECT kind FROM core_journal WHERE subject LIKE '%{subject}'")
    return [kind for (kind,) in rows]


@on_the_line
async def test_three_talk_on_through_a_new_process(centre: Centre) -> None:
    async with centre.line() as line, in_talk(centre, line) as (operator, found, caller, leg):
        agency = await invited(centre, operator, found["id"], line)
        centre.control.kill()
        await hear_each_other(caller, agency)
        centre.control.start()
        await hear_each_other(leg, agency)
        await hear_each_other(leg, caller)
        (party,) = centre.city.ask("SELECT MAX(id) FROM calls_callparty")[0]
        ask(operator, f"/calls/parties/{party}/drop")
        await agency.ended()
        assert parties(centre) == [("left", "")]
        await hear_each_other(leg, caller)
