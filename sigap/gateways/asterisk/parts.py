"""What listens to a caller: the voice detector's feed; and the recordings, which Asterisk makes."""

import asyncio
import itertools
import logging
import os
import shutil
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from .ari import Ari, Gone, Unreachable
from .config import EARS
from .gate import rule

if TYPE_CHECKING:
    from .call import Call
    from .control import Control

log = logging.getLogger("sigap.telephony")
_numbers = itertools.count(1)
FINISH_S, LOOK_S, AGAIN_S = 3.0, 0.1, 10.0
PACKET_S = 0.02
SHOWN_NUMBER = "112"  # on operators' telephones; the caller's own is on the screen
HEAD = 44  # bytes of a sound file without any sound
# By these ends of their names the parts of a call are known again.
PARTS = ("tap", "play", "leg", "party", "spy")


def leg_id(channel: str, part: str) -> str:
    """A name for something that belongs to a call, never given twice: `<channel>-leg-<n>`."""
    return f"{channel}-{part}-{os.getpid()}.{next(_numbers)}"


def part_of(channel: str) -> str:
    """Which part of a call a channel of ours is; empty for the caller's own."""
    name = channel.split("-")[-2:-1]
    return name[0] if name and name[0] in PARTS else ""


def owner_of(channel: str) -> str:
    """The caller's channel that a part belongs to."""
    return channel.rpartition(f"-{part_of(channel)}-")[0] if part_of(channel) else ""


async def bridge(ari: Ari, name: str, *channels: str) -> None:
    """Put these channels together, with whoever is in the bridge of this name already."""
    with suppress(Gone):  # it is there
        await ari.post(f"bridges/{name}", type="mixing")
    await ari.post(f"bridges/{name}/addChannel", channel=",".join(channels))


async def ring(
    call: "Call", phone: str, leg: str, part: str, wait_s: int, *, named: bool, lifts: bool
) -> None:
    """Have a telephone rung for a call, on a channel of this name. `part` says what for, to the
    next process of ours; `named` says to the telephone which call it is, `lifts` that it is to
    take it at once. Raises Gone or Unreachable."""
    facts = {"SIGAP_CALL": call.channel, "SIGAP_PART": part}
    if named:
        facts["PJSIP_HEADER(add,X-Sigap-Call)"] = call.channel
    if lifts:
        facts["PJSIP_HEADER(add,Call-Info)"] = "<sip:sigap>;answer-after=0"
    await call.ari.post(
        "channels",
        {"variables": facts},
        endpoint=f"PJSIP/{phone}",
        app=call.control.app,
        appArgs=f"{part_of(leg)},{call.channel}",
        channelId=leg,
        callerId=SHOWN_NUMBER,
        timeout=wait_s,
    )


class Ears:
    """Hears a call. That it cannot is known, and never taken for silence."""

    def __init__(self, control: "Control", call: "Call") -> None:
        self._control, self._call, self._ari = control, call, control.ari
        self._taps: list[str] = []
        self.hears = False
        self._heard_by = 0
        self._again = 0.0  # not tried again before

    async def open(self) -> None:
        """Begin to listen; a failure costs nothing but itself."""
        try:
            await self.hear()
        except (Gone, Unreachable, OSError) as error:
            log.warning("%s: not heard (%s)", self._call.channel, error)

    async def hear(self) -> None:
        """Let the voice detector hear the caller, if it is there and does not yet. It hears their
        side alone, so that our own prompts are not taken for a voice."""
        voice, channel = self._control.voice, self._call.channel
        if self.hears or not voice.healthy or not voice.audio or time.monotonic() < self._again:
            return
        self._again = time.monotonic() + AGAIN_S
        tap, feed = leg_id(channel, "tap"), str(uuid4())
        self._taps.append(tap)
        mine = {"app": self._control.app, "appArgs": f"part,{channel}"}
        await self._ari.start(tap, f"channels/{channel}/snoop/{tap}", spy="in", **mine)
        listening = await voice.listen(self._call.channel, feed, rule(self._control.numbers))
        if listening != "listening":  # it has as many as it may
            self._taps.remove(tap)
            await self._ari.delete(f"channels/{tap}")
            return
        # Not a bridge with external media: that takes four threads more for each call.
        ears = {"context": EARS, "extension": f"{feed}-{voice.audio[1]}", "priority": 1}
        await self._ari.post(f"channels/{tap}/continue", **ears)
        self.hears, self._heard_by = True, voice.connections

    def broken(self) -> str:
        """Why the caller cannot be heard, or was not all the time; empty when they were."""
        voice = self._control.voice
        if not voice.healthy or (self.hears and self._heard_by != voice.connections):
            return "no_voice_detector"
        return "" if self.hears else "not_heard"

    def go_on(self) -> None:
        """What a voice detector that has gone did not hear has been reckoned with; the next one
        hears the caller from now on."""
        self._heard_by = self._control.voice.connections

    async def heard(self) -> tuple[float, float]:
        """How many seconds came from the caller so far, and in how many of them there was any
        sound. The detector alone cannot say the first: where no packets come, Asterisk makes up
        silence for it."""
        report = await self._control.voice.report(self._call.channel)
        try:
            came = await self._ari.get(f"channels/{self._call.channel}/rtp_statistics")
        except Gone:
            return 0.0, 0.0
        if report is None:
            return 0.0, 0.0
        return min(float(report["heard_s"]), came["rxcount"] * PACKET_S), report["sound_s"]

    async def close(self) -> None:
        """Listen no more, and hand over what was recorded."""
        for tap in self._taps:
            await self._ari.delete(f"channels/{tap}")
        control, name = self._control, self._call.channel
        await control.voice.forget(name)
        with suppress(TimeoutError):
            async with asyncio.timeout(FINISH_S):
                while not all(map(is_finished, control.spool.glob(f"{name}_*.wav"))):
                    await asyncio.sleep(LOOK_S)
        for recording in recorded(control.spool, f"{name}_*"):
            if hand_over(recording, control.spool, control.incoming):
                control.link.tell("recorded", name, file=recording)


def is_finished(path: Path) -> bool:
    """Whether Asterisk has closed a file: only then it writes how long it is, less eight bytes."""
    with path.open("rb") as file:
        head = file.read(8)
    return head[:4] == b"RIFF" and int.from_bytes(head[4:], "little") == path.stat().st_size - 8


def recorded(spool: Path, which: str) -> list[str]:
    """The names of recordings there, without the side, the oldest first."""
    files = sorted(spool.glob(f"{which}-*.wav"), key=lambda path: path.stat().st_mtime)
    return list(dict.fromkeys(path.stem.rpartition("-")[0] for path in files))


def hand_over(name: str, spool: Path, incoming: Path) -> bool:
    """Move the files of a recording to where the control room takes them from; whether there
    was one. What cannot be moved stays where it is, for the next start."""
    found = False
    sources = sorted(spool.glob(f"{name}-*.wav"))
    is_empty = all(is_finished(path) and path.stat().st_size == HEAD for path in sources)
    for source in sources:
        try:
            if is_empty:  # the caller hung up before there was any sound
                source.unlink()
                continue
            incoming.mkdir(parents=True, exist_ok=True)
            fresh = incoming / f".{source.name}"
            shutil.move(source, fresh)
            fresh.rename(incoming / source.name)
            found = True
        except OSError as error:
            log.error("a recording cannot be handed over: %s", error.strerror)
    return found
