"""A real Asterisk, real SIP callers with sound, and the gate, queue and telephones between."""

import asyncio
import functools
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from sim.sip import CallEnded
from sim.voices import sound

from .centre import Centre, dialled
from .cities import City, set_up

MOST_S = 60
pytestmark = pytest.mark.usefixtures("socket_enabled")


def on_the_line(story: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """Let a story run that waits for what happens on the line."""

    async def in_time(**fixtures: Any) -> None:
        async with asyncio.timeout(MOST_S):
            await story(**fixtures)

    @functools.wraps(story)
    def told(**fixtures: Any) -> None:
        asyncio.run(in_time(**fixtures))

    return told


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """One centre, with short prompts and a gate that listens for a second only."""
    city = set_up(City(tmp_path_factory.mktemp("centre") / "data"))
    centre = Centre(city)
    centre.set("gate.first_s", 1)
    centre.set("gate.second_s", 1)
    centre.set("calls.phones_ring_s", 300)
    with centre.working():
        yield centre


# --- the gate -------------------------------------------------------------------------


@on_the_line
async def test_a_silent_caller_is_set_aside_with_the_line_open(centre: Centre) -> None:
    async with dialled(centre.caller()) as call:
        found = await centre.becomes(state="set_aside", gate="silent", gate_reason="no_sign")
        assert call.state == "answered"
        assert "call.abandon" not in centre.kinds(found["id"])
    await centre.becomes(state="closed", call_class="silent")


@on_the_line
async def test_who_sends_no_sound_at_all_is_not_taken_for_silent(centre: Centre) -> None:
    async with dialled(centre.caller(), sends=False):
        await centre.becomes(state="queued", gate="open", gate_reason="no_sound")


@pytest.mark.parametrize(("key", "reason"), [("0", ""), ("7", "other_key"), ("#", "other_key")])
@on_the_line
async def test_any_key_lets_a_caller_through(centre: Centre, key: str, reason: str) -> None:
    async with dialled(centre.caller()) as call:
        await call.answered()
        await call.dtmf(key)
        await centre.becomes(state="queued", gate="key", gate_reason=reason)


@on_the_line
async def test_a_key_that_is_only_a_tone_counts_as_well(centre: Centre) -> None:
    async with dialled(centre.caller(), events=False) as call:
        await call.answered()
        await call.dtmf("0", in_band=True)
        await centre.becomes(state="queued", gate="key")


SPOKEN = ["tolong", "halo", "whisper", "child", "shout", "speech_in_street"]


@pytest.mark.parametrize("kind", SPOKEN)
@on_the_line
async def test_who_speaks_needs_no_key(centre: Centre, kind: str) -> None:
    async with dialled(centre.caller()) as call:
        await call.answered()
        await call.play(sound(kind, seed=1))
        await centre.becomes(state="queued", gate="speech")


@on_the_line
async def test_who_is_set_aside_is_heard_as_soon_as_they_speak(centre: Centre) -> None:
    async with dialled(centre.caller()) as call:
        await centre.becomes(state="set_aside")
        call.media.background(sound("speech", seed=2))
        await centre.becomes(state="queued", gate="speech")


@on_the_line
async def test_a_noise_that_does_not_stop_is_queued_behind_voices_and_keys(
    centre: Centre,
) -> None:
    centre.set("gate.second_s", 8)
    try:
        async with dialled(centre.caller()) as call:
            await call.answered()
            call.media.background(sound("street", seed=1))
            await centre.becomes(state="queued", gate="noise")
    finally:
        centre.set("gate.second_s", 1)


@pytest.mark.parametrize("kind", ["pocket", "hiss"])
@on_the_line
async def test_a_telephone_in_a_pocket_is_set_aside(centre: Centre, kind: str) -> None:
    async with dialled(centre.caller()) as call:
        call.media.background(sound(kind, seed=1))
        await centre.becomes(state="set_aside")


@on_the_line
async def test_a_withheld_number_is_no_reason_for_anything(centre: Centre) -> None:
    async with dialled(centre.caller(), withheld=True) as call:
        await call.answered()
        await call.dtmf("0")
        await centre.becomes(state="queued", gate="key")


# --- callers who leave ----------------------------------------------------------------


@on_the_line
async def test_who_hangs_up_at_once_is_rung_back(centre: Centre) -> None:
    async with dialled(centre.caller("081200000001")) as call:
        await call.answered()
        await centre.until(lambda: centre.last()["state"] in ("presented", "screening"))
    await centre.becomes(state="callback_due", call_class="abandoned")


@on_the_line
async def test_who_hangs_up_in_the_queue_is_rung_back(centre: Centre) -> None:
    async with dialled(centre.caller("081200000002")) as call:
        await call.answered()
        await call.dtmf("0")
        await centre.becomes(state="queued")
    await centre.becomes(state="callback_due", call_class="abandoned")
    await centre.until(lambda: centre.channels() == 0)


# --- operators ------------------------------------------------------------------------


@on_the_line
async def test_an_operator_takes_the_call_on_the_screen_and_talks_on_the_telephone(
    centre: Centre,
) -> None:
    operator = centre.person()
    async with centre.desk() as phone, dialled(centre.caller()) as call:
        found = await through(centre, call)
        operator.command(f"/calls/{found['id']}/take")
        leg = await phone.next_call()
        await leg.answered()
        assert leg.invite.header("X-Sigap-Call") == found["external_id"]
        await centre.until(lambda: ("exchange",) in centre.ask_call("answered_source"))
        leg.media.background(sound("music", seed=1))
        await asyncio.wait_for(call.heard.sound(lasting=0.5, since=now()), 5)
        call.media.background(sound("music", seed=2))
        await asyncio.wait_for(leg.heard.sound(lasting=0.5, since=now()), 5)
        operator.command(f"/calls/{found['id']}/hold")
        await centre.becomes(state="held")
        operator.command(f"/calls/{found['id']}/resume")
        await centre.becomes(state="answered")
        operator.command(f"/calls/{found['id']}/end")
        await asyncio.wait_for(call.ended(), 5)
        await asyncio.wait_for(leg.ended(), 5)
    await centre.becomes(state="wrap_up")
    close(operator, found)


@on_the_line
async def test_a_telephone_that_refuses_loses_nobody(centre: Centre) -> None:
    operator = centre.person()
    async with (
        centre.desk(behaviour="decline", auto_answer=False),
        dialled(centre.caller()) as call,
    ):
        found = await through(centre, call)
        operator.command(f"/calls/{found['id']}/take")
        await centre.until(lambda: "call.refuse" in centre.kinds(found["id"]))
        await centre.becomes(state="queued")
        assert call.state == "answered"


@on_the_line
async def test_an_operator_without_a_telephone_loses_nobody(centre: Centre) -> None:
    operator = centre.person()
    async with dialled(centre.caller()) as call:
        found = await through(centre, call)
        operator.command(f"/calls/{found['id']}/take")
        await centre.until(lambda: "call.refuse" in centre.kinds(found["id"]))
        await centre.becomes(state="queued")
        assert call.state == "answered"


@on_the_line
async def test_of_two_who_lift_one_has_the_call(centre: Centre) -> None:
    centre.set("calls.phones_ring_s", 0)
    centre.set("calls.supervisors_ring_s", 0)
    try:
        centre.person()
        centre.begin_shift("supervisor")
        async with (
            centre.desk("call_taker") as one,
            centre.desk("supervisor") as two,
            dialled(centre.caller()) as call,
        ):
            await through(centre, call)
            first, second = await one.next_call(), await asyncio.wait_for(two.next_call(), 15)
            first.answer()
            second.answer()
            await centre.becomes(state="answered")
            await asyncio.wait(
                {asyncio.ensure_future(c.ended()) for c in (first, second)},
                return_when=asyncio.FIRST_COMPLETED,
                timeout=10,
            )
            states = {first.state, second.state}
            assert states == {"answered", "ended"}
            assert call.state == "answered"
    finally:
        centre.set("calls.phones_ring_s", 300)
        centre.set("calls.supervisors_ring_s", 30)


async def through(centre: Centre, call: Any) -> dict[str, Any]:
    """Press 0, and wait in the queue."""
    await call.answered()
    await call.dtmf("0")
    return await centre.becomes(state="queued")


def close(operator: Any, call: dict[str, Any]) -> None:
    """Say what it was, so that the operator is free."""
    assert operator.command(f"/calls/{call['id']}/close", **{"class": "test"}).status_code == 200


def now() -> float:
    """The event loop's clock, by which telephones tell the time."""
    return asyncio.get_running_loop().time()


__all__ = ["CallEnded"]
