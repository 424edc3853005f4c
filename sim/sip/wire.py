"""Messages over UDP: asked again until answered, and answered the same when asked again."""

import asyncio
from collections.abc import Callable
from typing import Protocol, TypeVar, cast

from .message import Address, Message, token

T1, T2, GIVE_UP_S = 0.5, 4.0, 32.0  # RFC 3261's times for asking again
REMEMBERED = 2000

K = TypeVar("K")
V = TypeVar("V")


class Listener(Protocol):
    """Whoever the requests of the other side are for."""

    def asked(self, request: Message) -> None:
        """A new request came in."""

    def answered_again(self, response: Message) -> None:
        """An answer came that nobody waits for (any more)."""


class _Waiting:
    """One request of ours that has no final answer yet."""

    def __init__(self, told: Callable[[Message], None] | None) -> None:
        self.told = told
        self.answer: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self.again: asyncio.TimerHandle | None = None

    def stop(self) -> None:
        if self.again:
            self.again.cancel()


class Wire(asyncio.DatagramProtocol):
    """One UDP socket and the exchanges of messages over it, all with one server."""

    def __init__(self, server: Address, listener: Listener) -> None:
        self.server, self._listener = server, listener
        self._waiting: dict[tuple[str, str], _Waiting] = {}
        self._acknowledged: dict[str, Message] = {}
        self._answers: dict[tuple[str, str], Message | None] = {}

    @classmethod
    async def open(cls, server: Address, listener: Listener, local: Address) -> "Wire":
        """Bind the socket."""
        loop = asyncio.get_running_loop()
        _, wire = await loop.create_datagram_endpoint(
            lambda: cls(server, listener), local_addr=local
        )
        return wire

    @property
    def address(self) -> Address:
        """Where it listens."""
        host, port = self._socket.get_extra_info("sockname")
        return host, port

    def close(self) -> None:
        """Say and hear nothing more."""
        for waiting in self._waiting.values():
            waiting.stop()
        self._socket.close()

    def via(self, branch: str = "") -> tuple[str, str]:
        """The header that brings the answers back here."""
        host, port = self.address
        return "Via", f"SIP/2.0/UDP {host}:{port};rport;branch={branch or 'z9hG4bK' + token()}"

    def send(self, message: Message) -> None:
        """Send once."""
        if not self._socket.is_closing():
            self._socket.sendto(bytes(message), self.server)

    async def ask(self, request: Message, told: Callable[[Message], None] | None = None) -> Message:
        """Send a request, again if need be; its final answer, or a 408 of our own if none comes.

        `told` hears of the answers before.
        """
        loop = asyncio.get_running_loop()
        key = request.branch, request.method
        waiting = self._waiting[key] = _Waiting(told)
        until = loop.time() + GIVE_UP_S

        def send(pause: float) -> None:
            if loop.time() > until:
                if not waiting.answer.done():
                    waiting.answer.set_result(request.response(408, ""))
                return
            self.send(request)
            waiting.again = loop.call_later(pause, send, min(2 * pause, T2))

        send(T1)
        try:
            return await waiting.answer
        finally:
            waiting.stop()
            del self._waiting[key]

    def answer(self, request: Message, response: Message) -> None:
        """Answer, now and whenever the same is asked again."""
        self._answers[request.branch, request.method] = response
        self.send(response)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Part of the protocol: the socket is bound."""
        self._socket = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: Address) -> None:
        """Part of the protocol: a message came in; blank ones only keep paths open."""
        if not data.strip():
            return
        message = Message.parse(data)
        if not message.header("CSeq"):
            return  # sound that strayed here from a call of before, on a port that is ours now
        if message.code:
            self._response(message)
        else:
            self._request(message)

    def error_received(self, exc: Exception) -> None:
        """Part of the protocol: nobody listens there; asking again decides what that means."""

    def _response(self, response: Message) -> None:
        if response.method == "INVITE" and response.code >= 300:
            self._acknowledge(response)
        waiting = self._waiting.get((response.branch, response.method))
        if waiting is None or waiting.answer.done():
            self._listener.answered_again(response)
        elif response.code < 200:
            if response.method == "INVITE":
                waiting.stop()  # it is being worked on, for as long as that takes
            if waiting.told:
                waiting.told(response)
        else:
            waiting.stop()
            waiting.answer.set_result(response)

    def _acknowledge(self, refusal: Message) -> None:
        """The ACK to a refusal belongs to the request, unlike that to an acceptance."""
        ask = self._acknowledged.get(refusal.branch)
        if ask is None:
            return
        headers = [(name, ask.header(name)) for name in ("Via", "From", "Call-ID")]
        headers += [("To", refusal.header("To")), ("CSeq", f"{ask.sequence} ACK")]
        self.send(
            Message(ask.start.replace("INVITE", "ACK", 1), [*headers, ("Max-Forwards", "70")])
        )

    def remember(self, invite: Message) -> None:
        """Keep what an INVITE says, to acknowledge a refusal however late or often it comes."""
        self._acknowledged[invite.branch] = invite
        _forget(self._acknowledged)

    def _request(self, request: Message) -> None:
        key = request.branch, request.method
        if request.method == "ACK":
            self._listener.asked(request)
        elif key not in self._answers:
            self._answers[key] = None
            _forget(self._answers)
            self._listener.asked(request)
        elif again := self._answers[key]:
            self.send(again)


def _forget(things: dict[K, V]) -> None:
    """Drop the oldest when there are more than will ever be asked for."""
    while len(things) > REMEMBERED:
        del things[next(iter(things))]
