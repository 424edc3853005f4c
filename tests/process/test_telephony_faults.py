"""What becomes of callers when a part of the centre dies under them, or is missing."""

import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from sim.sip import Call
from sim.voices import sound

from .apart import run_apart
from .centre import Centre, dialled, hear_each_other, on_the_line, talking, through
from .server import Server

pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.fixture(scope="module")
def centre(new_centre: Centre) -> Iterator[Centre]:
    """A centre of its own: its parts are killed here."""
    with new_centre.working():
        yield new_centre


@contextmanager
def a_short_life(centre: Centre, part: str) -> Iterator[None]:
    """Kill a part of the centre; it is back when the block is over."""
    process = getattr(centre, part)
    process.kill()
    try:
        yield
    finally:
        process.start()


async def talk_on_without_us(
    centre: Centre, leave: Callable[[], None], call: Call, leg: Call
) -> None:
    """Caller and operator hear each other while our process is away, and with the next one."""
    leave()
    assert (call.state, leg.state) == ("answered", "answered")
    await hear_each_other(leg, call)
    centre.control.start()
    await hear_each_other(leg, call)


# --- our processes --------------------------------------------------------------------


@on_the_line
async def test_the_process_at_the_gate_dies_and_no_caller_at_the_gate_is_lost(
    centre: Centre,
) -> None:
    async with dialled(centre.caller()) as call:
        await call.answered()
        await centre.becomes(state="presented")
        centre.control.kill()
        centre.control.start()
        await centre.becomes(state="queued", gate="open", gate_reason="recovered")
        assert call.state == "answered"


@on_the_line
async def test_who_is_set_aside_is_still_heard_by_the_next_process(centre: Centre) -> None:
    async with dialled(centre.caller()) as call:
        await centre.becomes(state="set_aside")
        centre.control.kill()
        centre.control.start()
        assert call.state == "answered"
        call.media.background(sound("speech", seed=3))
        await centre.becomes(state="queued", gate="speech")


@on_the_line
async def test_who_waits_in_the_queue_is_answered_through_the_next_process(centre: Centre) -> None:
    operator = centre.person()
    async with centre.desk() as phone, dialled(centre.caller()) as call:
        found = await through(centre, call)
        centre.control.kill()
        centre.control.start()
        operator.command(f"/calls/{found['id']}/take")
        await (await phone.next_call()).answered()
        await centre.until(lambda: centre.ask_call("answered_source") == [("exchange",)])
        operator.command(f"/calls/{found['id']}/end")
        await call.ended()
    centre.close(operator, found)


@on_the_line
async def test_who_talks_goes_on_talking_and_the_next_process_can_end_it(centre: Centre) -> None:
    async with talking(centre) as (operator, found, call, leg):
        await talk_on_without_us(centre, centre.control.kill, call, leg)
        operator.command(f"/calls/{found['id']}/hold")
        await centre.becomes(state="held")
        operator.command(f"/calls/{found['id']}/resume")
        await centre.becomes(state="answered")
        operator.command(f"/calls/{found['id']}/end")
        await call.ended()
        await leg.ended()
    centre.close(operator, found)


@on_the_line
async def test_a_process_that_is_stopped_in_good_order_ends_no_call(centre: Centre) -> None:
    async with talking(centre) as (operator, found, call, leg):
        await talk_on_without_us(centre, centre.control.stop, call, leg)
        assert (centre.last()["state"], "call.end" in centre.kinds(found["id"])) == (
            "answered",
            False,
        )
        operator.command(f"/calls/{found['id']}/end")
        await call.ended()
    centre.close(operator, found)


@on_the_line
async def test_who_is_on_hold_stays_so_until_the_next_process_is_told_to_go_on(
    centre: Centre,
) -> None:
    async with talking(centre) as (operator, found, call, leg):
        operator.command(f"/calls/{found['id']}/hold")
        await centre.becomes(state="held")
        centre.control.kill()
        centre.control.start()
        assert (call.state, leg.state, centre.last()["state"]) == ("answered", "answered", "held")
        operator.command(f"/calls/{found['id']}/resume")
        await centre.becomes(state="answered")
        await hear_each_other(leg, call)
        operator.command(f"/calls/{found['id']}/end")
        await call.ended()
    centre.close(operator, found)


@on_the_line
async def test_whose_operator_was_about_to_lift_is_put_through_by_the_next_process(
    centre: Centre,
) -> None:
    operator = centre.person()
    async with centre.desk(auto_answer=False) as phone, dialled(centre.caller()) as call:
        found = await through(centre, call)
        operator.command(f"/calls/{found['id']}/take")
        await phone.next_call()
        centre.control.kill()
        centre.control.start()
        leg = await phone.next_call()
        leg.answer()
        await hear_each_other(leg, call)
        operator.command(f"/calls/{found['id']}/end")
        await call.ended()
    centre.close(operator, found)


@on_the_line
async def test_who_hangs_up_while_the_process_is_away_is_known_to_have_left(
    centre: Centre,
) -> None:
    async with dialled(centre.caller()) as call:
        await through(centre, call)
        centre.control.kill()
    centre.control.start()
    await centre.becomes(state="callback_due", call_class="abandoned")


@on_the_line
async def test_without_the_process_every_telephone_rings(centre: Centre) -> None:
    async with centre.desk() as phone:
        with a_short_life(centre, "control"):
            async with dialled(centre.caller()) as call:
                leg = await phone.next_call()
                leg.answer()
                await hear_each_other(leg, call)


@on_the_line
async def test_who_came_without_the_process_and_is_not_answered_comes_to_the_next_one(
    centre: Centre,
) -> None:
    operator = centre.person()
    async with centre.desk(auto_answer=False) as phone:
        centre.control.kill()
        async with dialled(centre.caller()) as call:
            rings = await phone.next_call()
            centre.control.start()
            await centre.becomes(state="presented")
            found = centre.last()
            operator.command(f"/calls/{found['id']}/take")  # too early: not ours to give
            await centre.until(lambda: "call.refuse" in centre.kinds(found["id"]))
            await rings.ended()
            await centre.becomes(seconds=40, state="queued", gate="open", gate_reason="recovered")
            operator.command(f"/calls/{found['id']}/take")
            leg = await phone.next_call()
            leg.answer()
            await hear_each_other(leg, call)
            operator.command(f"/calls/{found['id']}/end")
            await call.ended()
    centre.close(operator, found)


@on_the_line
async def test_who_came_and_talks_without_the_process_is_known_to_do_so(centre: Centre) -> None:
    operator = centre.person()
    async with centre.desk(auto_answer=False) as phone:
        centre.control.kill()
        async with dialled(centre.caller()) as call:
            leg = await phone.next_call()
            leg.answer()
            await hear_each_other(leg, call)
            centre.control.start()
            found = await centre.becomes(state="answered")
            await hear_each_other(leg, call)
    await centre.becomes(state="wrap_up")
    centre.close(operator, found)


@on_the_line
async def test_who_is_answered_past_the_process_is_known_to_be(centre: Centre) -> None:
    operator = centre.person()
    async with centre.desk(auto_answer=False) as phone:
        centre.control.kill()
        async with dialled(centre.caller()) as call:
            leg = await phone.next_call()
            centre.control.start()
            found = await centre.becomes(state="presented")
            leg.answer()
            await centre.becomes(state="answered")
            await hear_each_other(leg, call)
    await centre.becomes(state="wrap_up")
    centre.close(operator, found)


@on_the_line
async def test_without_the_server_every_telephone_rings_and_it_learns_of_it_later(
    centre: Centre,
) -> None:
    centre.person()
    async with centre.desk() as phone:
        before = len(centre.calls())
        with a_short_life(centre, "server"):
            async with dialled(centre.caller()) as call:
                leg = await phone.next_call()
                leg.answer()
                await hear_each_other(leg, call)
        await centre.until(lambda: len(centre.calls()) > before)
        await centre.becomes(state="wrap_up", gate="open", gate_reason="no_control_room")
    centre.close(centre.person(), centre.last())


@on_the_line
async def test_the_server_dies_while_a_caller_talks_and_nothing_is_cut(centre: Centre) -> None:
    async with talking(centre) as (operator, found, call, leg):
        with a_short_life(centre, "server"):
            await hear_each_other(leg, call)
        await centre.becomes(state="answered")
        await call.hang_up()
        await centre.becomes(state="wrap_up")
    centre.close(centre.person(), found)


@contextmanager
def a_moment_without(process: Server) -> Iterator[None]:
    """A process that does nothing meanwhile, as on a machine that is too busy."""
    process.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        process.process.send_signal(signal.SIGCONT)


@on_the_line
async def test_an_order_that_never_came_is_made_up_for(centre: Centre) -> None:
    operator = centre.person()
    async with centre.desk() as phone, dialled(centre.caller()) as call:
        found = await through(centre, call)
        with a_moment_without(centre.control):
            operator.command(f"/calls/{found['id']}/take")
            centre.server.kill()
            centre.server.start()
        leg = await phone.next_call()
        await hear_each_other(leg, call)
        with a_moment_without(centre.control):
            centre.person().command(f"/calls/{found['id']}/close", **{"class": "test"})
            centre.server.kill()
            centre.server.start()
        await call.ended()
        await leg.ended()


@on_the_line
async def test_a_new_process_that_nobody_tells_of_people_rings_every_telephone(
    centre: Centre,
) -> None:
    centre.person()
    async with centre.desk(auto_answer=False) as phone:
        centre.control.kill()
        with a_short_life(centre, "server"):
            centre.control.start(wait=False)
            await centre.until(lambda: "Asterisk True" in centre.control.said())
            async with dialled(centre.caller()) as call:
                await call.answered()
                leg = await phone.next_call()
                leg.answer()
                await hear_each_other(leg, call)
    await centre.until(centre.control.is_ready)
    await centre.becomes(state="wrap_up")
    centre.close(centre.person(), centre.last())


@on_the_line
async def test_a_carrier_that_calls_no_number_comes_to_the_gate(centre: Centre) -> None:
    async with dialled(centre.caller(), number="s") as call:
        await through(centre, call)


# --- the voice detector, the prompts --------------------------------------------------


@on_the_line
async def test_without_the_voice_detector_the_gate_is_open(centre: Centre) -> None:
    pid = centre.voice_pid()
    signal.pidfd_send_signal(pid, signal.SIGSTOP)
    try:
        await centre.until(lambda: not centre.control.is_ready())
        async with dialled(centre.caller()):
            await centre.becomes(state="queued", gate="open", gate_reason="no_voice_detector")
    finally:
        signal.pidfd_send_signal(pid, signal.SIGKILL)
        await centre.until(centre.control.is_ready, 60)


@on_the_line
async def test_the_voice_detector_dies_and_who_is_at_the_gate_is_let_through(
    centre: Centre,
) -> None:
    centre.set("gate.first_s", 30)
    try:
        async with dialled(centre.caller()) as call:
            await call.answered()
            await centre.becomes(state="presented")
            signal.pidfd_send_signal(centre.voice_pid(), signal.SIGKILL)
            await centre.becomes(state="queued", gate="open", gate_reason="no_voice_detector")
    finally:
        centre.set("gate.first_s", 1)
        await centre.until(centre.control.is_ready, 60)


@on_the_line
async def test_without_a_prompt_the_gate_is_open(centre: Centre) -> None:
    prompt = centre.folder / "sounds" / "id" / "sigap" / "gate.wav"
    kept = prompt.with_suffix(".kept")
    shutil.move(prompt, kept)
    try:
        async with dialled(centre.caller()):
            await centre.becomes(state="queued", gate="open", gate_reason="no_prompt")
    finally:
        shutil.move(kept, prompt)


# --- Asterisk -------------------------------------------------------------------------


@on_the_line
async def test_asterisk_dies_and_its_callers_are_rung_back(centre: Centre) -> None:
    async with dialled(centre.caller()) as call:
        await through(centre, call)
        centre.exchange.kill()
        await centre.until(lambda: not centre.control.is_ready())
        centre.exchange.start()
        await centre.becomes(state="callback_due", call_class="abandoned")
        await centre.until(centre.control.is_ready)
        async with dialled(centre.caller()) as again:
            await through(centre, again)


@on_the_line
async def test_an_asterisk_that_answers_nothing_is_ended_and_the_next_one_takes_calls(
    centre: Centre,
) -> None:
    centre.set("calls.exchange_silent_s", 10)
    try:
        async with dialled(centre.caller()) as call:
            await through(centre, call)
            centre.exchange.process.send_signal(signal.SIGSTOP)
            await centre.until(lambda: centre.exchange.process.poll() == -signal.SIGKILL, 30)
            centre.exchange.start()
            await centre.becomes(state="callback_due", call_class="abandoned")
            await centre.until(centre.control.is_ready)
            async with dialled(centre.caller()) as again:
                await through(centre, again)
    finally:
        if centre.exchange.process.poll() is None:
            centre.exchange.process.send_signal(signal.SIGCONT)
        centre.set("calls.exchange_silent_s", 30)


# --- the disk -------------------------------------------------------------------------


def test_a_full_disk_cuts_off_nobody_who_talks() -> None:
    """All of `full_disk`, which see."""
    done = run_apart("-q", "-p", "no:cacheprovider", "-n0", "tests/process/full_disk.py")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "skipped" not in done.stdout, done.stdout
