"""The gate at work on one call: it asks, listens, and decides by the table in `gate.py`."""

import time
from typing import TYPE_CHECKING

from .gate import EVENTS, Gate, has_proof, is_some_sound

if TYPE_CHECKING:
    from .call import Call

PROMPT_MOST_S = 40  # no prompt is longer: one that does not end is broken


class Screening:
    """How far the gate is with a caller."""

    def __init__(self, call: "Call") -> None:
        self._call = call
        self.gate = Gate(call.control.numbers)
        self._listened_from = time.monotonic()
        self._sound_before = 0.0
        self._signs: set[str] = set()  # those told of

    def asks(self) -> bool:
        """Whether the caller is being asked for a sign."""
        return self._call.phase == "gate" and self.gate.state != "silent"

    def is_silent(self) -> bool:
        """Whether the caller is set aside."""
        return self._call.phase == "gate" and self.gate.state == "silent"

    async def begin(self, *, skip: str, longer: bool) -> None:
        """Ask the caller for a sign, unless there is a reason to skip it."""
        call = self._call
        call.later = self.gate.longer = longer
        if skip:
            await self.let_through("skipped", skip)
        elif broken := call.ears.broken():
            await self.let_through("open", broken)
        else:
            self._listened_from = time.monotonic()
            await self._enter()

    async def _enter(self) -> None:
        self._call.deadline = None
        if prompt := self.gate.prompt():
            self._call.deadline = time.monotonic() + PROMPT_MOST_S
            await self._call.sounds.play(prompt)
        elif (wait := self.gate.wait_s()) is not None:
            self._call.deadline = time.monotonic() + wait

    async def sign(self, what: str, reason: str = "") -> None:
        """The caller gave a sign, or something is broken."""
        if self._call.phase == "gate":
            if not self.gate.happens(what):
                return
            if self.gate.state in ("key", "speech", "noise", "open"):
                await self.let_through(self.gate.state, reason)
            elif self.gate.state != "silent":
                await self._enter()
        elif self._call.phase == "waiting" and what in ("key", "speech", "noise"):
            # It may say more than what let them through: the control room decides.
            if what in self._signs:
                return
            self._signs.add(what)
            self._call.link.tell(EVENTS[what], self._call.channel)
            if what == "speech" and self._call.through in ("open", "key", "noise", "released"):
                self._call.through = what
                self._call.control.queue_changed()

    async def let_through(self, how: str, reason: str = "") -> None:
        """To the queue, by this sign or for this reason."""
        kind = EVENTS.get(how, "gate_skipped")
        listened = time.monotonic() - self._listened_from
        self._call.link.tell(kind, self._call.channel, reason=reason, heard_s=round(listened, 1))
        await self._enqueue(how)

    async def _enqueue(self, how: str) -> None:
        self._call.phase, self._call.through, self._call.since = "waiting", how, time.monotonic()
        self._call.deadline = None
        self._call.link.tell("queued", self._call.channel)
        self._call.control.queue_changed()
        await self._call.sounds.stop()
        await self._call.sounds.play("wait")

    async def on_time(self) -> None:
        """The time of what goes on now is over."""
        if self.gate.prompt():
            await self.sign("broken", "no_prompt")
            return
        if self.gate.state != "listening_again":
            await self.sign("time")
            return
        # Before anybody is set aside: is there proof that they would have been heard?
        listened = time.monotonic() - self._listened_from
        broken = self._call.ears.broken()
        heard, sound = (0.0, 0.0) if broken else await self._call.ears.heard()
        if broken or not has_proof(heard, listened):
            await self.sign("broken", broken or "no_sound")
            return
        if is_some_sound(sound, self._call.control.numbers):
            await self.sign("noise", "some_sound")
            return
        self._sound_before = sound
        self.gate.happens("time")
        self._call.link.tell(
            "gate_silent", self._call.channel, reason="no_sign", heard_s=round(heard, 1)
        )
        await self._call.sounds.play("aside")

    async def on_listen(self) -> None:
        """Who is set aside may make a sound yet."""
        if self.is_silent():
            _heard, sound = await self._call.ears.heard()
            if is_some_sound(sound - self._sound_before, self._call.control.numbers):
                await self.sign("noise", "some_sound")

    async def on_key(self, key: str) -> None:
        """The caller has pressed a key."""
        await self.sign("key", "" if key == "0" else "other_key")

    async def on_heard(self, what: str) -> None:
        """The voice detector has heard something: speech or noise."""
        await self.sign(what)

    async def on_hear(self) -> None:
        """The voice detector is there, and does not hear this caller yet."""
        await self._call.ears.hear()

    async def on_deaf(self) -> None:
        """The voice detector has gone: nobody at the gate can be heard."""
        if self.asks():
            await self.sign("broken", "no_voice_detector")
        self._call.ears.go_on()

    async def on_broken(self, reason: str) -> None:
        """Something does not work: nobody is asked any more."""
        await self.sign("broken", reason)

    async def on_played(self, playback: str, failed: bool) -> None:
        """A prompt is over."""
        if not self._call.sounds.is_over(playback):
            return
        if self._call.phase == "gate" and self.gate.state in ("first", "again"):
            await self.sign("broken" if failed else "played", "no_prompt" if failed else "")
        elif not self._call.leg:
            await self._call.sounds.music()

    async def on_queue(self) -> None:
        """A supervisor has let the call through."""
        if self._call.phase == "gate" and self.gate.happens("released"):
            await self._enqueue("released")
