"""What breaks around a server: a full disk, a database that somebody else holds, a clock
that steps back. A clear error or a wait, never a loss."""

import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from .asking import Exchange, Person, client, error_of, event, new_call
from .cities import City, copied
from .load import assert_once, known, letters_waiting
from .server import Server, running, until
from .streams import WAIT_S, Reader

on_sqlite = pytest.mark.parametrize("prototype", ["sqlite"], indirect=True)
TWO_HOURS = 7200


class Launched(Server):
    """A server whose clock and patience the test sets, see `launch`."""

    program = (sys.executable, "-m", "tests.process.launch")


def launched(city: City, log: Path, **altered: Any) -> Launched:
    """Such a server of this city, not started; its log lies elsewhere."""
    server = Launched(
        "serve",
        data_dir=city.data_dir,
        database_url=city.database_url,
        **{f"test_{name}": value for name, value in altered.items()},
    )
    server.log = log
    return server


# --- a full disk


class SmallDisk:
    """A file system of its own that holds little."""

    def __init__(self, place: Path) -> None:
        self.place, self._filler = place, place / "filler"

    def fill(self, _server: Server) -> None:
        """Leave not one byte."""
        with self._filler.open("wb", buffering=0) as filler:
            size = 1 << 20
            while size:
                try:
                    filler.write(b"\0" * size)
                except OSError:
                    size //= 2

    def free(self, _server: Server) -> None:
        """Make room again."""
        self._filler.unlink()


class SmallFiles(SmallDisk):
    """For those who may not mount anything: the process may write no byte behind the present
    end of its files, which fails in the same calls as a full disk does."""

    def fill(self, server: Server) -> None:
        """Set the limit; the kernel takes it away from a running process as well."""
        self._limit(server, 4096)

    def free(self, server: Server) -> None:
        """Lift the limit."""
        self._limit(server, resource.RLIM_INFINITY)

    def _limit(self, server: Server, size: int) -> None:
        _soft, hard = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (size, hard))


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """A small disk: a real one in memory where this process may mount it (root, as in most
    containers that run tests), else a limit on the size of the server's files."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(place)]
    if (
        not shutil.which("mount")
        or subprocess.run(mount, capture_output=True, check=False).returncode
    ):
        yield SmallFiles(place)
        return
    try:
        yield SmallDisk(place)
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


@on_sqlite
def test_a_full_disk_is_said_and_loses_nothing(
    prototype: City, disk: SmallDisk, tmp_path: Path
) -> None:
    clock = tmp_path / "clock"
    with copied(prototype, disk.place / "city") as city:
        server = launched(city, tmp_path / "log", clock=clock)
        with running(server):
            person, exchange = Person(server.url), Exchange(server.url)
            page = client(server.url, Cookie=person.cookie, Accept="text/html")
            with Reader(server.url, person.cookie) as reader:
                kept = [told(exchange), told(exchange)]
                entered = [person.command("/calls/enter").json()["call"]]
                until(lambda: not letters_waiting(city), WAIT_S)
                disk.fill(server)
                refused = refused_event(exchange, kept)
                error = error_of(refused_command(person, entered))
                assert error["code"] == "busy"
                # What is there can be read, also when the time last seen would be kept.
                clock.write_text("120")
                assert person.get("/console/state")["seq"]
                assert page.get("/calls").status_code == 200
                disk.free(server)
                until(lambda: exchange.report(refused)[0].status_code == 202, WAIT_S)
                kept.append(refused["call_id"])
                entered.append(person.command("/calls/enter").json()["call"])
                until(lambda: not letters_waiting(city), WAIT_S)
                reader.wait_for(city.seqs()[-1])
                assert reader.has_all_since(reader.seqs()[0] - 1)
        assert "rows are sound" in city.verify()
        assert_once(city, "call.presented", {known(city)[call] for call in kept})
        assert_once(city, "call.entered", set(entered))


def told(exchange: Exchange, **more: Any) -> str:
    """Report a call; its name once that is acknowledged."""
    call = new_call()
    assert exchange.report(event(call, **more))[0].status_code == 202
    return call


def refused_event(exchange: Exchange, kept: list[str]) -> dict[str, Any]:
    """Report calls until one is refused (the log has a few pages to spare); that event."""
    for _ in range(5000):
        one = event(new_call())
        [answer] = exchange.report(one)
        if answer.status_code == 503:
            assert error_of(answer)["code"] == "busy" and answer.headers["Retry-After"]
            return one
        assert answer.status_code == 202
        kept.append(one["call_id"])
    raise AssertionError("the disk is not full")


def refused_command(person: Person, entered: list[int]) -> httpx.Response:
    """Enter calls until one is refused; the answer."""
    for _ in range(5000):
        answer = person.command("/calls/enter")
        if answer.status_code == 503:
            return answer
        assert answer.status_code == 200
        entered.append(answer.json()["call"])
    raise AssertionError("the disk is not full")


# --- a database that somebody else holds


@on_sqlite
def test_a_locked_database_is_waited_for_or_said(fresh: City, tmp_path: Path) -> None:
    patient = fresh.server()
    hasty = launched(fresh, tmp_path / "log", patience_s=0.3)
    with running(patient), running(hasty), ThreadPoolExecutor() as threads:
        person, other = Person(patient.url), Person(hasty.url)
        with somebody_writes(fresh):
            call = new_call()
            waits = [
                threads.submit(Exchange(patient.url).report, event(call)),
                threads.submit(person.command, "/calls/enter"),
            ]
            answer = other.command("/calls/enter")
            assert answer.status_code == 503 and error_of(answer)["code"] == "busy"
            [letter] = Exchange(hasty.url).report(event(new_call()))
            assert letter.status_code == 503 and error_of(letter)["code"] == "busy"
            # Reading goes on, and nobody was given up on meanwhile.
            assert other.get("/console/state")["seq"] and person.get("/console/state")["seq"]
            assert not any(wait.done() for wait in waits)
        [kept], entered = (wait.result(WAIT_S) for wait in waits)
        assert kept.status_code == 202 and entered.status_code == 200
        assert other.command("/calls/enter").status_code == 200
        until(lambda: not letters_waiting(fresh), WAIT_S)
    assert_once(fresh, "call.presented", {known(fresh)[call]})
    assert_once(fresh, "call.entered", {entered.json()["call"]})
    assert "rows are sound" in fresh.verify()


@contextmanager
def somebody_writes(city: City) -> Iterator[None]:
    """Another program holds the database for writing while the block lasts."""
    with closing(sqlite3.connect(city.sqlite, isolation_level=None, timeout=WAIT_S)) as database:
        database.execute("BEGIN IMMEDIATE")
        yield
        database.execute("ROLLBACK")


# --- a clock that steps back


def test_a_clock_that_steps_back_confuses_nobody(fresh: City, tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    with running(launched(fresh, tmp_path / "log", clock=clock)) as server:
        person, exchange = Person(server.url), Exchange(server.url)
        with Reader(server.url, person.cookie) as reader:
            rings, held = told(exchange), told(exchange, number=None)
            until(lambda: not letters_waiting(fresh), WAIT_S)
            ids = known(fresh)
            assert person.command(f"/calls/{ids[held]}/take").status_code == 200
            before = states(fresh)
            # A little, as a time server corrects it; then by two hours, as a broken one does.
            for back in (-40, -TWO_HOURS):
                clock.write_text(str(back))
                assert person.command(f"/calls/{ids[held]}/hold").status_code == 200
                assert person.command(f"/calls/{ids[held]}/resume").status_code == 200
            beats = len(reader.named("beat"))
            until(lambda: len(reader.named("beat")) > beats, WAIT_S)
            # Every job has run since; they closed, abandoned and took over nothing.
            assert states(fresh) == before
            [refused] = exchange.report(event(rings, "ended"))
            assert refused.status_code == 409  # to us it lies in the future; it is to come again
            clock.write_text("0")
            assert exchange.report(event(rings, "ended"))[0].status_code == 202
            close = {"class": "information"}
            assert person.command(f"/calls/{ids[held]}/close", **close).status_code == 200
            until(lambda: not letters_waiting(fresh), WAIT_S)
            reader.wait_for(fresh.seqs()[-1])
            assert reader.has_all_since(reader.seqs()[0] - 1)
    assert states(fresh) == {ids[rings]: "callback_due", ids[held]: "closed"}
    times = [at for (at,) in fresh.ask("SELECT at FROM core_journal ORDER BY seq")]
    assert times == sorted(times)
    assert "rows are sound" in fresh.verify()


def states(city: City) -> dict[int, str]:
    """What became of every call."""
    return dict(city.ask("SELECT id, state FROM calls_call"))
