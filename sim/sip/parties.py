"""Those who telephone: callers, desk phones, and the far end of the exchange's trunk."""

import asyncio
import contextlib
from collections.abc import Sequence
from enum import StrEnum
from typing import Self

from .call import ALLOW, Call, new_tag
from .media import Media
from .message import Account, Address, Described, Message, parameter, token, user
from .wire import Wire

FAREWELL_S = 1.0


class Behaviour(StrEnum):
    """What happens to a call that comes in, unless the test does something with it."""

    RING = "ring"  # and ring, until somebody answers
    ANSWER = "answer"
    BUSY = "busy"
    DECLINE = "decline"
    ABSENT = "absent"
    IGNORE = "ignore"  # say nothing, as if on the other end of a broken line


REFUSALS = {Behaviour.BUSY: 486, Behaviour.DECLINE: 603, Behaviour.ABSENT: 480}


class Party:
    """Whoever has a telephone: makes calls, and receives them.

    async with Party(("127.0.0.1", 5060), "0812000111", "127.0.0.2") as party:
        call = await party.dial("112")
        await call.answered()

    Calls that come in are in `calls`, in order; `next_call()` waits for the next.
    """

    def __init__(
        self,
        server: Address,
        number: str,
        local: str = "127.0.0.1",
        port: int = 0,
        *,
        behaviour: Behaviour | str = Behaviour.RING,
        sends: bool = True,
        account: Account | None = None,
    ) -> None:
        """`sends` is whether its calls send packets while there is nothing to say."""
        self.server, self.number, self.local, self.port = server, number, local, port
        self.behaviour, self.sends, self.account = Behaviour(behaviour), sends, account
        self.behaviours: dict[str, Behaviour] = {}  # for calls to this number only
        self.auto_answer = False
        self.calls: list[Call] = []
        self._by_id: dict[str, Call] = {}
        self._early: dict[str, list[Message]] = {}  # for calls that are just coming in
        self._arrived: asyncio.Queue[Call] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self.wire = await Wire.open(self.server, self, (self.local, self.port))
        return self

    async def __aexit__(self, *error: object) -> None:
        """End all calls, politely if the exchange is still there to hear it."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FAREWELL_S):
                await self.say_goodbye()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for call in self._by_id.values():
            await call.abandon()
        self.wire.close()

    async def say_goodbye(self) -> None:
        """Hang up all calls."""
        await asyncio.gather(*(call.hang_up() for call in self._by_id.values()))

    @property
    def address(self) -> Address:
        """Where it listens."""
        return self.wire.address

    async def dial(
        self,
        number: str,
        *,
        withheld: bool = False,
        asserted: bool = False,
        sends: bool | None = None,
        events: bool = True,
        headers: Sequence[tuple[str, str]] = (),
    ) -> Call:
        """Begin a call; it is under way when this returns.

        `withheld` hides the caller's number; the network may still assert it, as `asserted` says.
        An exchange listens for the tones of keys only if it is offered no telephone `events`.
        """
        media = await Media.open(self.local, sends=self.sends if sends is None else sends)
        host, port = self.server
        us = f"<sip:{self.number}@{self.local}>"
        more = list(headers)
        if asserted:
            more.append(("P-Asserted-Identity", us))
        if withheld:
            us = '"Anonymous" <sip:anonymous@anonymous.invalid>'
            more.append(("Privacy", "id"))
        to = f"<sip:{number}@{host}:{port}>"
        call = Call(self.wire, media, new_tag(us), to, f"{token()}@{self.local}")
        self._by_id[call.id] = call
        call.dial(self.account, *more, events=events)
        return call

    async def next_call(self) -> Call:
        """Wait for the next call that comes in."""
        return await self._arrived.get()

    def asked(self, request: Message) -> None:
        """Part of the wire: the exchange wants something."""
        identity = request.header("Call-ID")
        if identity in self._early:
            self._early[identity].append(request)
        elif call := self._by_id.get(identity):
            call.asked(request)
        elif request.method == "INVITE":
            self._spawn_receive(request)
        elif request.method != "ACK":
            code = {"OPTIONS": 200, "NOTIFY": 200, "BYE": 481, "CANCEL": 481}
            answer = request.response(code.get(request.method, 501), token(), ALLOW)
            self.wire.answer(request, answer)

    def answered_again(self, response: Message) -> None:
        """Part of the wire: an answer that nobody waits for."""
        if call := self._by_id.get(response.header("Call-ID")):
            call.answered_again(response)

    def behaviour_for(self, invite: Message) -> Behaviour:
        """What is to happen to this call."""
        if self.auto_answer and wants_answer(invite):
            return Behaviour.ANSWER
        number = user(invite.start.split()[1])
        return self.behaviours.get(number, self.behaviour)

    def _spawn_receive(self, invite: Message) -> None:
        behaviour = self.behaviour_for(invite)
        self._early[invite.header("Call-ID")] = []
        task = asyncio.get_running_loop().create_task(self._receive(invite, behaviour))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _receive(self, invite: Message, behaviour: Behaviour) -> None:
        media = await Media.open(self.local, sends=self.sends)
        us, them = new_tag(invite.header("To")), invite.header("From")
        call = Call(self.wire, media, us, them, invite.header("Call-ID"))
        self._by_id[call.id] = call
        call.received(invite)
        offer = Described.parse(invite.body)
        if behaviour is not Behaviour.IGNORE:
            call.try_()
        if offer and not offer.takes_alaw:
            call.refuse(488)
        elif behaviour in REFUSALS:
            call.refuse(REFUSALS[behaviour])
        elif behaviour is not Behaviour.IGNORE:
            call.ring()
            if behaviour is Behaviour.ANSWER:
                call.answer()
        for request in self._early.pop(call.id):
            call.asked(request)
        self.calls.append(call)
        self._arrived.put_nowait(call)


class Caller(Party):
    """Somebody who calls; reached by nobody, since the exchange does not know where to."""


class Trunk(Party):
    """The far end of the exchange's trunk: every ordinary number that it calls.

    `behaviours` holds what single numbers do; the number is `call.called`.
    """

    def __init__(
        self,
        server: Address,
        local: str = "127.0.0.2",
        port: int = 0,
        *,
        behaviour: Behaviour | str = Behaviour.ANSWER,
        sends: bool = True,
    ) -> None:
        super().__init__(server, "trunk", local, port, behaviour=behaviour, sends=sends)


class Phone(Party):
    """A desk phone, which registers with a name and a password."""

    def __init__(
        self,
        server: Address,
        name: str,
        password: str,
        local: str = "127.0.0.1",
        port: int = 0,
        *,
        behaviour: Behaviour | str = Behaviour.RING,
        sends: bool = True,
        auto_answer: bool = True,
    ) -> None:
        """`auto_answer` is whether it picks up at once when the exchange asks it to."""
        account = Account(name, password)
        super().__init__(
            server, name, local, port, behaviour=behaviour, sends=sends, account=account
        )
        self.auto_answer = auto_answer
        self._registrations, self._registration = 0, token()

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        try:
            await self.register()
        except BaseException:
            self.wire.close()
            raise
        return self

    async def say_goodbye(self) -> None:
        """Hang up and sign off."""
        await super().say_goodbye()
        await self.register(seconds=0)

    async def register(self, seconds: int = 3600) -> None:
        """Tell the exchange where this phone is; for 0 seconds, that it is gone."""
        code = (await self._register(seconds)).code
        assert code == 200, f"{self.number} cannot register: {code}"

    async def _register(self, seconds: int) -> Message:
        host, port = self.server
        here, there = self.address
        target = f"sip:{host}:{port}"
        us = f"<sip:{self.number}@{host}>"
        proof: list[tuple[str, str]] = []
        for _attempt in range(2):
            self._registrations += 1
            headers = [
                self.wire.via(),
                ("From", new_tag(us)),
                ("To", us),
                ("Call-ID", self._registration),
                ("CSeq", f"{self._registrations} REGISTER"),
                ("Max-Forwards", "70"),
                ("Contact", f"<sip:{self.number}@{here}:{there}>;expires={seconds}"),
                ("Expires", str(seconds)),
                *proof,
            ]
            answer = await self.wire.ask(Message(f"REGISTER {target} SIP/2.0", headers))
            if answer.code not in (401, 407) or proof:
                return answer
            assert self.account
            proof = [self.account.answer(answer, "REGISTER", target)]
        return answer


def wants_answer(invite: Message) -> bool:
    """Whether the exchange asks a phone to pick up at once."""
    after = parameter(invite.header("Call-Info"), "answer-after")
    return after == "0" or bool(invite.header("X-Sigap-Call"))
