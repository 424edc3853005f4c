"""The whole way on loopback: a dispatcher's key press, the worker, a push service and a gateway
for SMS and calls, a crew's browser; and what happens when any of them is not there."""

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from sim.push import PushService
from sim.texts import Gateway

from . import loops
from .asking import Person, client, send_units
from .board import AT
from .cities import ROOT, City
from .server import Server, running

TOKEN = "token-of-the-text-gateway"
PATIENCE_S = 40.0
GIVE_NUMBER = """
import sys
from sigap.config.cli import start_django
start_django()
from sigap.core.actors import system
from sigap.core.models import User
from sigap.notify.actions import set_phone
set_phone(User.objects.get(username="crew"), sys.argv[1], actor=system("setup"))
"""
Scene = Callable[["Town"], Awaitable[None]]


class Town:
    """A running server, its far ends, a dispatcher and a crew."""

    def __init__(self, city: City, server: Server, pushes: PushService, texts: Gateway) -> None:
        self.city, self.server, self.pushes, self.texts = city, server, pushes, texts

    async def enter(self) -> None:
        """Who works here signs in."""
        self.crew = await asyncio.to_thread(Person, self.server.url, "crew")
        self.dispatcher = await asyncio.to_thread(Person, self.server.url, "dispatcher")
        self.taker = await asyncio.to_thread(Person, self.server.url, "call_taker")

    async def phone(self, name: str = "crew") -> None:
        """The crew turns alerts on in a browser."""
        key = await asyncio.to_thread(self.crew.get, "/crew/push/key")
        given = self.pushes.browser(name, key["key"])
        answer = await asyncio.to_thread(self.crew.command, "/crew/push/subscribe", **given)
        assert answer.status_code == 200, answer.text

    async def job(self, unit: str = "AMB-01") -> int:
        """A P1 incident to which a unit is sent; its number."""

        def opened() -> int:
            call = self.taker.command("/calls/enter").json()["call"]
            facts = {"type": "kecelakaan_lalin", "call_class": "emergency", **AT}
            answer = self.taker.command(f"/calls/{call}/incident", **facts)
            assert answer.status_code == 200, answer.text
            incident = int(answer.json()["incident"])
            send_units(self.dispatcher, incident, unit)
            return incident

        return await asyncio.to_thread(opened)

    def give_number(self, number: str) -> None:
        """What the administrator enters, whose second factor is another test's."""
        said = subprocess.run(
            [sys.executable, "-c", GIVE_NUMBER, number],
            env=self.server.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert said.returncode == 0, said.stderr

    async def until(self, what: Callable[[], Any], why: str = "nothing came of it") -> Any:
        """Wait until it is so."""
        end = asyncio.get_running_loop().time() + PATIENCE_S
        while not (found := await asyncio.to_thread(what)):
            assert asyncio.get_running_loop().time() < end, f"{why}: {self.states()}"
            await asyncio.sleep(0.05)
        return found

    def states(self) -> list[tuple[Any, ...]]:
        """Channel, state and error of every message."""
        return self.city.ask("SELECT channel, state, error FROM notify_delivery ORDER BY id")

    def is_in(self, *wanted: tuple[str, str]) -> Callable[[], bool]:
        """Whether the messages are exactly these."""
        return lambda: [row[:2] for row in self.states()] == list(wanted)

    def shown(self, name: str = "crew") -> list[dict[str, Any]]:
        """What a browser has shown."""
        return self.pushes.browsers[name].shown

    def alarms(self) -> set[str]:
        """The alarms that stand."""
        return {
            code for (code,) in self.city.ask("SELECT code FROM core_alarm WHERE state<>'done'")
        }


@pytest.fixture(autouse=True)
def time() -> None:
    """The server's clock goes on, and so do those of the far ends."""


@pytest.fixture
def play(fresh: City) -> Callable[[Scene], None]:
    """Plays a scene in a town."""

    def played(scene: Scene) -> None:
        async def run() -> None:
            async with PushService() as pushes, Gateway(token=TOKEN) as texts:
                server = fresh.server(
                    push_hosts='["127.0.0.1"]',
                    sms_url=f"{texts.base}/sms",
                    sms_token=TOKEN,
                    voice_url=f"{texts.base}/voice",
                    voice_token=TOKEN,
                )
                entered = running(server)
                await asyncio.to_thread(entered.__enter__)
                try:
                    town = Town(fresh, server, pushes, texts)
                    await town.enter()
                    await scene(town)
                finally:
                    await asyncio.to_thread(entered.__exit__, None, None, None)

        loops.run(run())

    return played


def receives(town: Town, receipt: str) -> httpx.Response:
    """What the service worker posts, without anybody signed in."""
    return client(town.server.url).post("/crew/push/received", json={"receipt": receipt})


def test_a_push_rings_a_phone_says_that_it_arrived_and_is_answered(
    play: Callable[[Scene], None],
) -> None:
    async def scene(town: Town) -> None:
        await town.phone()
        incident = await town.job()
        await town.until(lambda: town.shown())
        (told,) = town.shown()
        assert "AMB-01" in told["title"] and told["urgent"]
        assert town.pushes.refused == []
        await town.until(town.is_in(("push", "sent")))
        assert (await asyncio.to_thread(receives, town, told["receipt"])).status_code == 200
        await town.until(town.is_in(("push", "delivered")))
        job = town.city.ask("SELECT id FROM dispatch_assignment")[0][0]
        path = f"/crew/assignments/{job}/step"
        answer = await asyncio.to_thread(town.crew.command, path, command="acknowledge")
        assert answer.status_code == 200
        ended = "SELECT acknowledged_how FROM notify_alert"
        await town.until(lambda: town.city.ask(ended) == [("crew",)])
        page = await asyncio.to_thread(town.dispatcher.http.get, f"/incidents/{incident}")
        assert "Push" in page.text
        assert not town.alarms() & {"unreached", "unacknowledged", "channel_down"}

    play(scene)


def test_a_phone_that_is_gone_is_followed_by_an_sms_at_once_whose_receipts_come_in(
    play: Callable[[Scene], None],
) -> None:
    async def scene(town: Town) -> None:
        await town.phone()
        await asyncio.to_thread(town.give_number, "081234567890")
        town.pushes.browsers["crew"].gone = 410
        await town.job()
        await town.until(lambda: town.texts.of("sms"))
        await town.until(town.is_in(("push", "failed"), ("sms", "sent")))
        (sms,) = town.texts.of("sms")
        assert sms["to"] == "+6281234567890"
        hook = f"{town.server.url}/hooks/deliveries"
        for _twice in range(2):
            assert await town.texts.tells(hook, sms["reference"], "delivered") == 202
        await town.until(town.is_in(("push", "failed"), ("sms", "delivered")))
        assert await town.texts.tells(hook, "d999999", "delivered") == 202
        assert await town.texts.tells(hook, "; DROP TABLE", "delivered") == 422
        assert await town.texts.tells(hook, sms["reference"], "eaten") == 422
        town.texts.token = "a-token-that-is-not-ours"
        assert await town.texts.tells(hook, sms["reference"], "failed") == 401

    play(scene)


def test_a_push_service_with_a_fault_is_asked_again_and_the_alarm_did_not_wait(
    play: Callable[[Scene], None],
) -> None:
    async def scene(town: Town) -> None:
        await town.phone()
        town.pushes.faults.answers.extend([(500, {}), (503, {"Retry-After": "1"})])
        await town.job()
        await town.until(lambda: "unreached" in town.alarms())
        await town.until(lambda: town.shown())
        assert town.pushes.asked == 3
        assert len(town.shown()) == 1

    play(scene)


def test_a_server_that_dies_while_it_sends_sends_again_when_it_lives(
    play: Callable[[Scene], None],
) -> None:
    async def scene(town: Town) -> None:
        await town.phone()
        town.pushes.faults.silent = True
        await town.job()
        await town.until(lambda: town.pushes.asked == 1)
        await asyncio.to_thread(town.server.kill)
        town.pushes.faults.silent = False
        # The claim is over after a minute; nobody waits for it here.
        town.city.do("UPDATE notify_delivery SET due_at = made_at WHERE state = 'queued'")
        await asyncio.to_thread(town.server.start)
        await town.until(lambda: town.shown())
        await town.until(lambda: ("push", "sent") in [row[:2] for row in town.states()])
        town.city.verify()

    play(scene)


def test_a_push_service_that_never_answers_holds_nothing_up(play: Callable[[Scene], None]) -> None:
    async def scene(town: Town) -> None:
        await town.phone()
        town.pushes.faults.silent = True
        await town.job()
        await town.until(lambda: town.pushes.asked == 1)
        before = asyncio.get_running_loop().time()
        await town.job("AMB-02")
        assert asyncio.get_running_loop().time() - before < PATIENCE_S / 4
        await town.until(lambda: ("push", "queued", "timeout") in town.states())

    play(scene)
