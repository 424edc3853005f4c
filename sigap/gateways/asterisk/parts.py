"""What listens to a caller: the voice detector's feed, and the recording of both sides."""

import asyncio
import itertools
import logging
import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .ari import Ari, Gone, Unreachable
from .gate import rule

if TYPE_CHECKING:
    from .call import Call
    from .control import Control

log = logging.getLogger("sigap.telephony")
_numbers = itertools.count(1)
FINISH_S = 3.0
PACKET_S = 0.02
# By these ends of their names the parts of a call are known again.
PARTS = ("tap", "media", "in", "out", "play", "leg", "party", "spy")


def leg_id(channel: str, part: str) -> str:
    """A name for something that belongs to a call, never given twice: `<channel>-leg-<n>`."""
    return f"{channel}-{part}-{os.getpid()}.{next(_numbers)}"


async def bridge(ari: Ari, name: str, *channels: str) -> None:
    """Put these channels together, with whoever is in the bridge of this name already."""
    with suppress(Gone):  # it is there
        await ari.post(f"bridges/{name}", type="mixing")
    await ari.post(f"bridges/{name}/addChannel", channel=",".join(channels))


class Ears:
    """Hears a call. That it cannot is known, and never taken for silence."""

    def __init__(self, control: "Control", call: "Call") -> None:
        self._control, self._call, self._ari = control, call, control.ari
        self._parts: list[str] = []
        self._bridge = ""
        self._recordings: list[str] = []
        self.hears = False
        self._heard_by = 0
        self.recorded = asyncio.Event()
        self._unfinished: set[str] = set()

    async def open(self) -> None:
        """Begin to listen and to record; a failure of either costs nothing but itself."""
        try:
            await self._tap()
        except (Gone, Unreachable, OSError) as error:
            log.warning("%s: not heard (%s)", self._call.name, error)
        try:
            await self._record()
        except (Gone, Unreachable) as error:
            log.warning("%s: not recorded (%s)", self._call.name, error)

    async def _tap(self) -> None:
        """The caller's side alone, so that our own prompts are not taken for a voice."""
        control, channel = self._control, self._call.channel
        tap = leg_id(channel, "tap")
        self._bridge = f"{tap}-bridge"
        mine = {"app": control.app, "appArgs": f"part,{channel}"}
        snoop = f"channels/{channel}/snoop/{tap}"
        self._parts.append(tap)
        await self._ari.start(tap, snoop, spy="in", **mine)
        await self._ari.post(f"bridges/{self._bridge}", type="mixing")
        await self._ari.post(f"bridges/{self._bridge}/addChannel", channel=tap)
        await self.hear()

    async def hear(self) -> None:
        """Let the voice detector hear the caller, if it is there and does not yet."""
        control, channel = self._control, self._call.channel
        if self.hears or not control.voice.healthy or not control.voice.rtp:
            return
        media = leg_id(channel, "media")
        self._parts.append(media)
        external: dict[str, Any] = {
            "channelId": media,
            "external_host": "{}:{}".format(*control.voice.rtp),
            "format": "alaw",
            "app": control.app,
            "appArgs": f"part,{channel}",
        }
        started = await self._ari.start(media, "channels/externalMedia", None, **external)
        port = int(started["channelvars"]["UNICASTRTP_LOCAL_PORT"])
        listening = await control.voice.listen(self._call.name, port, rule(control.numbers))
        await self._ari.post(f"bridges/{self._bridge}/addChannel", channel=media)
        self.hears = listening == "listening"
        self._heard_by = control.voice.connections

    async def _record(self) -> None:
        """Both sides, each in a file of its own."""
        control, call = self._control, self._call
        if not control.records:
            return
        name = leg_id(call.name, "rec").replace("-rec-", "_")
        how = {"format": "wav", "ifExists": "overwrite"}
        self._recordings.append(name)
        control.recordings[f"{name}-in"] = control.recordings[f"{name}-out"] = self
        self._unfinished |= {f"{name}-in", f"{name}-out"}
        for side in ("in", "out"):
            # Not the bridge's recorder: with a third channel Asterisk mixes, which costs half
            # as much again as all else.
            snooped = leg_id(call.channel, side)
            self._parts.append(snooped)
            snoop = f"channels/{call.channel}/snoop/{snooped}"
            mine = {"app": control.app, "appArgs": f"part,{call.channel}"}
            await self._ari.start(snooped, snoop, spy=side, **mine)
            await self._ari.post(f"channels/{snooped}/record", name=f"{name}-{side}", **how)

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
        report = await self._control.voice.report(self._call.name)
        try:
            came = await self._ari.get(f"channels/{self._call.channel}/rtp_statistics")
        except Gone:
            return 0.0, 0.0
        if report is None:
            return 0.0, 0.0
        return min(float(report["heard_s"]), came["rxcount"] * PACKET_S), report["sound_s"]

    def finished(self, recording: str) -> None:
        """Asterisk has closed this file."""
        self._unfinished.discard(recording)
        if not self._unfinished:
            self.recorded.set()

    async def close(self) -> None:
        """Listen no more, and hand over what was recorded."""
        await self._control.voice.forget(self._call.name)
        for part in self._parts:
            await self._ari.delete(f"channels/{part}")
        if self._bridge:
            await self._ari.delete(f"bridges/{self._bridge}")
        if self._recordings:
            with suppress(TimeoutError):
                async with asyncio.timeout(FINISH_S):
                    await self.recorded.wait()
        for name in self._recordings:
            for side in ("in", "out"):
                self._control.recordings.pop(f"{name}-{side}", None)
        # A process before us may have recorded the beginning of the call.
        for name in recorded(self._control.spool, f"{self._call.name}_*"):
            if hand_over(name, self._control.spool, self._control.incoming):
                self._control.link.tell("recorded", self._call.name, file=name)


def recorded(spool: Path, which: str) -> list[str]:
    """The names of recordings there, without the side, the oldest first."""
    files = sorted(spool.glob(f"{which}-*.wav"), key=lambda path: path.stat().st_mtime)
    return list(dict.fromkeys(path.stem.rpartition("-")[0] for path in files))


def hand_over(name: str, spool: Path, incoming: Path) -> bool:
    """Move the files of a recording to where the control room takes them from; whether there
    was one. What cannot be moved stays where it is, for the next start."""
    found = False
    for side in ("in", "out"):
        source = spool / f"{name}-{side}.wav"
        if not source.exists():
            continue
        try:
            incoming.mkdir(parents=True, exist_ok=True)
            fresh = incoming / f".{source.name}"
            shutil.move(source, fresh)
            fresh.rename(incoming / source.name)
            found = True
        except OSError as error:
            log.error("a recording cannot be handed over: %s", error.strerror)
    return found
