"""One call, made or received: what becomes of it, and its sound."""

import asyncio
import contextlib
import re
from collections.abc import Coroutine
from enum import StrEnum
from typing import TYPE_CHECKING

from .media import Heard, Media
from .message import Account, Described, Message, description, parameter, token, uri, user
from .wire import GIVE_UP_S, T1, T2

if TYPE_CHECKING:
    from pathlib import Path

    from .wire import Wire

ALLOW = ("Allow", "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO, NOTIFY")
SDP = ("Content-Type", "application/sdp")


class State(StrEnum):
    """How far a call has come."""

    TRYING = "trying"
    RINGING = "ringing"
    ANSWERED = "answered"
    ENDED = "ended"


ORDER = list(State)


class CallEnded(Exception):
    """The call ended before that happened."""


class Call:
    """A call between us and the exchange. All times are those of the event loop."""

    def __init__(self, wire: "Wire", media: Media, us: str, them: str, identity: str) -> None:
        """`us` and `them` are the From and To of a call that we make."""
        self.wire, self.media, self.us, self.them, self.id = wire, media, us, them, identity
        self.state = State.TRYING
        self.times: dict[State, float] = {State.TRYING: asyncio.get_running_loop().time()}
        self.codes: list[int] = []  # every status that was told, by whichever side was called
        self.code = 0  # the last of them
        self.cause: int | None = None  # the exchange's reason for the end (Q.850), if it told
        self.ended_by = ""  # "us" or "them"
        self.invite = Message("")  # what began the call: ours, or theirs with all its headers
        self._reached = {state: asyncio.Event() for state in State}
        self._target = uri(them)
        self._sequence = 0
        self._ack: Message | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._again: asyncio.TimerHandle | None = None
        self._tag = parameter(us, "tag")
        self._outgoing = False
        self._cancelled = self._cancel_sent = False

    @property
    def called(self) -> str:
        """The number that was dialled."""
        return user(self.invite.start.split()[1])

    @property
    def heard(self) -> Heard:
        """What came in so far."""
        return self.media.heard

    async def reached(self, state: State | str) -> float:
        """Wait for this state; when it came. Raises CallEnded if the call ends before."""
        wanted = State(state)
        await self._reached[wanted].wait()
        if wanted not in self.times:
            raise CallEnded(f"{self.code} before the call was {wanted}")
        return self.times[wanted]

    async def answered(self) -> float:
        """Wait until the call is answered; when that was."""
        return await self.reached(State.ANSWERED)

    async def ended(self) -> int:
        """Wait for the end; the last status, which is 200 if the call had been answered."""
        await self._reached[State.ENDED].wait()
        return self.code

    async def play(self, sound: "bytes | Path") -> None:
        """Send a sound; returns when it is sent."""
        await self.media.play(sound)

    async def dtmf(self, keys: str, *, in_band: bool = False) -> None:
        """Press keys."""
        await self.media.dtmf(keys, in_band=in_band)

    # Calls that we make

    def dial(self, account: Account | None, *headers: tuple[str, str], events: bool = True) -> None:
        """Begin the call; without `events` the telephone knows no keys but those in the sound."""
        self._outgoing = True
        body = description(self.media.address, events=events)
        self._spawn(self._dial(account, headers, body))

    async def _dial(
        self, account: Account | None, headers: tuple[tuple[str, str], ...], body: str
    ) -> None:
        given = [*headers, ALLOW, SDP]
        self.invite = self._request("INVITE", *given, body=body)
        answer = await self._invite()
        if answer.code in (401, 407) and account and not self._cancelled:
            proof = account.answer(answer, "INVITE", self._target)
            self.invite = self._request("INVITE", proof, *given, body=body)
            answer = await self._invite()
        self._told(answer)
        if answer.code >= 300:
            self._end("us" if self._cancelled else "them")
            return
        self._accepted(answer)
        if self._cancelled:  # our CANCEL and their answer crossed
            await self._bye()

    async def _invite(self) -> Message:
        self.wire.remember(self.invite)
        return await self.wire.ask(self.invite, self._provisional)

    def _provisional(self, answer: Message) -> None:
        self._told(answer)
        if answer.code > 100:
            self._hears(answer)
            self._move(State.RINGING)
        if self._cancelled:
            self._send_cancel()

    def _accepted(self, answer: Message) -> None:
        self.them = answer.header("To")
        self._target = uri(answer.header("Contact")) or self._target
        self._hears(answer)
        self._ack = self._request("ACK", sequence=answer.sequence)
        self.wire.send(self._ack)
        self._move(State.ANSWERED)

    def _send_cancel(self) -> None:
        if not self._cancel_sent:
            self._cancel_sent = True
            self._spawn(self._cancel())

    async def _cancel(self) -> None:
        headers = [(name, self.invite.header(name)) for name in ("Via", "From", "To", "Call-ID")]
        headers += [("CSeq", f"{self.invite.sequence} CANCEL"), ("Max-Forwards", "70")]
        start = self.invite.start.replace("INVITE", "CANCEL", 1)
        answer = await self.wire.ask(Message(start, headers))
        if answer.code == 408:  # nobody is there to end it in due form
            self._end("us")

    # Calls that we receive

    def received(self, invite: Message) -> None:
        """Take note of what the exchange asks for."""
        self.invite = invite
        self._target = uri(invite.header("Contact"))
        self._hears(invite)

    def try_(self) -> None:
        """Tell that the call has arrived."""
        self._respond(100)

    def ring(self) -> None:
        """Tell that it rings."""
        if self.state is State.TRYING:
            self._respond(180)
            self._move(State.RINGING)

    def answer(self) -> None:
        """Pick up; once more does nothing."""
        if self.state in (State.TRYING, State.RINGING):
            self._accept(self.invite)
            self._move(State.ANSWERED)

    def refuse(self, code: int = 486) -> None:
        """Do not take the call: 486 busy, 603 declined, 480 not there."""
        if self.state in (State.TRYING, State.RINGING):
            self._respond(code)
            self._end("us")

    def _respond(self, code: int) -> None:
        self._told_code(code)
        self.wire.answer(self.invite, self.invite.response(code, self._tag, self._contact(), ALLOW))

    def _accept(self, invite: Message) -> None:
        """Say 200 to this INVITE, again until it is acknowledged."""
        self._told_code(200)
        offer = Described.parse(invite.body)
        way = offer.our_direction if offer else "sendrecv"
        body = description(self.media.address, way)
        answer = invite.response(200, self._tag, self._contact(), ALLOW, SDP, body=body)
        loop = asyncio.get_running_loop()
        until = loop.time() + GIVE_UP_S

        def send(pause: float) -> None:
            self.wire.answer(invite, answer)
            if loop.time() < until:
                self._again = loop.call_later(pause, send, min(2 * pause, T2))

        self._acknowledged()
        send(T1)

    def _acknowledged(self) -> None:
        if self._again:
            self._again.cancel()
            self._again = None

    # The end, and what the exchange asks for meanwhile

    async def hang_up(self) -> None:
        """End the call in the way that fits its state; returns when it is over."""
        if self.state is State.ANSWERED:
            await self._bye()
        elif self._outgoing and self.state is not State.ENDED:
            self._cancelled = True
            if self.codes:  # before the first answer there is nothing to cancel yet
                self._send_cancel()
            await self.ended()
        else:
            self.refuse(480)

    async def _bye(self) -> None:
        bye = self._request("BYE")
        self._end("us")
        await self.wire.ask(bye)

    def asked(self, request: Message) -> None:
        """The exchange wants something of this call."""
        match request.method:
            case "ACK":
                self._acknowledged()
                self._hears(request)
            case "INVITE":
                self._hears(request)
                self._accept(request)
            case "BYE":
                self._simply(request)
                self._because(request)
                self._end("them")
            case "CANCEL":
                self._simply(request)
                if self.state in (State.TRYING, State.RINGING):
                    self._because(request)
                    self._respond(487)
                    self._end("them")
            case "UPDATE" if request.body:
                self._hears(request)
                body = description(self.media.address)
                answer = request.response(200, self._tag, self._contact(), SDP, body=body)
                self.wire.answer(request, answer)
            case _:
                self._simply(request)

    def answered_again(self, response: Message) -> None:
        """The exchange has not heard our ACK, or its answer came late."""
        if self._ack and response.method == "INVITE" and 200 <= response.code < 300:
            self.wire.send(self._ack)

    def _simply(self, request: Message) -> None:
        self.wire.answer(request, request.response(200, self._tag, self._contact(), ALLOW))

    def _because(self, request: Message) -> None:
        if found := re.search(r"Q\.850\s*;\s*cause=(\d+)", request.header("Reason")):
            self.cause = int(found[1])

    def _told(self, answer: Message) -> None:
        self._told_code(answer.code)
        self._because(answer)

    def _told_code(self, code: int) -> None:
        self.codes.append(code)
        self.code = code

    def _hears(self, message: Message) -> None:
        described = Described.parse(message.body)
        if described and self.state is not State.ENDED:
            self.media.connect(described)

    def _move(self, state: State) -> None:
        if ORDER.index(state) > ORDER.index(self.state):
            self.state = state
            self.times[state] = asyncio.get_running_loop().time()
            for each in ORDER[: ORDER.index(state) + 1]:
                self._reached[each].set()

    def _end(self, by: str) -> None:
        if self.state is State.ENDED:
            return
        self.ended_by = by
        self._acknowledged()
        self.media.close()
        self._move(State.ENDED)

    # Messages

    def _request(
        self, method: str, *headers: tuple[str, str], body: str = "", sequence: int = 0
    ) -> Message:
        if not sequence:
            self._sequence += 1
        basics = [
            self.wire.via(),
            ("From", self.us),
            ("To", self.them),
            ("Call-ID", self.id),
            ("CSeq", f"{sequence or self._sequence} {method}"),
            ("Max-Forwards", "70"),
            self._contact(),
        ]
        return Message(f"{method} {self._target} SIP/2.0", [*basics, *headers], body)

    def _contact(self) -> tuple[str, str]:
        host, port = self.wire.address
        return "Contact", f"<sip:{host}:{port}>"

    def _spawn(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def abandon(self) -> None:
        """Stop all that goes on for this call, without a word to the exchange."""
        for task in list(self._tasks):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._end("us")


def new_tag(address: str) -> str:
    """A From with a tag of our own."""
    return f"{address};tag={token()}"
