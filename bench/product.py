"""A product of the bench's own: an empty database, a free port, a server process."""

import os
import secrets
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from sim.browser import HttpBrowser

READY_S = 60.0
TICKS = os.sysconf("SC_CLK_TCK")
Ask = Callable[[str], list[tuple[Any, ...]]]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Ran:
    """A command that ran to its end: what it printed, and what it cost."""

    printed: str
    seconds: float
    processor_s: float
    memory_mb: float


@dataclass
class Product:
    """An installation: `serve` it, ask its process what it cost."""

    folder: Path
    database_url: str = ""
    port: int = field(default_factory=_free_port)
    hook_token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    password: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    whatsapp_secret: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        """Where it is served."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def env(self) -> dict[str, str]:
        """The settings, without any of the caller's own."""
        own = {k: v for k, v in os.environ.items() if not k.startswith("SIGAP_")}
        return own | {
            "SIGAP_DATA_DIR": str(self.folder),
            "SIGAP_DATABASE_URL": self.database_url,
            "SIGAP_PORT": str(self.port),
            "SIGAP_HOOK_TOKEN": self.hook_token,
            "SIGAP_WHATSAPP_APP_SECRET": self.whatsapp_secret,
            "SIGAP_LOG_LEVEL": "WARNING",
        }

    def command(self, *arguments: str) -> str:
        """Run a `sigap` command to its end; what it printed."""
        return self.cost("sigap.config.cli", *arguments).printed

    def prepare(self, *arguments: str) -> str:
        """Fill the database, see `bench.prepare`."""
        return self.cost("bench.prepare", self.password, *arguments).printed

    def cost(self, module: str, *arguments: str) -> Ran:
        """Run a module on this data to its end."""
        began = time.perf_counter()
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments], env=self.env, stdout=out, stderr=err
            )
            _pid, status, used = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - began
            process.returncode = os.waitstatus_to_exitcode(status)
            out.seek(0)
            err.seek(0)
            if process.returncode:
                raise RuntimeError(f"{module}: {err.read().decode()[-2000:]}")
            return Ran(
                out.read().decode(), seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
            )

    @contextmanager
    def asked(self) -> Iterator[Ask]:
        """Plain questions to the database, past the product."""
        if self.database_url:
            with psycopg.connect(self.database_url, autocommit=True) as database:
                yield lambda question: database.execute(question.encode()).fetchall()
        else:
            path = self.folder / "sigap.sqlite3"
            lite = sqlite3.connect(path, timeout=20, isolation_level=None)
            try:
                yield lambda question: lite.execute(question).fetchall()
            finally:
                lite.close()

    def drained(self, most_s: float) -> None:
        """Wait until every letter of the inbox is understood."""
        with self.asked() as ask:
            until = time.perf_counter() + most_s
            while ask("SELECT count(*) FROM core_inbox WHERE done_at IS NULL") != [(0,)]:
                if time.perf_counter() > until:
                    raise RuntimeError(f"not understood after {most_s:.0f} s")
                time.sleep(0.1)

    def set_up(self) -> None:
        """Migrate and load the city, without anybody else in it."""
        names = ("--pack", "kediri", "--username", "bench-administrator", "--name", "Bench")
        self.command("setup", *names, "--password", self.password)

    def browser(self, username: str) -> HttpBrowser:
        """A signed-in person whom `prepare` made."""
        return HttpBrowser(self.url, username, self.password)

    def start(self, *module: str) -> float:
        """Serve; returns after how many seconds it was ready."""
        began = time.perf_counter()
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *(module or ("-m", "sigap.config.cli", "serve"))],
                env=self.env,
                stdout=log,
                stderr=log,
            )
        while time.perf_counter() - began < READY_S:
            if self.process.poll() is not None:
                break
            if self._is_ready():
                return time.perf_counter() - began
            time.sleep(0.02)
        log_text = (self.folder / "log").read_text()
        self.stop()
        raise RuntimeError(f"the product did not start: {log_text[-2000:]}")

    def stop(self) -> None:
        """End the server."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None

    def memory_mb(self) -> float:
        """The most memory that the server has held so far."""
        assert self.process
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
        return 0.0

    def processor_s(self) -> float:
        """The processor time that the server has used so far."""
        assert self.process
        columns = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(columns[11]) + int(columns[12])) / TICKS

    def _is_ready(self) -> bool:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(f"{self.url}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


@contextmanager
def product(database_url: str = "") -> Iterator[Product]:
    """An installation in a temporary folder; whatever it serves is ended with it."""
    with tempfile.TemporaryDirectory(prefix="sigap-bench-") as folder:
        made = Product(Path(folder), database_url)
        try:
            yield made
        finally:
            made.stop()
