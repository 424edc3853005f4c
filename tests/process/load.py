"""An exchange and operators who act again and again, and remember what was acknowledged."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httpx

from .asking import Exchange, Person, event
from .cities import City
from .server import Server, until
from .streams import WAIT_S


class Load(threading.Thread):
    """Something that acts again and again while the server dies and comes back, and keeps
    what was acknowledged. A refusal other than "the server is away" ends it."""

    def __init__(self, name: str) -> None:
        super().__init__(name=name, daemon=True)
        self.acknowledged: list[Any] = []
        self.over = threading.Event()
        self.refused: list[str] = []
        self.busy: list[httpx.Response] = []  # told to come again
        self.cut_off = 0

    def run(self) -> None:
        number = 0
        while not self.over.is_set() and not self.refused:
            number += 1
            try:
                self.act(number)
            except httpx.TransportError:
                self.cut_off += 1
                self.over.wait(0.01)

    def act(self, number: int) -> None:
        """Do something once."""
        raise NotImplementedError

    def took(self, answer: httpx.Response, status: int, what: Any) -> bool:
        """Note an answer; whether it acknowledged."""
        if answer.status_code == status:
            self.acknowledged.append(what)
            return True
        if answer.status_code == 503:
            self.busy.append(answer)
            self.over.wait(0.01)
        else:
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
                self.cut_off += 1
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


@contextmanager
def working(server: Server) -> Iterator[list[Load]]:
    """Three exchanges and two operators at a server; they rest when the block ends."""
    loads: list[Load] = [Ringing(server, f"pbx{n}") for n in range(3)]
    loads += [Working(server, f"desk{n}") for n in range(2)]
    for load in loads:
        load.start()
    try:
        yield loads
    finally:
        for load in loads:
            load.over.set()
        for load in loads:
            load.join(WAIT_S)
    assert [load.refused for load in loads if load.refused] == []


def go_on(loads: Sequence[Load], number: int, server: Server) -> None:
    """Wait for so many more acknowledgements."""
    done = total(loads)
    until(lambda: total(loads) >= done + number, WAIT_S, lambda: server.tail() or "no news")


def assert_all_kept(city: City, loads: Sequence[Load], server: Server) -> None:
    """What was acknowledged is there once, and the journal is whole."""
    until(lambda: not letters_waiting(city), WAIT_S, server.tail)
    seqs = city.seqs()
    assert seqs == list(range(1, len(seqs) + 1))
    assert "rows are sound" in city.verify()
    rang = [call for load in loads if isinstance(load, Ringing) for call in load.acknowledged]
    ids = known(city)
    assert len(set(rang)) == len(rang)
    assert_once(city, "call.presented", {ids[call] for call in rang})
    operators = [load for load in loads if isinstance(load, Working)]
    entered = [call for load in operators for call in load.acknowledged]
    assert len(set(entered)) == len(entered)
    assert_once(city, "call.entered", set(entered))
    assert_once(city, "call.close", {call for load in operators for call in load.closed})


def total(loads: Sequence[Load]) -> int:
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
