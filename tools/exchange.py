"""An Asterisk of one's own on loopback, as a child process: a test's or the bench's exchange.

    with Exchange(base, {"pjsip.conf": ..., "extensions.conf": ...}) as exchange:
        exchange.command("core show channels")

Everything it writes is under `base`. It dies with the thread that started it, even if that is
killed, so start it from one that lives as long as the exchange is wanted.
"""

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from tools import asterisk

START_S = 60.0
STOP_S = 20.0
# Control socket and pid file. Relative to `base`, where Asterisk is started, because the path of
# a Unix socket has room for 107 characters only.
RUN = "run"


class Exchange:
    """One Asterisk with its configuration; it can be stopped, killed and started again."""

    def __init__(
        self,
        base: Path,
        files: Mapping[str, str] | None = None,
        *,
        etc: Path | None = None,
        sounds: Mapping[str, Path] | None = None,
        home: Path | None = None,
    ):
        """Writes `files` to `base`/etc, unless there is a folder of configuration already: `etc`.

        `sounds` are folders by language; English is there. `home` is where Asterisk is unpacked.
        """
        self.base, self.home = base.resolve(), home or asterisk.folder()
        assert asterisk.is_installed(self.home), "Asterisk is missing: run tools/prepare-tests"
        self.etc = etc.resolve() if etc else self.base / "etc"
        self.log = self.base / "asterisk.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._lay_out(sounds or {})
        for name, text in (files or {}).items():
            (self.etc / name).write_text(text)

    @classmethod
    def of(cls, etc: Path, base: Path, *, sounds: Mapping[str, Path] | None = None) -> "Exchange":
        """An exchange with a configuration that is written already: all but the directories."""
        return cls(base, etc=etc, sounds=sounds)

    def start(self, *, wait: bool = True) -> "Exchange":
        """Start Asterisk; returns once all of its modules work."""
        shutil.rmtree(self.base / RUN, ignore_errors=True)  # what a killed one left there
        (self.base / RUN).mkdir()
        (self.base / "asterisk.conf").write_text(self._settings())
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *self._program(), "-f", "-n"],
                cwd=self.base,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self) -> None:
        """Wait until it is fully booted."""
        end = time.monotonic() + START_S
        while not self._is_booted():
            assert self.process.poll() is None, f"Asterisk ended by itself: {self.tail()}"
            assert time.monotonic() < end, f"Asterisk is not ready: {self.tail()}"
            time.sleep(0.02)

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The running Asterisk."""
        assert self._process is not None, "not started"
        return self._process

    def command(self, line: str) -> str:
        """What Asterisk's command line answers, e.g. to "core show channels"."""
        done = self._ask(line)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def channels(self) -> int:
        """How many channels there are now."""
        found = re.search(r"^(\d+) active channels?", self.command("core show channels"), re.M)
        assert found, "core show channels tells no number"
        return int(found[1])

    def kill(self) -> None:
        """As a power cut would: no word of warning, nothing tidied."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """Ask it to end now, calls or not, and wait until it did."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def tail(self) -> str:
        """The end of what it said."""
        return self.log.read_text(errors="replace")[-3000:]

    def __enter__(self) -> "Exchange":
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _lay_out(self, sounds: Mapping[str, Path]) -> None:
        self.etc.mkdir(parents=True, exist_ok=True)
        for name in ("lib", "spool", "log", "data/sounds"):
            (self.base / name).mkdir(parents=True, exist_ok=True)
        installed = asterisk.data(self.home)
        links = {name: installed / name for name in ("documentation", "rest-api", "static-http")}
        english = next((installed / "sounds").glob("en_*"))
        links |= {f"sounds/{name}": path for name, path in ({"en": english} | dict(sounds)).items()}
        for name, target in links.items():
            link = self.base / "data" / name
            link.unlink(missing_ok=True)
            link.symlink_to(target.resolve())

    def _settings(self) -> str:
        """The configuration's own asterisk.conf, with the directories that are ours to choose."""
        own = self.etc / "asterisk.conf"
        written = own.read_text() if own.exists() else ""
        rest = re.sub(r"^\[directories\][^\n]*\n(?:(?!\[).*\n?)*", "", written, flags=re.M)
        directories = {
            "astetcdir": self.etc,
            "astmoddir": asterisk.modules(self.home),
            "astvarlibdir": self.base / "lib",
            "astdbdir": self.base / "lib",
            "astkeydir": self.base / "lib",
            "astdatadir": self.base / "data",
            "astagidir": self.base / "data",
            "astspooldir": self.base / "spool",
            "astlogdir": self.base / "log",
            "astcachedir": self.base / "lib",
            "astrundir": RUN,
        }
        lines = [f"{name} => {path}" for name, path in directories.items()]
        return "\n".join(["[directories]", *lines, "", rest])

    def _program(self) -> list[str]:
        return [*asterisk.program(self.home), "-C", str(self.base / "asterisk.conf")]

    def _ask(self, line: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [*self._program(), "-rx", line],
            cwd=self.base,
            capture_output=True,
            text=True,
            timeout=START_S,
            check=False,
        )

    def _is_booted(self) -> bool:
        if not (self.base / RUN / "asterisk.ctl").exists():
            return False
        return self._ask("core waitfullybooted").returncode == 0


def free_udp_port(host: str = "127.0.0.1") -> int:
    """A port on which nobody listens now."""
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])
