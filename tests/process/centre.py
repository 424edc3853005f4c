"""A whole 112 centre on loopback: a city's server, a real Asterisk, and the process between."""

import asyncio
import functools
import json
import os
import re
import wave
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx

from sigap.gateways.asterisk.prompts import RATE, WORDS
from sim.sip import Call, Caller, Phone, Trunk
from sim.voices import sound
from tools.exchange import Exchange, free_udp_port

from .asking import Person
from .cities import City
from .loops import run
from .server import TOKEN, Server, free_port, run_sigap, running, until

SOON_S = 20.0
TRUNK = "127.0.0.2"
MOST_S = 60
Talk = tuple[Person, dict[str, Any], Call, Call]


class Control(Server):
    """`sigap telephony`: ready once Asterisk sends calls to it and its orders come."""

    def __init__(self, centre: "Centre") -> None:
        self.centre = centre
        super().__init__("telephony", data_dir=centre.city.data_dir, **centre.settings)
        self.log = centre.city.data_dir / "log-telephony"

    def start(self, *, wait: bool = True) -> Server:
        """Start the process; what an earlier one said counts no more."""
        self._since = self.log.stat().st_size if self.log.exists() else 0
        return super().start(wait=wait)

    def is_ready(self) -> bool:
        """Whether it has found Asterisk, the server and the voice detector."""
        assert self.process.poll() is None, f"ended by itself: {self.tail()}"
        told = [line for line in self.said().splitlines() if "there now" in line]
        return bool(told) and "False" not in told[-1]

    def said(self) -> str:
        """What this process has said so far."""
        return self.log.read_bytes()[self._since :].decode()


class Centre:
    """The three processes, and those who call and answer."""

    def __init__(self, city: City, *, prompts_s: float = 0.2, **settings: Any) -> None:
        """The prompts last so long, since the real ones take seconds; with 0 they are real."""
        self.city, self.folder, self.prompts_s = city, city.data_dir / "telephony", prompts_s
        self.sip = ("127.0.0.1", free_udp_port())
        self.trunk_port = free_udp_port(TRUNK)
        carrier = {"name": "carrier", "host": f"{TRUNK}:{self.trunk_port}", "match": [TRUNK]}
        port = free_port()
        self.settings = {
            "port": port,
            "server_url": f"http://127.0.0.1:{port}",
            "exchange": "asterisk",
            "ari_listen": f"127.0.0.1:{free_port()}",
            "sip_listen": f"127.0.0.1:{self.sip[1]}",
            "rtp_ports": "20000-23999",
            "trunks": json.dumps([carrier]),
        } | settings
        self.server = city.server("serve", **self.settings)
        self.control = Control(self)
        self.exchange: Exchange

    def set(self, name: str, value: float) -> None:
        """Set a number of the city, past the product; it is in force when this returns."""
        self.city.do(f"DELETE FROM core_parameter WHERE name = '{name}'")
        self.city.do(f"INSERT INTO core_parameter (name, value) VALUES ('{name}', {value})")
        if self.server.is_running():
            until(lambda: self.numbers()[name] == value, SOON_S)

    def numbers(self) -> dict[str, float]:
        """The city's numbers, as the server tells them to an exchange."""
        way = {"headers": {"Authorization": f"Bearer {TOKEN}"}, "timeout": SOON_S}
        url = f"{self.server.url}/hooks/calls/orders"
        with httpx.stream("GET", url, params={"exchange": "asker"}, **way) as answer:
            numbers: dict[str, float] = json.loads(next(answer.iter_lines()))["numbers"]
            return numbers

    def voice_pid(self) -> int:
        """A handle of the voice detector that runs beside the control process now."""
        mine = f"{self.control.process.pid}"
        for status in Path("/proc").glob("[0-9]*/stat"):
            if status.read_text().rpartition(")")[2].split()[1] == mine:
                return os.pidfd_open(int(status.parent.name))
        raise AssertionError("no voice detector")

    def close(self, operator: Person, call: dict[str, Any]) -> None:
        """Say what a call was, so that the operator is free."""
        answer = operator.command(f"/calls/{call['id']}/close", **{"class": "test"})
        assert answer.status_code == 200, answer.text

    def begin_shift(self, username: str) -> None:
        """Put somebody at a desk who is not signed in here."""
        self.city.do(
            "INSERT INTO core_shift (user_id, role, desk, pause_reason, started_at, heartbeat_at) "
            "SELECT id, username, 'S1', '', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP FROM core_user "
            f"WHERE username = '{username}'"
        )

    def ask_call(self, column: str) -> list[tuple[Any, ...]]:
        """One column of the newest call."""
        return self.city.ask(f"SELECT {column} FROM calls_call ORDER BY id DESC LIMIT 1")

    def configure(self) -> str:
        """Write Asterisk's configuration, as a person would; but see `prompts_s`."""
        folder = self.folder / "sounds" / "id" / "sigap"
        folder.mkdir(parents=True, exist_ok=True)
        for name in WORDS if self.prompts_s else ():
            with wave.open(str(folder / f"{name}.wav"), "wb") as file:
                file.setnchannels(1)
                file.setsampwidth(2)
                file.setframerate(RATE)
                file.writeframes(bytes(round(RATE * self.prompts_s) * 2))
        told = run_sigap(self.server.environment, "telephony", "config")
        sounds = {"id": self.folder / "sounds" / "id"}
        self.exchange = Exchange.of(self.folder, self.folder, sounds=sounds)
        return told

    @contextmanager
    def working(self) -> Iterator["Centre"]:
        """All three, while the block lasts."""
        self.configure()
        with running(self.server), self.exchange, running(self.control):
            yield self

    def revive(self) -> None:
        """Start an Asterisk that was ended, as systemd does, so that one fault is one failure."""
        if self.exchange.process.poll() is not None:
            self.exchange.start()
            raise AssertionError(f"Asterisk had ended before: {self.control.tail()}")

    def ari(self, path: str) -> httpx.Response:
        """Ask Asterisk past the product."""
        password = re.search(r"password=(\w+)", (self.folder / "ari.conf").read_text())
        assert password
        url = f"http://{self.settings['ari_listen']}/ari/{path}"
        return httpx.get(url, auth=("sigap", password[1]), timeout=10)

    def channels(self) -> int:
        """How many channels Asterisk has."""
        return len(self.ari("channels").json())

    def person(self, role: str = "call_taker") -> Person:
        """Somebody signed in, at their desk, with a console that is alive."""
        person = Person(self.server.url, role)
        assert person.command("/console/heartbeat").status_code < 300
        return person

    def desk(self, username: str = "call_taker", **how: Any) -> Phone:
        """The desk telephone of this person."""
        ((pk,),) = self.city.ask(f"SELECT id FROM core_user WHERE username = '{username}'")
        name = f"op{pk}-desk"
        written = (self.folder / "pjsip_phones.conf").read_text()
        password = re.search(rf"username={name}\npassword=(\w+)", written)
        assert password
        return Phone(self.sip, name, password[1], **how)

    def line(self, **how: Any) -> Trunk:
        """The carrier: whom we ring back is behind it."""
        return Trunk(self.sip, local=TRUNK, port=self.trunk_port, **how)

    async def is_online(self, endpoint: str = "carrier") -> None:
        """Have Asterisk ask now whether a line is there; by itself it asks every half minute."""
        self.exchange.command(f"pjsip qualify {endpoint}")
        url = f"endpoints/PJSIP/{endpoint}"
        await self.until(lambda: self.ari(url).json()["state"] == "online")

    def caller(self, number: str = "081234567890") -> Caller:
        """Somebody who dials 112."""
        return Caller(self.sip, number, local=TRUNK)

    def calls(self) -> list[dict[str, Any]]:
        """All calls as the database has them, the oldest first."""
        columns = "id, state, gate, gate_reason, call_class, external_id, callback_attempts"
        rows = self.city.ask(f"SELECT {columns} FROM calls_call ORDER BY id")
        return [dict(zip(columns.split(", "), row, strict=True)) for row in rows]

    def last(self) -> dict[str, Any]:
        """The newest call."""
        return (self.calls() or [{"state": "none", "gate": ""}])[-1]

    def state_of(self, call: int) -> str:
        """The state of a call."""
        ((state,),) = self.city.ask(f"SELECT state FROM calls_call WHERE id = {call}")
        return str(state)

    def settle_all(self) -> None:
        """Nobody of earlier is to be rung back, and no operator has a call in hand."""
        self.city.do("UPDATE calls_call SET state = 'waived' WHERE state = 'callback_due'")
        self.city.do(
            "UPDATE calls_call SET state = 'closed', call_class = 'test' "
            "WHERE state IN ('answered', 'held', 'wrap_up')"
        )

    def kinds(self, call: int) -> list[str]:
        """What the journal has of a call."""
        rows = self.city.ask(
            f"SELECT kind FROM core_journal WHERE subject = 'call:{call}' ORDER BY seq"
        )
        return [kind for (kind,) in rows]

    async def becomes(self, seconds: float = SOON_S, **facts: Any) -> dict[str, Any]:
        """Wait until the newest call is so; it."""
        await self.until(lambda: facts.items() <= self.last().items(), seconds)
        return self.last()

    async def until(self, done: Any, seconds: float = SOON_S) -> None:
        """Ask again and again, while the telephones go on."""
        try:
            async with asyncio.timeout(seconds):
                while not done():
                    await asyncio.sleep(0.03)
        except TimeoutError:
            raise AssertionError(f"{self.calls()[-3:]}\n{self.control.tail()}") from None


def on_the_line(story: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """Let a story run that waits for what happens on the line."""

    async def in_time(**fixtures: Any) -> None:
        async with asyncio.timeout(MOST_S):
            await story(**fixtures)

    @functools.wraps(story)
    def told(**fixtures: Any) -> None:
        if (centre := fixtures.get("centre")) is not None:
            centre.revive()
        run(in_time(**fixtures))

    return told


async def through(centre: Centre, call: Call) -> dict[str, Any]:
    """Press 0, and wait in the queue."""
    await call.answered()
    await call.dtmf("0")
    return await centre.becomes(state="queued")


@asynccontextmanager
async def talking(centre: Centre) -> AsyncIterator[Talk]:
    """An operator talks with a caller: the operator, the call, both ends of the line."""
    operator = centre.person()
    async with centre.desk() as phone, dialled(centre.caller()) as caller:
        found = await through(centre, caller)
        operator.command(f"/calls/{found['id']}/take")
        leg = await phone.next_call()
        await centre.until(lambda: centre.ask_call("answered_source") == [("exchange",)])
        yield operator, found, caller, leg


@asynccontextmanager
async def rung_back(centre: Centre, number: str) -> AsyncIterator[Talk]:
    """A lost caller is rung back by itself and talks with an operator: the operator, the call,
    both ends of the line."""
    centre.settle_all()
    centre.set("calls.callback_due_s", 1)
    operator = centre.person()
    try:
        async with centre.line() as line, centre.desk() as phone:
            await centre.is_online()
            async with dialled(centre.caller(number)) as lost:
                await through(centre, lost)
            back = await line.next_call()
            found = await centre.becomes(state="queued", gate="callback")
            operator.command(f"/calls/{found['id']}/take")
            leg = await phone.next_call()
            await hear_each_other(leg, back)
            yield operator, found, back, leg
    finally:
        centre.set("calls.callback_due_s", 120)


async def hear_each_other(one: Call, other: Call) -> None:
    """Each says something, and the other hears it."""
    for way, speaks, listens in (("first", one, other), ("second", other, one)):
        speaks.media.background(sound("music", seed=1))
        since = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(SOON_S):
                await listens.heard.sound(lasting=0.3, since=since)
        except TimeoutError:
            came = [packet for packet in listens.heard.packets if packet.at >= since]
            loudest = max((packet.level for packet in came), default=None)
            why = f"{len(came)} packets came, the loudest {loudest} dB"
            raise AssertionError(f"nothing is heard the {way} way: {why}") from None
        finally:
            speaks.media.background(None)


@asynccontextmanager
async def dialled(caller: Caller, number: str = "112", **how: Any) -> AsyncIterator[Call]:
    """A call by this caller; hung up at the end of the block."""
    async with caller:
        call = await caller.dial(number, **how)
        yield call
        await call.hang_up()


__all__ = ["Centre", "dialled", "until"]
