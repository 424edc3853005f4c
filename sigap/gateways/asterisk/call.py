"""One caller on the line, from the first ring to the end.

Everything that happens to the call comes through its mailbox, one after the other, so that no
two steps cross. The gate decides (`gate.py`); whoever is through waits in the queue; an operator's
telephone joins in a bridge. A caller is let go only by hanging up, or by the control room's order.
"""

import asyncio
import logging
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from .ari import Gone, Unreachable
from .gate import EVENTS, Gate, has_proof, is_some_sound
from .parties import Parties
from .parts import Ears, bridge, leg_id
from .ringing import CAUSES, Person, Waiting
from .sounds import Sounds

if TYPE_CHECKING:
    from .control import Control

log = logging.getLogger("sigap.telephony")


class Call:
    """A caller's channel, what belongs to it, and how far the call is."""

    def __init__(self, control: "Control", channel: str, name: str = "") -> None:
        self.control, self.ari, self.link = control, control.ari, control.link
        self.channel, self.name = channel, name or channel
        self.ears = Ears(control, self)
        self.gate = Gate(control.numbers)
        self.parties = Parties(control, self)
        self.sounds = Sounds(self)
        self.phase = "gate"  # gate, waiting, talking, held, left
        self.through = ""  # how the gate let the caller through
        self.since = time.monotonic()  # waiting since
        self.later = False
        self.person: Person | None = None  # whom the control room wants on the line
        self.leg = ""  # the telephone that talks with the caller
        self.spoke = False  # one has, since the caller is there
        self.legs: dict[str, Person] = {}  # telephones that ring for this call
        self.bridge = f"{channel}-talk"
        self.greeting: asyncio.Future[dict[str, Any]] = control.loop.create_future()
        self.mail: asyncio.Queue[tuple[str, dict[str, Any]]] = asyncio.Queue()
        self._deadline: float | None = None
        self._listened_from = time.monotonic()
        self._sound_before = 0.0

    # --- what comes in ---------------------------------------------------------------

    def put(self, what: str, /, **facts: Any) -> None:
        """Something happens to this call."""
        self.mail.put_nowait((what, facts))

    async def run(self, begin: str, **facts: Any) -> None:
        """Live through the call. `begin` is how: presented, returned or recovered."""
        await self._safely(getattr(self, f"_{begin}")(**facts))
        await self._live()
        await self._end()

    async def _live(self) -> None:
        while True:
            timeout = None if self._deadline is None else self._deadline - time.monotonic()
            try:
                async with asyncio.timeout(timeout):
                    what, facts = await self.mail.get()
            except TimeoutError:
                self._deadline = None
                what, facts = "time", {}
            if what == "gone":
                return
            step = getattr(self, f"_on_{what}", None) or getattr(self.parties, f"on_{what}")
            await self._safely(step(**facts))

    async def _safely(self, step: Any) -> None:
        """Do one step. A caller whose channel is still there stays, whatever went wrong."""
        try:
            await step
        except Gone as gone:
            log.debug("%s: %s", self.name, gone)  # the caller hung up meanwhile
        except Unreachable as away:
            log.warning("%s: %s", self.name, away)
        except Exception as error:  # our own fault must not cost the call
            log.exception("%s: %s", self.name, type(error).__name__)
            if self.phase == "gate":
                await self._let_through("open", "fault")

    # --- beginnings ------------------------------------------------------------------

    async def _presented(self, number: str, trunk: str) -> None:
        self.link.tell("presented", self.name, number=number, trunk=trunk)
        await self.ari.post(f"channels/{self.channel}/answer")
        await self.ears.open()
        if not self.link.alive:
            await self._let_through("open", "no_control_room")
            return
        wait_s = self.control.numbers.value("gate.wait_ms") / 1000
        told: dict[str, Any] = {}
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                told = await self.greeting
        self.later = self.gate.longer = bool(told.get("longer"))
        if told.get("skip"):
            await self._let_through("skipped", told["skip"])
        elif broken := self.ears.broken():
            await self._let_through("open", broken)
        else:
            self._listened_from = time.monotonic()
            await self._enter_gate_state()

    async def _returned(self, lost: str) -> None:
        """The caller of a lost call has picked up."""
        self.link.tell("presented", self.name, returns=lost)
        await self.ears.open()
        self.phase, self.through, self.since = "waiting", "callback", time.monotonic()
        self.link.tell("queued", self.name)
        await self.sounds.play("return")
        self.control.queue_changed()

    async def _recovered(
        self,
        known: dict[str, Any],
        number: str,
        trunk: str,
        leg: str,
        person: Person | None,
        parties: dict[int, str],
    ) -> None:
        """Our process is new, the call is not. What the control room knows of it counts, and
        what hangs together in Asterisk."""
        if not known:
            self.link.tell("presented", self.name, number=number, trunk=trunk)
        await self.ears.open()
        state = known.get("state", "")
        self.through = known.get("gate", "")
        self.spoke = bool(leg) or state == "held"
        self.parties.find(parties, known.get("parties", []))
        if known.get("left") and self.parties.talk():
            self.phase = "left"
        elif leg and person:
            self.leg, self.person = leg, person
            if state not in ("answered", "held"):
                self.link.tell("answered", self.name, operator=person.operator)
            self.phase = "held" if state == "held" else "talking"
            if self.phase == "talking":
                await self.join()
        elif state == "set_aside":
            self.gate.state = "silent"
            await self.sounds.music()
        elif state in ("answered", "held"):
            self.phase = "held" if state == "held" else "waiting"
            await self.sounds.music()
            if state == "answered" and known.get("phone"):
                person = self.control.person(known["operator"], known["phone"])
                await self._on_connect(person=person)
        elif state == "queued":
            self.phase, self.through = "waiting", self.through or "open"
            await self.sounds.music()
        else:
            await self._let_through("open", "recovered")
        await self.parties.listen()
        self.put("parties", known=known.get("parties", []))
        self.control.queue_changed()

    # --- the gate --------------------------------------------------------------------

    async def _enter_gate_state(self) -> None:
        self._deadline = None
        if prompt := self.gate.prompt():
            await self.sounds.play(prompt)
        elif (wait := self.gate.wait_s()) is not None:
            self._deadline = time.monotonic() + wait

    async def _sign(self, what: str, reason: str = "") -> None:
        """The caller gave a sign, or something is broken."""
        if self.phase == "gate":
            if not self.gate.happens(what):
                return
            if self.gate.state in ("key", "speech", "noise", "open"):
                await self._let_through(self.gate.state, reason)
            elif self.gate.state != "silent":
                await self._enter_gate_state()
        elif self.phase == "waiting" and what in ("key", "speech", "noise"):
            # It may say more than what let them through: the control room decides.
            self.link.tell(EVENTS[what], self.name)
            if what == "speech" and self.through in ("open", "key", "noise", "released"):
                self.through = what
                self.control.queue_changed()

    async def _let_through(self, how: str, reason: str = "") -> None:
        kind = EVENTS.get(how, "gate_skipped")
        listened = time.monotonic() - self._listened_from
        self.link.tell(kind, self.name, reason=reason, heard_s=round(listened, 1))
        await self._enqueue(how)

    async def _enqueue(self, how: str) -> None:
        self.phase, self.through, self.since = "waiting", how, time.monotonic()
        self._deadline = None
        self.link.tell("queued", self.name)
        self.control.queue_changed()
        await self.sounds.stop()
        await self.sounds.play("wait")

    async def _on_time(self) -> None:
        if self.gate.state != "listening_again":
            await self._sign("time")
            return
        # Before anybody is set aside: is there proof that they would have been heard?
        listened = time.monotonic() - self._listened_from
        broken = self.ears.broken()
        heard, sound = (0.0, 0.0) if broken else await self.ears.heard()
        if broken or not has_proof(heard, listened):
            await self._sign("broken", broken or "no_sound")
            return
        if is_some_sound(sound, self.control.numbers):
            await self._sign("noise", "some_sound")
            return
        self._sound_before = sound
        self.gate.happens("time")
        self.link.tell("gate_silent", self.name, reason="no_sign", heard_s=round(heard, 1))
        await self.sounds.play("aside")

    async def _on_listen(self) -> None:
        """Who is set aside may make a sound yet."""
        if self.phase == "gate" and self.gate.state == "silent":
            _heard, sound = await self.ears.heard()
            if is_some_sound(sound - self._sound_before, self.control.numbers):
                await self._sign("noise", "some_sound")

    async def _on_key(self, key: str) -> None:
        await self._sign("key", "" if key == "0" else "other_key")

    async def _on_heard(self, what: str) -> None:
        await self._sign(what)

    async def _on_hear(self) -> None:
        await self.ears.hear()

    async def _on_deaf(self) -> None:
        """The voice detector has gone: nobody at the gate can be heard."""
        if self.phase == "gate" and self.gate.state != "silent":
            await self._sign("broken", "no_voice_detector")
        self.ears.go_on()

    async def _on_broken(self) -> None:
        await self._sign("broken", "no_prompt")

    async def _on_played(self, playback: str, failed: bool) -> None:
        if not self.sounds.is_over(playback):
            return
        if self.phase == "gate" and self.gate.state in ("first", "again"):
            await self._sign("broken" if failed else "played", "no_prompt" if failed else "")
        elif not self.leg:
            await self.sounds.music()

    # --- the queue -------------------------------------------------------------------

    def waits(self) -> Waiting | None:
        """How the call stands in the queue; None where it does not."""
        if self.phase != "waiting" or self.leg:
            return None
        return Waiting(self.name, self.since, self.through, self.later)

    async def _on_comfort(self, place: int) -> None:
        """Tell who waits that somebody is coming."""
        if self.phase == "waiting":
            await self.sounds.comfort(place, self.control.numbers.value("calls.comfort_s"))

    async def _on_queue(self) -> None:
        """A supervisor has let the call through."""
        if self.phase == "gate" and self.gate.happens("released"):
            await self._enqueue("released")

    async def _on_ring(self, people: list[Person], beyond: str) -> None:
        """These telephones are to ring for this call; they do already, or begin to."""
        if self.phase != "waiting" or self.leg:
            return
        wanted = {person.phone for person in people} | (
            {self.person.phone} if self.person else set()
        )
        for leg, person in list(self.legs.items()):
            if person.role != "beyond" and person.phone not in wanted:  # busy elsewhere by now
                del self.legs[leg]
                await self.ari.delete(f"channels/{leg}")
        for person in people:
            if all(person.phone != other.phone for other in self.legs.values()):
                await self._dial(person)
        if beyond and all(other.role != "beyond" for other in self.legs.values()):
            await self._dial(Person("", beyond, "beyond", free=True))

    # --- operators -------------------------------------------------------------------

    async def _on_connect(self, person: Person) -> None:
        """An operator has taken the call on the screen: their telephone is to be on the line."""
        if self.leg and self.person and self.person.operator == person.operator:
            return
        self.person = person
        if self.phase == "gate":
            self.phase, self._deadline = "waiting", None
        await self.cancel_legs()
        if not await self._dial(person, answers=True):
            await self._refused("absent")

    async def _dial(self, person: Person, *, answers: bool = False) -> bool:
        """Ring a telephone for this call; whether there is one."""
        wait = int(self.control.numbers.value("calls.phone_answer_s")) if answers else 120
        phone = person.phone if person.role == "beyond" else await self.control.reachable(person)
        if not phone:
            return False
        leg = leg_id(self.channel, "leg")
        self.legs[leg] = person
        body = {
            "variables": {
                "SIGAP_CALL": self.channel,
                "SIGAP_PART": f"leg:{person.operator}:{person.phone}",
                "PJSIP_HEADER(add,X-Sigap-Call)": self.name,
                **(
                    {"PJSIP_HEADER(add,Call-Info)": "<sip:sigap>;answer-after=0"} if answers else {}
                ),
            }
        }
        try:
            await self.ari.post(
                "channels",
                body,
                endpoint=f"PJSIP/{phone}",
                app=self.control.app,
                appArgs=f"leg,{self.channel}",
                channelId=leg,
                callerId=self.control.shown_number(),
                timeout=wait,
            )
        except (Gone, Unreachable):
            self.legs.pop(leg, None)
            return False
        return True

    async def _on_lifted(self, leg: str) -> None:
        """A telephone was lifted: the first one has the call, and the others ring no more."""
        person = self.legs.pop(leg, None)
        taken = self.leg and not (self.person and person and person.phone == self.person.phone)
        if person is None or taken or self.phase == "gate":
            await self.ari.delete(f"channels/{leg}")
            return
        before, self.leg, self.spoke = self.leg, leg, True
        self.person = self.control.person(person.operator, person.phone)
        self.phase = "talking"
        await self.cancel_legs()
        if before and before != leg:
            await self.ari.delete(f"channels/{before}")
        self.link.tell("answered", self.name, operator=person.operator)
        await self.join()
        await self.parties.listen()
        self.control.queue_changed()

    async def _on_leg_gone(self, leg: str, cause: int, desk: bool) -> None:
        """A telephone rings no more, or was put down."""
        if leg == self.leg:
            self.leg = ""
            by_hand = desk and cause == 16  # noqa: PLR2004
            if by_hand and self.parties.talk():
                await self.parties.on_leave()
                self.link.tell("left", self.name)
            elif by_hand and not self.parties.takes():
                await self.ari.delete(f"channels/{self.channel}")
            elif self.phase in ("talking", "held"):
                # A browser that went away is no reason to lose the caller.
                await self._hold()
            return
        if await self.parties.gone(leg, cause):
            return
        person = self.legs.pop(leg, None)
        wanted = self.person and person and person.operator == self.person.operator
        if wanted and not self.leg:
            await self._refused(CAUSES.get(cause, "failed"))

    async def _refused(self, reason: str) -> None:
        """The telephone of whoever took the call did not: it waits for others again, unless they
        had talked already."""
        if self.leg:  # somebody talks with the caller, and goes on
            return
        self.person = None
        if self.spoke:
            await self._hold()
            return
        self.phase = "waiting"
        self.through = self.through or "open"
        self.link.tell("refused", self.name, reason=reason)
        self.control.queue_changed()

    async def join(self) -> None:
        """Put the caller and the telephones together."""
        await self.sounds.stop()
        legs = [self.channel, *([self.leg] if self.leg else []), *self.parties.talk()]
        await bridge(self.ari, self.bridge, *legs)

    async def _hold(self) -> None:
        self.phase = "held"
        with suppress(Gone):
            await self.ari.post(f"bridges/{self.bridge}/removeChannel", channel=self.channel)
        self.link.tell("held", self.name)
        await self.sounds.music()

    async def _on_hold(self) -> None:
        if self.phase == "talking":
            await self._hold()

    async def _on_resume(self, person: Person) -> None:
        if self.phase != "held":
            return
        if not self.leg:
            self.phase = "waiting"
            await self._on_connect(person)
            return
        self.phase = "talking"
        await self.join()
        self.link.tell("resumed", self.name)

    async def _on_hang_up(self) -> None:
        await self.ari.delete(f"channels/{self.channel}")

    async def cancel_legs(self) -> None:
        """No telephone rings for this call any more."""
        legs, self.legs = self.legs, {}
        for leg in legs:
            await self.ari.delete(f"channels/{leg}")

    # --- the end ---------------------------------------------------------------------

    async def _end(self) -> None:
        """The caller has gone: so does all that belonged to the call."""
        self.control.forget(self)
        self.link.tell("ended", self.name)
        for leg in filter(None, (*self.legs, self.leg, *self.parties.channels())):
            await self.ari.delete(f"channels/{leg}")
        await self.ari.delete(f"bridges/{self.bridge}")
        await self.ears.close()
