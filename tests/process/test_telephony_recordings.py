"""Asterisk records every call, both sides, whatever becomes of our own processes."""

import wave
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from .centre import Centre, dialled, hear_each_other, on_the_line, rung_back, talking, through

pytestmark = pytest.mark.usefixtures("socket_enabled")
Samples = NDArray[np.int16]
LOUD = 1000  # of 32768
STATE = "SELECT state FROM calls_recording WHERE name = '{}'"


@pytest.fixture(scope="module")
def centre(new_centre: Centre) -> Iterator[Centre]:
    """A centre of its own: its parts are killed here."""
    with new_centre.working():
        yield new_centre


@asynccontextmanager
async def recorded(centre: Centre) -> AsyncIterator[list[Samples]]:
    """What is on record of the call that ends in this block: the caller, and what they heard.
    The server is away meanwhile, since it would take them at once."""
    incoming = centre.city.data_dir / "recordings" / "incoming"
    await centre.until(lambda: not any(incoming.glob("*.wav")))  # of the calls before
    centre.server.kill()
    found: list[Samples] = []
    try:
        yield found
        await centre.until(lambda: len(list(incoming.glob("[!.]*.wav"))) == 2)
        paths = sorted(incoming.glob("*.wav"))
        (name,) = {path.name.rpartition("-")[0] for path in paths}
        assert [path.name for path in paths] == [f"{name}-in.wav", f"{name}-out.wav"]
        found += map(samples, paths)
    finally:
        centre.server.start()
    await centre.until(lambda: centre.city.ask(STATE.format(name)) == [("stored",)])


def samples(path: Path) -> Samples:
    """What is in a file."""
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getframerate()) == (1, 8000)
        return np.frombuffer(file.readframes(file.getnframes()), np.int16)


def are_whole(sides: list[Samples]) -> None:
    """Both voices are there, each on its side, and in step."""
    caller, heard = sides
    assert len(caller) == len(heard)
    for side in sides:
        assert (np.abs(side.astype(np.int32)) > LOUD).sum() > 200


@on_the_line
async def test_both_voices_are_recorded_in_step(centre: Centre) -> None:
    operator = centre.person()
    async with centre.desk() as phone, dialled(centre.caller()) as call:
        found = await through(centre, call)
        operator.command(f"/calls/{found['id']}/take")
        await hear_each_other(await phone.next_call(), call)
        async with recorded(centre) as sides:
            await call.hang_up()
            await centre.until(lambda: centre.channels() == 0)
    are_whole(sides)
    centre.close(centre.person(), found)


@on_the_line
async def test_who_hangs_up_before_any_sound_leaves_no_recording_behind(centre: Centre) -> None:
    async with dialled(centre.caller(), sends=False) as call:
        await call.answered()
    await centre.becomes(state="callback_due")
    spool = centre.folder / "spool" / "recording"
    await centre.until(lambda: not any(spool.iterdir()))
    async with dialled(centre.caller()) as call:  # the next one is kept, this one was not lost
        await through(centre, call)
    await centre.until(lambda: centre.city.ask(STATE.format(f"{centre.last()['external_id']}_1")))
    assert centre.city.ask("SELECT 1 FROM calls_recording WHERE state = 'missing'") == []


@on_the_line
async def test_a_recording_goes_on_while_our_process_is_dead(centre: Centre) -> None:
    async with talking(centre) as (operator, found, call, leg):
        centre.control.kill()
        await hear_each_other(leg, call)
        centre.control.start()
        async with recorded(centre) as sides:
            await call.hang_up()
    are_whole(sides)
    centre.close(centre.person(), found)


@on_the_line
async def test_who_calls_while_our_process_is_dead_is_recorded(centre: Centre) -> None:
    async with recorded(centre) as sides:
        centre.control.kill()
        async with centre.desk() as phone, dialled(centre.caller()) as call:
            leg = await phone.next_call()
            leg.answer()
            await hear_each_other(leg, call)
        centre.control.start(wait=False)
    are_whole(sides)
    await centre.until(centre.control.is_ready)


@on_the_line
async def test_who_called_while_our_process_was_dead_is_known_to_have_left(centre: Centre) -> None:
    centre.control.kill()
    async with centre.desk() as phone, dialled(centre.caller()) as call:
        (leg := await phone.next_call()).answer()
        centre.control.start()
        await hear_each_other(leg, call)
        found = await centre.becomes(state="answered")
    await centre.becomes(state="wrap_up")
    await centre.until(lambda: centre.city.ask(STATE.format(f"{found['external_id']}_1")))


@on_the_line
async def test_whom_we_ring_back_is_recorded(centre: Centre) -> None:
    async with (
        rung_back(centre, "081377700003") as (_operator, found, back, _leg),
        recorded(centre) as sides,
    ):
        await back.hang_up()
    are_whole(sides)
    centre.close(centre.person(), found)
