"""kill -9, twenty times, while the exchange reports calls and operators work: what was
acknowledged is there, once; the journal verifies; consoles come back without a gap."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from .asking import Person
from .cities import ROOT, City
from .load import assert_all_kept, go_on, working
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


def test_what_was_acknowledged_survives_twenty_deaths(fresh: City) -> None:
    with revenant(fresh) as server:
        start, cookie = fresh.seqs()[-1], Person(server.url).cookie
        with (
            Reader(server.url, cookie, after=start, come_back=True) as console,
            Reader(server.url, cookie, "wall", after=start, come_back=True) as wall,
        ):
            with working(server) as loads:
                for _ in range(KILLS):
                    go_on(loads, PER_LIFE, server)
                    server.die()
                    server.live()
            assert_all_kept(fresh, loads, server)
            last = fresh.seqs()[-1]
            for reader in (console, wall):
                reader.wait_for(last)
                assert not reader.named("reset")
                assert reader.has_all_since(start)
