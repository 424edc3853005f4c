"""A real server in a process of its own, on loopback, with its own data folder."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

SIGAP = str(Path(sys.executable).with_name("sigap"))
TOKEN = "token-of-the-hooks-in-tests"
AML_KEY = "key-of-the-phones-in-tests"
PASSWORD = "kata sandi uji coba"
START_S = 120.0


class Server:
    """One `sigap …` process that listens; it can be stopped, killed and started again."""

    program: tuple[str, ...] = (SIGAP,)

    def __init__(self, *command: str, data_dir: Path, database_url: str = "", **settings: Any):
        self.command, self.data_dir = command, data_dir
        settings = {"host": "127.0.0.1", "port": free_port(), "hook_token": TOKEN} | settings
        self.port = settings["port"]
        self.url = f"http://{settings['host']}:{self.port}"
        self.environment = environment(data_dir, database_url, **settings)
        self.log = data_dir / f"log-{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *, wait: bool = True) -> "Server":
        """Start the process; returns once it is ready to work."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*self.program, *self.command], env=self.environment, stdout=log, stderr=log
            )
        if wait:
            self.wait_ready()
        return self

    def is_running(self) -> bool:
        """Whether there is such a process now."""
        return self._process is not None and self._process.poll() is None

    def wait_ready(self) -> None:
        """Ask until the server says that it is ready."""
        until(self.is_ready, START_S, lambda: f"not ready: {self.tail()}")

    def is_ready(self) -> bool:
        """Whether requests are answered now."""
        assert self.process.poll() is None, f"ended by itself: {self.tail()}"
        try:
            return httpx.get(f"{self.url}/readyz", timeout=10).status_code == 200
        except httpx.TransportError:
            return False

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The running process."""
        assert self._process is not None, "not started"
        return self._process

    def kill(self) -> None:
        """As a power cut would: no word of warning, nothing tidied."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """Ask it to end, and wait until it did."""
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)

    def run(self, *command: str) -> str:
        """Another command on the same data, e.g. run("journal", "verify"); its output."""
        return run_sigap(self.environment, *command)

    def tail(self) -> str:
        """The end of its log."""
        return self.log.read_text()[-2000:]


def environment(data_dir: Path, database_url: str = "", **settings: Any) -> dict[str, str]:
    """The environment of a machine on which only these settings are made."""
    own = {k: v for k, v in os.environ.items() if not k.startswith(("SIGAP_", "DJANGO_"))}
    own |= {f"SIGAP_{name.upper()}": str(value) for name, value in settings.items()}
    own["SIGAP_DATA_DIR"] = str(data_dir)
    return own | ({"SIGAP_DATABASE_URL": database_url} if database_url else {})


def run_sigap(environment: dict[str, str], *command: str) -> str:
    """Run a `sigap` command to its end; its output."""
    done = run_to_its_end(environment, *command)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def run_to_its_end(
    environment: dict[str, str], *command: str
) -> "subprocess.CompletedProcess[str]":
    """Run a `sigap` command, which may fail."""
    return subprocess.run(
        [SIGAP, *command], env=environment, capture_output=True, text=True, timeout=60, check=False
    )


@contextmanager
def running(server: Server, *, wait: bool = True) -> Iterator[Server]:
    """The server while the block lasts; its log must hold no stack trace."""
    try:
        yield server.start(wait=wait)
    finally:
        server.stop()
    assert "Traceback" not in server.log.read_text(), server.tail()


def until(
    done: Callable[[], object], seconds: float, why: str | Callable[[], str] = "not in time"
) -> None:
    """Ask again and again, not longer than `seconds`."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, why() if callable(why) else why
        time.sleep(0.03)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
