"""Who else is on the line of a call: they talk with the caller, take the call over, or listen.

Whoever talks is one more leg of the call's bridge. A supervisor hears a copy of what the operator
hears and says, in a bridge of its own: only what is whispered goes back, to the operator alone.
"""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .ari import Gone, Unreachable
from .link import Order
from .parts import bridge, leg_id, ring
from .ringing import CAUSES as OF_TELEPHONES

if TYPE_CHECKING:
    from .call import Call
    from .control import Control

UNHEARD = ("listen", "whisper")
# As of an operator's telephone, but a number that does not exist is no telephone that is away.
CAUSES = OF_TELEPHONES | {1: "failed", 28: "failed"}
NORMAL = (0, 16)


@dataclass
class Party:
    """One of them, by the control room's number."""

    pk: int
    how: str
    leg: str
    operator: str = ""
    phone: str = ""
    joined: bool = False
    until: float = 0.0  # rings until
    spy: str = ""


class Parties:
    """All of them on one call."""

    def __init__(self, control: "Control", call: "Call") -> None:
        self._control, self._call, self._ari = control, call, control.ari
        self._parties: dict[int, Party] = {}

    def talk(self) -> list[str]:
        """The channels of those who talk with the caller."""
        return [p.leg for p in self._parties.values() if p.joined and p.how == "talk"]

    def takes(self) -> bool:
        """Whether a colleague is being rung who is to take the call over."""
        return any(p.how == "take" for p in self._parties.values())

    def telephones(self) -> list[str]:
        """All of theirs."""
        return [party.leg for party in self._parties.values()]

    async def end(self) -> None:
        """The call is over, for all of them."""
        for pk in list(self._parties):
            await self._drop(pk)

    def find(self, legs: dict[int, tuple[str, str]], known: list[dict[str, Any]]) -> None:
        """Our process is new: who is on the line in Asterisk, and what for."""
        facts = {party["party"]: party for party in known}
        for pk, (leg, said) in legs.items():
            told = facts.get(pk, {})
            named = {"operator": told.get("operator", ""), "phone": told.get("phone", "")}
            how = told.get("how", said)
            self._parties[pk] = Party(pk, how, leg, joined=how != "take", **named)
            if how == "take":  # lifted while nobody was here to see it
                self._call.put("party_lifted", leg=leg)
            elif told.get("state") == "ringing":
                self._tell(pk, "joined")

    # --- what is ordered ---------------------------------------------------------------

    async def agree(self, known: list[dict[str, Any]]) -> None:
        """All whom the control room believes to be on this line, now."""
        for pk in self._parties.keys() - {party["party"] for party in known}:
            await self._drop(pk)
        for party in known:
            if party["party"] in self._parties:
                continue
            if party["state"] == "ringing":
                await self.on_invite(party)
            else:
                self._tell(party["party"], "left")

    async def on_invite(self, order: Order) -> None:
        """Ring somebody; or, for who is there already, take part otherwise."""
        pk, how = order["party"], order["how"]
        if party := self._parties.get(pk):
            party.how = how
            if how == "take" and party.joined:
                party.operator, party.phone = order.get("operator", ""), order.get("phone", "")
                await self._take(party)
                self._tell(pk, "joined")
            await self.listen()
            return
        party = Party(pk, how, leg_id(self._call.channel, "party"))
        party.operator, party.phone = order.get("operator", ""), order.get("phone", "")
        self._parties[pk] = party
        wait = int(self._control.numbers.value("calls.party_answer_s"))
        party.until = time.monotonic() + wait - 1
        try:
            phone = await self._endpoint(party, order)
            # Whoever asked to listen need not lift it.
            unheard, part = how in UNHEARD, f"party:{pk}:{how}"
            await ring(self._call, phone, party.leg, part, wait, named=unheard, lifts=unheard)
        except (Gone, Unreachable) as error:
            self._parties.pop(pk, None)
            self._tell(pk, "absent" if str(error) == "absent" else "failed")

    async def on_drop(self, order: Order) -> None:
        """Let somebody off the line."""
        await self._drop(order["party"])
        await self._let_go_if_alone()

    async def on_leave(self) -> None:
        """The operator leaves the caller to those who talk with them."""
        call = self._call
        if not self.talk():  # the other one has just gone: the operator stays with the caller
            if call.leg and call.speaker:
                call.link.tell("answered", call.channel, operator=call.speaker.operator)
            return
        leg, call.leg, call.phase = call.leg, "", "left"
        await call.join()
        if leg:
            await self._ari.delete(f"channels/{leg}")

    async def _endpoint(self, party: Party, order: Order) -> str:
        if number := order.get("number"):
            if not self._control.trunk:
                raise Gone("absent")
            return f"{number}@{self._control.trunk}"
        person = self._control.person(party.operator, party.phone)
        phone = await self._control.reachable(person)
        if not phone:
            raise Gone("absent")
        return phone

    # --- what happens --------------------------------------------------------------------

    async def on_party_lifted(self, leg: str) -> None:
        """Somebody has lifted the telephone."""
        party = next((p for p in self._parties.values() if p.leg == leg), None)
        if party is None:
            await self._ari.delete(f"channels/{leg}")
            return
        party.joined = True
        if party.how == "take":
            await self._take(party)
        elif party.how == "talk":
            await bridge(self._ari, self._call.bridge, leg)
        else:
            await self.listen()
        self._tell(party.pk, "joined")

    async def _take(self, party: Party) -> None:
        """From now on this is the operator's telephone."""
        self._parties.pop(party.pk)
        part = f"leg:{party.operator}:{party.phone}"
        await self._ari.post(f"channels/{party.leg}/variable", variable="SIGAP_PART", value=part)
        call = self._call
        before, call.leg = call.leg, party.leg
        phase, call.phase = call.phase, "talking"
        call.person = call.speaker = self._control.person(party.operator, party.phone)
        await call.cancel_legs()
        await call.join()
        await self.listen()
        if before:
            await self._ari.delete(f"channels/{before}")
        if phase == "held":
            call.link.tell("resumed", call.channel)
        elif phase != "talking":
            call.link.tell("answered", call.channel, operator=party.operator)
        self._control.queue_changed()

    async def gone(self, leg: str, cause: int) -> bool:
        """A telephone rings no more, or was put down; whether it is one of these."""
        party = next((p for p in self._parties.values() if p.leg == leg), None)
        if party is None:
            return False
        late = time.monotonic() >= party.until
        await self._drop(party.pk)
        if party.joined:
            self._tell(party.pk, "left")
        elif cause in NORMAL:
            self._tell(party.pk, "no_answer" if late else "declined")
        else:
            self._tell(party.pk, CAUSES.get(cause, "failed"))
        await self._let_go_if_alone()
        return True

    async def listen(self) -> None:
        """See that every listener hears the telephone that the operator has now."""
        for party in self._parties.values():
            if party.joined and party.how in UNHEARD:
                await self._listen(party)

    async def _listen(self, party: Party) -> None:
        before, party.spy = party.spy, ""
        if before:
            await self._ari.delete(f"channels/{before}")
        if not self._call.leg:
            return
        party.spy = leg_id(self._call.channel, "spy")
        await self._ari.start(
            party.spy,
            f"channels/{self._call.leg}/snoop/{party.spy}",
            spy="both",
            whisper="out" if party.how == "whisper" else "none",
            app=self._control.app,
            appArgs=f"part,{self._call.channel}",
        )
        await bridge(self._ari, f"{self._call.channel}-spy-{party.pk}", party.leg, party.spy)

    async def _drop(self, pk: int) -> None:
        if party := self._parties.pop(pk, None):
            for channel in filter(None, (party.spy, party.leg)):
                await self._ari.delete(f"channels/{channel}")
            if party.how in UNHEARD:
                await self._ari.delete(f"bridges/{self._call.channel}-spy-{pk}")

    async def _let_go_if_alone(self) -> None:
        """A caller whom the operator has left talks until the last party hangs up."""
        if self._call.phase == "left" and not self.talk():
            await self._ari.delete(f"channels/{self._call.channel}")

    def _tell(self, pk: int, what: str) -> None:
        self._control.link.tell("party", self._call.channel, party=pk, reason=what)
