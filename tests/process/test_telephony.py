"""A real Asterisk, real SIP callers with sound, and the gate, queue and telephones between."""

import asyncio
from collections.abc import Iterator

import pytest

from sim.voices import sound

from .centre import Centre, dialled, hear_each_other, on_the_line, rung_back, through

pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.fixture(scope="module")
def centre(new_centre: Centre) -> Iterator[Centre]:
    """One centre for all that happens here."""
    with new_centre.working():
        yield new_centre


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


SPOKEN = ["tolong", "halo", "child", "shout", "speech_in_street"]


@pytest.mark.parametrize("kind", SPOKEN)
@on_the_line
async def test_who_speaks_needs_no_key(centre: Centre, kind: str) -> None:
    async with dialled(centre.caller()) as call:
        await call.answered()
        call.media.background(sound(kind, seed=1))  # who needs help says it again
        await centre.becomes(state="queued", gate="speech")


@on_the_line
async def test_who_whispers_is_queued_as_a_voice_or_as_a_sound(centre: Centre) -> None:
    async with dialled(centre.caller()) as call:
        await call.answered()
        await call.play(sound("whisper", seed=1))
        found = await centre.becomes(state="queued")
        assert found["gate"] in ("speech", "noise")


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


@on_the_line
async def test_the_hiss_of_a_line_is_silence(centre: Centre) -> None:
    async with dialled(centre.caller()) as call:
        call.media.background(sound("hiss", seed=1))
        await centre.becomes(state="set_aside")


@pytest.mark.parametrize("kind", ["pocket", "tapping"])
@on_the_line
async def test_any_sound_is_a_sign_in_the_end(centre: Centre, kind: str) -> None:
    async with dialled(centre.caller()) as call:
        call.media.background(sound(kind, seed=1))
        await centre.becomes(state="queued", gate="noise", gate_reason="some_sound")


@on_the_line
async def test_where_the_city_wants_it_a_telephone_in_a_pocket_is_set_aside(
    centre: Centre,
) -> None:
    centre.set("gate.sound_s", 0)
    try:
        async with dialled(centre.caller()) as call:
            call.media.background(sound("pocket", seed=1))
            await centre.becomes(state="set_aside")
    finally:
        centre.set("gate.sound_s", 0.2)


@on_the_line
async def test_who_is_set_aside_and_taps_is_queued(centre: Centre) -> None:
    async with dialled(centre.caller()) as call:
        await centre.becomes(state="set_aside")
        call.media.background(sound("tapping", seed=2))
        await centre.becomes(state="queued", gate="noise", gate_reason="some_sound")


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
        await hear_each_other(leg, call)
        operator.command(f"/calls/{found['id']}/hold")
        await centre.becomes(state="held")
        operator.command(f"/calls/{found['id']}/resume")
        await centre.becomes(state="answered")
        operator.command(f"/calls/{found['id']}/end")
        await asyncio.wait_for(call.ended(), 5)
        await asyncio.wait_for(leg.ended(), 5)
    await centre.becomes(state="wrap_up")
    centre.close(operator, found)


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
            centre.desk("call_taker", auto_answer=False) as one,
            centre.desk("supervisor", auto_answer=False) as two,
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


@on_the_line
async def test_a_new_password_of_a_telephone_is_known_within_seconds(
    centre: Centre,
) -> None:
    ((epoch,),) = centre.city.ask("SELECT epoch FROM core_user WHERE username = 'call_taker'")
    written = centre.folder / "pjsip_phones.conf"
    before = written.read_text()
    # As after a change of the password: the old telephone's password must not work any more.
    centre.city.do(f"UPDATE core_user SET epoch = {epoch + 1} WHERE username = 'call_taker'")
    await centre.until(lambda: written.read_text() != before)
    while True:
        try:
            async with centre.desk():
                return
        except AssertionError:  # it is written, and Asterisk has not read it yet
            await asyncio.sleep(0.1)


# --- call-backs -----------------------------------------------------------------------


@on_the_line
async def test_a_lost_caller_is_rung_back_by_itself_and_talks_with_an_operator(
    centre: Centre,
) -> None:
    async with rung_back(centre, "081377700001") as (operator, found, back, _leg):
        assert back.called == "081377700001"
        operator.command(f"/calls/{found['id']}/end")
        await back.ended()
        first = found["id"] - 1
        await centre.until(lambda: centre.state_of(first) == "reached")
        assert "call.dialled" in centre.kinds(first)
    centre.close(operator, found)


@on_the_line
async def test_a_lost_caller_who_does_not_answer_is_tried_again_up_to_the_limit(
    centre: Centre,
) -> None:
    centre.settle_all()
    for name, number in {"calls.callback_due_s": 1, "calls.callback_limit": 2}.items():
        centre.set(name, number)
    centre.person()
    try:
        async with centre.line(behaviour="busy") as line:
            await centre.is_online()
            async with dialled(centre.caller("081377700002")) as lost:
                found = await through(centre, lost)
            await centre.until(lambda: centre.state_of(found["id"]) == "no_answer", 40)
            assert [call.called for call in line.calls] == 2 * ["081377700002"]
            assert centre.kinds(found["id"])[-2:] == ["call.dialled", "call.give_up"]
    finally:
        for name, number in {"calls.callback_due_s": 120, "calls.callback_limit": 3}.items():
            centre.set(name, number)
