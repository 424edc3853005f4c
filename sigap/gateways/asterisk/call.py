"""One caller on the line, from the first ring to the end.

Everything that happens to the call comes through its mailbox, one after the other, so that no
two steps cross. The gate decides (`screening.py`); whoever is through waits in the queue; an
operator's telephone joins in a bridge. A caller is let go only by hanging up, or by the control
room's order.
"""

import asyncio
import logging
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from .ari import Gone, Unreachable
from .parties import Parties
from .parts import Ears, bridge, leg_id, ring
from .ringing import CAUSES, Person, Waiting
from .screening import Screening
from .sounds import Sounds

if TYPE_CHECKING:
    from .control import Control

log = logging.getLogger("sigap.telephony")
ATTEMPTS, AGAIN_S = 3, 0.3  # to answer a call


class Call:
    """A caller's channel, what belongs to it, and how far the call is."""

    def __init__(self, control: "Control", channel: str) -> None:
        self.control, self.ari, self.link = control, control.ari, control.link
        self.channel = channel  # by which the control room knows the call too
        self.ears = Ears(control, self)
        self.screening = Screening(self)
        self.parties = Parties(control, self)
        self.sounds = Sounds(self)
        self.phase = "gate"  # gate, waiting, talking, held, left
        self.through = ""  # how the gate let the caller through
        self.since = time.monotonic()  # waiting since
        self.later = False
        self.person: Person | None = None  # whom the control room wants on the line
        self.leg = ""  # the telephone that talks with the caller
        self.speaker: Person | None = None  # whose it is
        self.spoke = False  # one has, since the caller is there
        self.legs: dict[str, Person] = {}  # telephones that ring for this call
        self.bridge = f"{channel}-talk"
        self._answered = False
        self.greeting: asyncio.Future[dict[str, Any]] = control.loop.create_future()
        self.mail: asyncio.Queue[tuple[str, dict[str, Any]]] = asyncio.Queue()
        self.deadline: float | None = None  # when the time of what goes on now is over

    # --- what comes in ---------------------------------------------------------------

    def put(self, what: str, /, **facts: Any) -> None:
        """Something happens to this call."""
        self.mail.put_nowait((what, facts))

    def telephones(self) -> set[str]:
        """The channels of all that ring for this call or are on its line."""
        return {*self.legs, self.leg, *self.parties.telephones()} - {""}

    async def run(self, begin: str, **facts: Any) -> None:
        """Live through the call. `begin` is how: presented, returned or recovered."""
        await self._safely(getattr(self, f"_{begin}")(**facts))
        await self._live()
        await self._end()

    async def _live(self) -> None:
        while True:
            timeout = None if self.deadline is None else self.deadline - time.monotonic()
            try:
                async with asyncio.timeout(timeout):
                    what, facts = await self.mail.get()
            except TimeoutError:
                self.deadline = None
                what, facts = "time", {}
            if what == "gone":
                return
            await self._safely(self._step(what, facts))

    async def _step(self, what: str, facts: dict[str, Any]) -> None:
        other = self.parties if hasattr(self.parties, f"on_{what}") else self.screening
        step = getattr(self, f"_on_{what}", None) or getattr(other, f"on_{what}")
        await step(**facts)

    async def _safely(self, step: Any) -> None:
        """Do one step. A caller whose channel is still there stays, whatever went wrong."""
        try:
            await step
            return
        except (Gone, Unreachable) as error:  # the caller hung up meanwhile, most likely
            log.info("%s: %s", self.channel, error)
        except Exception as error:  # our own fault must not cost the call
            log.exception("%s: %s", self.channel, type(error).__name__)
        if self.screening.asks() and await self._is_there():
            self.put("broken", reason="fault")

    async def _is_there(self) -> bool:
        try:
            await self.ari.get(f"channels/{self.channel}")
        except Gone:
            return False
        except Unreachable:
            pass
        return True

    async def _answer(self) -> None:
        """Take the call at the exchange; without that nobody can talk with the caller."""
        for _attempt in range(ATTEMPTS):
            try:
                await self.ari.post(f"channels/{self.channel}/answer")
                self._answered = True
                return
            except Unreachable:
                await asyncio.sleep(AGAIN_S)

    # --- beginnings ------------------------------------------------------------------

    async def _presented(self, number: str, trunk: str) -> None:
        self.link.tell("presented", self.channel, number=number, trunk=trunk)
        await self._answer()
        await self.ears.open()
        if not self.link.works:
            await self.screening.let_through("open", "no_control_room")
            return
        wait_s = self.control.numbers.value("gate.wait_ms") / 1000
        told: dict[str, Any] = {}
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                told = await self.greeting
        await self.screening.begin(skip=told.get("skip", ""), longer=bool(told.get("longer")))

    async def _returned(self, lost: str) -> None:
        """The caller of a lost call has picked up."""
        self.link.tell("presented", self.channel, returns=lost)
        self._answered = True
        await self.ears.open()
        self.phase, self.through, self.since = "waiting", "callback", time.monotonic()
        self.link.tell("queued", self.channel)
        await self.sounds.play("return")
        self.control.queue_changed()

    async def _recovered(
        self,
        known: dict[str, Any],
        number: str,
        trunk: str,
        leg: str,
        person: Person | None,
        parties: dict[int, tuple[str, str]],
    ) -> None:
        """Our process is new, the call is not. What the control room knows of it counts, and
        what hangs together in Asterisk."""
        if not known:
            self.link.tell("presented", self.channel, number=number, trunk=trunk)
        await self._answer()
        await self.ears.open()
        state = known.get("state", "")
        self.through = known.get("gate", "")
        self.spoke = bool(leg) or state == "held"
        self.parties.find(parties, known.get("parties", []))
        if known.get("left") and self.parties.talk():
            self.phase = "left"
        elif leg and person:
            self.leg, self.person, self.speaker = leg, person, person
            if state not in ("answered", "held"):
                self.link.tell("answered", self.channel, operator=person.operator)
            self.phase = "held" if state == "held" else "talking"
            if self.phase == "talking":
                await self.join()
        elif state == "set_aside":
            self.screening.gate.state = "silent"
            await self.sounds.music()
        elif state in ("answered", "held"):
            self.phase = "held" if state == "held" else "waiting"
            await self.sounds.music()
            if state == "answered" and known.get("phone"):
                person = self.control.person(known["operator"], known["phone"])
                await self._on_connect(person=person)
        elif state == "queued" and self.through:
            self.phase = "waiting"
            await self.sounds.music()
        else:
            await self.screening.let_through("open", "recovered")
        await self.parties.listen()
        self.control.queue_changed()

    async def _on_known(self, known: dict[str, Any]) -> None:
        """How the control room sees this call, which may have given orders that never came."""
        await self.parties.agree(known.get("parties", []))
        state, left = known["state"], known.get("left")
        if state == "queued":
            await self.screening.on_queue()
        elif state == "answered" and known.get("phone"):
            person = self.control.person(known["operator"], known["phone"])
            await (self._on_resume(person) if self.phase == "held" else self._on_connect(person))
        elif state == "held":
            await self._on_hold()
        elif state in ("wrap_up", "closed") and not left and self.phase != "left":
            await self._on_hang_up()

    # --- the queue -------------------------------------------------------------------

    def waits(self) -> Waiting | None:
        """How the call stands in the queue; None where it does not."""
        if self.phase != "waiting" or self.leg or self.person:
            return None
        return Waiting(self.channel, self.since, self.through, self.later)

    async def _on_comfort(self, place: int) -> None:
        """Tell who waits that somebody is coming."""
        if self.phase == "waiting":
            await self.sounds.comfort(place, self.control.numbers.value("calls.comfort_s"))

    async def _on_ring(self, people: list[Person], beyond: str) -> None:
        """These telephones are to ring for this call; they do already, or begin to."""
        if self.waits() is None:  # taken meanwhile
            return
        wanted = {person.phone for person in people}
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
        if self.leg and self.speaker and self.speaker.operator == person.operator:
            return
        if self.person and self.person.operator == person.operator and self.legs:
            return  # it rings already
        self.person = person
        if self.phase == "gate":
            self.phase, self.deadline = "waiting", None
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
        part = f"leg:{person.operator}:{person.phone}"
        try:
            await ring(self, phone, leg, part, wait, named=True, lifts=answers)
        except (Gone, Unreachable) as error:
            log.warning("%s: a telephone cannot be rung (%s)", self.channel, error)
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
        self.person = self.speaker = self.control.person(person.operator, person.phone)
        self.phase = "talking"
        await self.cancel_legs()
        if before and before != leg:
            await self.ari.delete(f"channels/{before}")
        self.link.tell("answered", self.channel, operator=person.operator)
        await self.join()
        await self.parties.listen()
        self.control.queue_changed()

    async def _on_leg_gone(self, leg: str, cause: int, desk: bool) -> None:
        """A telephone rings no more, or was put down."""
        if leg == self.leg:
            self.leg, self.speaker = "", None
            by_hand = desk and cause == 16 and self.phase != "held"  # noqa: PLR2004
            if by_hand and self.parties.talk():
                await self.parties.on_leave()
                self.link.tell("left", self.channel)
            elif by_hand and not self.parties.takes():
                await self.ari.delete(f"channels/{self.channel}")
            elif self.phase in ("talking", "held"):
                # A browser that went away is no reason to lose the caller.
                await self._hold(alone=not self.parties.talk())
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
            self.person = self.speaker
            if self.speaker:
                self.link.tell("answered", self.channel, operator=self.speaker.operator)
            return
        self.person = None
        if self.spoke:
            await self._hold()
            return
        self.phase = "waiting"
        self.through = self.through or "open"
        self.link.tell("refused", self.channel, reason=reason)
        self.control.queue_changed()

    async def join(self) -> None:
        """Put the caller and the telephones together."""
        await self.sounds.stop()
        if not self._answered:
            await self._answer()
        legs = [self.channel, *([self.leg] if self.leg else []), *self.parties.talk()]
        await bridge(self.ari, self.bridge, *legs)

    async def _hold(self, *, alone: bool = True) -> None:
        """Nobody of ours talks with the caller now; not `alone`, somebody else does."""
        self.phase = "held"
        self.link.tell("held", self.channel)
        if alone:
            with suppress(Gone):
                await self.ari.post(f"bridges/{self.bridge}/removeChannel", channel=self.channel)
            await self.sounds.music()

    async def _on_hold(self) -> None:
        if self.phase == "talking":
            await self._hold()

    async def _on_resume(self, person: Person) -> None:
        if self.phase != "held":
            return
        if not (self.leg and self.speaker and self.speaker.operator == person.operator):
            self.phase = "held" if self.leg else "waiting"
            await self._on_connect(person)
            return
        self.phase = "talking"
        await self.join()
        self.link.tell("resumed", self.channel)

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
        self.link.tell("ended", self.channel)
        for leg in filter(None, (*self.legs, self.leg)):
            await self.ari.delete(f"channels/{leg}")
        await self.parties.end()
        await self.ari.delete(f"bridges/{self.bridge}")
        await self.ears.close()
