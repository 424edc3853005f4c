"""The exchange's own times, and callers who hang up in each state, with a real Asterisk."""

import signal
from collections.abc import Iterator

import pytest

from sigap.gateways.asterisk.prompts import RATE
from sim.sip import alaw

from .centre import Centre, dialled, on_the_line, through

pytestmark = pytest.mark.usefixtures("socket_enabled")
PLACE_HZ, PROMPT_HZ = 1200, 1500


@pytest.fixture(scope="module")
def centre(new_centre: Centre) -> Iterator[Centre]:
    """One centre for all that happens here."""
    with new_centre.working():
        yield new_centre


# --- times ----------------------------------------------------------------------------


@on_the_line
async def test_who_waits_hears_their_place_again_and_again(centre: Centre) -> None:
    prompt = centre.folder / "sounds" / "id" / "sigap" / "place-1.wav"
    before = prompt.read_bytes()
    assert alaw.RATE == RATE
    alaw.write(prompt, alaw.tones(0.5, PLACE_HZ))
    centre.set("calls.comfort_s", 2)
    try:
        async with dialled(centre.caller()) as call:
            await through(centre, call)
            first = await call.heard.tone(PLACE_HZ)
            assert await call.heard.tone(PLACE_HZ, since=first + 1) > first
    finally:
        centre.set("calls.comfort_s", 30)
        prompt.write_bytes(before)


@pytest.mark.parametrize(
    ("wait_ms", "becomes"),
    [(60_000, {"gate": "skipped", "gate_reason": "off"}), (400, {"state": "set_aside"})],
)
@on_the_line
async def test_the_gate_waits_so_long_to_be_told_of_a_caller_and_then_asks(
    centre: Centre, wait_ms: int, becomes: dict[str, str]
) -> None:
    centre.set("gate.on", 0)
    centre.set("gate.wait_ms", wait_ms)
    prompt = centre.folder / "sounds" / "id" / "sigap" / "gate.wav"
    before = prompt.read_bytes()
    alaw.write(prompt, alaw.tones(0.5, PROMPT_HZ))
    server = centre.server.process
    server.send_signal(signal.SIGSTOP)  # it knows the caller and does not get to say so
    try:
        async with dialled(centre.caller()) as call:
            await call.answered()
            if "state" in becomes:
                await call.heard.tone(PROMPT_HZ)
            server.send_signal(signal.SIGCONT)
            await centre.becomes(**becomes)
    finally:
        server.send_signal(signal.SIGCONT)
        prompt.write_bytes(before)
        centre.set("gate.on", 1)
        centre.set("gate.wait_ms", 400)


@on_the_line
async def test_a_telephone_that_is_not_lifted_in_time_gives_the_call_back(centre: Centre) -> None:
    operator = centre.person()
    centre.set("calls.phone_answer_s", 2)
    try:
        async with centre.desk(auto_answer=False) as phone, dialled(centre.caller()) as call:
            found = await through(centre, call)
            operator.command(f"/calls/{found['id']}/take")
            leg = await phone.next_call()
            await leg.ended()
            await centre.until(lambda: "call.refuse" in centre.kinds(found["id"]))
            await centre.becomes(state="queued")
            assert call.state == "answered"
    finally:
        centre.set("calls.phone_answer_s", 15)


@on_the_line
async def test_an_agency_that_does_not_answer_in_time_is_rung_no_more(centre: Centre) -> None:
    operator = centre.person()
    centre.set("calls.party_answer_s", 3)
    try:
        async with (
            centre.line(behaviour="ring") as line,
            centre.desk() as phone,
            dialled(centre.caller()) as call,
        ):
            await centre.is_online()
            found = await through(centre, call)
            operator.command(f"/calls/{found['id']}/take")
            await phone.next_call()
            await centre.until(lambda: centre.ask_call("answered_source") == [("exchange",)])
            operator.command(f"/calls/{found['id']}/invite", entry="psc119")
            agency = await line.next_call()
            await agency.ended()
            asked = "SELECT state, reason FROM calls_callparty ORDER BY id DESC LIMIT 1"
            await centre.until(lambda: centre.city.ask(asked) == [("failed", "no_answer")])
            assert call.state == "answered"
    finally:
        centre.set("calls.party_answer_s", 45)
    centre.close(operator, found)


# --- hanging up -----------------------------------------------------------------------
# At the gate and in the queue: see `test_telephony`.


@on_the_line
async def test_who_hangs_up_while_telephones_ring_ends_the_ringing(centre: Centre) -> None:
    centre.person()
    centre.set("calls.phones_ring_s", 0)
    try:
        async with centre.desk(auto_answer=False) as phone:
            async with dialled(centre.caller("081200000003")) as call:
                await through(centre, call)
                leg = await phone.next_call()
            await leg.ended()
        await centre.becomes(state="callback_due", call_class="abandoned")
    finally:
        centre.set("calls.phones_ring_s", 300)


@on_the_line
async def test_who_hangs_up_before_the_operators_telephone_is_lifted_is_left_to_that_operator(
    centre: Centre,
) -> None:
    operator = centre.person()
    async with centre.desk(auto_answer=False) as phone:
        async with dialled(centre.caller("081200000004")) as call:
            found = await through(centre, call)
            operator.command(f"/calls/{found['id']}/take")
            leg = await phone.next_call()
        await leg.ended()
    await centre.becomes(state="wrap_up")
    await centre.until(lambda: centre.channels() == 0)
    centre.close(operator, found)


@pytest.mark.parametrize("state", ["answered", "held"])
@on_the_line
async def test_who_hangs_up_after_the_answer_leaves_a_call_to_be_closed(
    centre: Centre, state: str
) -> None:
    operator = centre.person()
    async with centre.desk() as phone:
        async with dialled(centre.caller("081200000005")) as call:
            found = await through(centre, call)
            operator.command(f"/calls/{found['id']}/take")
            leg = await phone.next_call()
            await centre.until(lambda: centre.ask_call("answered_source") == [("exchange",)])
            if state == "held":
                operator.command(f"/calls/{found['id']}/hold")
            await centre.becomes(state=state)
        await leg.ended()
    await centre.becomes(state="wrap_up")
    await centre.until(lambda: centre.channels() == 0)
    centre.close(operator, found)
