"""kill -9, twenty times, while the exchange reports calls and operators work: what was
acknowledged is there, once; the journal verifies; consoles come back without a gap."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from .asking import Exchange, Person, event
from .cities import ROOT, City
from .server import Server, until
from .streams import WAIT_S, Reader

KILLS = 20
PER_LIFE = 12  # acknowledgements between two deaths


class Revenant(Server):
    """A server that is killed and starts again at once, as a fork of a process that has
    done the imports."""

    program = (sys.executable, "-m", "tests.process.launch")
    pid = 0

    def begin(self) -> None:
        """Start the process from which the servers are forked."""
        own = self.environment | {"SIGAP_TEST_FORKS": "1"}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*self.program, *self.command],
                env=own,
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )  # type: ignore[assignment]
        assert self._said() == "ready"

    def live(self) -> None:
        """Start the server."""
        assert self.process.stdin
        self.process.stdin.write("\n")  # type: ignore[arg-type]
        self.process.stdin.flush()
        self.pid = int(self._said())
        self.wait_ready()

    def is_ready(self) -> bool:
        """Whether requests are answered now."""
        assert is_alive(self.pid), f"ended by itself: {self.tail()}"
        return super().is_ready()

    def die(self) -> None:
        """As a power cut: no word of warning, nothing tidied."""
        os.kill(self.pid, signal.SIGKILL)
        until(lambda: not is_alive(self.pid), WAIT_S, "it lives")

    def _said(self) -> str:
        assert self.process.stdout
        return str(self.process.stdout.readline()).strip()


def is_alive(pid: int) -> bool:
    """Whether there is such a process."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@contextmanager
def revenant(city: City) -> Iterator[Revenant]:
    """The server, alive."""
    server = Revenant("serve", data_dir=city.data_dir, database_url=city.database_url)
    server.begin()
    try:
        server.live()
        yield server
    finally:
        if server.pid and is_alive(server.pid):
            os.kill(server.pid, signal.SIGTERM)
        server.stop()


class Load(threading.Thread):
    """Something that acts again and again while the server dies and comes back, and keeps
    what was acknowledged. A refusal other than "the server is away" ends it."""

    def __init__(self, name: str) -> None:
        super().__init__(name=name, daemon=True)
        self.acknowledged: list[Any] = []
        self.over = threading.Event()
        self.refused: list[str] = []

    def run(self) -> None:
        number = 0
        while not self.over.is_set() and not self.refused:
            number += 1
            try:
                self.act(number)
            except httpx.TransportError:
                self.over.wait(0.01)

    def act(self, number: int) -> None:
        """Do something once."""
        raise NotImplementedError

    def took(self, answer: httpx.Response, status: int, what: Any) -> bool:
        """Note an answer; whether it acknowledged."""
        if answer.status_code == status:
            self.acknowledged.append(what)
            return True
        if answer.status_code != 503:
            self.refused.append(f"{self.name}: {answer.status_code} {answer.text}")
        return False


class Ringing(Load):
    """An exchange: each event is sent until it is acknowledged, as the interface demands."""

    def __init__(self, server: Server, name: str) -> None:
        super().__init__(name)
        self.exchange = Exchange(server.url)

    def act(self, number: int) -> None:
        told = event(f"{self.name}-{number}")
        while not self.over.is_set():
            try:
                [answer] = self.exchange.report(told)
            except httpx.TransportError:
                continue
            if self.took(answer, 202, told["call_id"]) or self.refused:
                return


class Working(Load):
    """An operator: enters calls and closes them, and does not repeat what may be done."""

    def __init__(self, server: Server, name: str) -> None:
        super().__init__(name)
        self.person = Person(server.url)
        self.closed: list[int] = []

    def act(self, number: int) -> None:
        answer = self.person.command("/calls/enter", note=f"{self.name} {number}")
        entered = answer.json().get("call")
        if self.took(answer, 200, entered):
            answer = self.person.command(f"/calls/{entered}/close", **{"class": "information"})
            if answer.status_code == 200:
                self.closed.append(entered)


def test_what_was_acknowledged_survives_twenty_deaths(fresh: City) -> None:
    with revenant(fresh) as server:
        exchanges = [Ringing(server, f"pbx{n}") for n in range(3)]
        operators = [Working(server, f"desk{n}") for n in range(2)]
        loads: list[Load] = [*exchanges, *operators]
        start = fresh.seqs()[-1]
        cookie = operators[0].person.cookie
        with (
            Reader(server.url, cookie, after=start, come_back=True) as console,
            Reader(server.url, cookie, "wall", after=start, come_back=True) as wall,
        ):
            for load in loads:
                load.start()
            for _ in range(KILLS):
                done = total(loads)
                until(
                    lambda done=done: total(loads) >= done + PER_LIFE,
                    WAIT_S,
                    lambda: f"{[len(x.acknowledged) for x in loads]} {server.tail()}",
                )
                server.die()
                server.live()
            for load in loads:
                load.over.set()
            for load in loads:
                load.join(WAIT_S)
                assert not load.refused
            until(lambda: not letters_waiting(fresh), WAIT_S, "letters are left")
            seqs = fresh.seqs()
            for reader in (console, wall):
                reader.wait_for(seqs[-1])
                assert not reader.named("reset")
                assert reader.seqs() == list(range(start + 1, seqs[-1] + 1))
    assert f"{len(seqs)} rows are sound" in fresh.verify()
    assert seqs == list(range(1, len(seqs) + 1))
    rang = [call for load in exchanges for call in load.acknowledged]
    assert_once(fresh, "call.presented", {known(fresh)[call] for call in rang})
    assert len(set(rang)) == len(rang)
    entered = [call for load in operators for call in load.acknowledged]
    assert_once(fresh, "call.entered", set(entered))
    assert len(set(entered)) == len(entered)
    assert_once(fresh, "call.close", {call for load in operators for call in load.closed})


def total(loads: list[Load]) -> int:
    """How much was acknowledged."""
    return sum(len(load.acknowledged) for load in loads)


def letters_waiting(city: City) -> int:
    """Events that are kept and not understood yet."""
    return int(city.ask("SELECT count(*) FROM core_inbox WHERE done_at IS NULL")[0][0])


def known(city: City) -> dict[str, int]:
    """The calls by the exchange's name for them, each of which there is once."""
    rows = city.ask("SELECT external_id, id FROM calls_call WHERE external_id IS NOT NULL")
    assert len(dict(rows)) == len(rows)
    return dict(rows)


def assert_once(city: City, kind: str, calls: set[int]) -> None:
    """Each of these calls is in the journal once with this kind, and exists."""
    rows = city.ask(f"SELECT subject FROM core_journal WHERE kind = '{kind}'")
    subjects = [subject for (subject,) in rows]
    assert len(subjects) == len(set(subjects))
    assert {f"call:{call}" for call in calls} <= set(subjects)
    assert calls <= {pk for (pk,) in city.ask("SELECT id FROM calls_call")}
