"""A private PostgreSQL cluster on loopback, which lives as long as the work that needs it.

    python tools/postgres.py [--fast] -- command ...

runs the command with the cluster's address in SIGAP_TEST_POSTGRES_URL.
"""

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

USER = DATABASE = "sigap"


class Cluster(str):
    """The address of a running cluster, which is also the handle to restart it."""

    __slots__ = ("data",)
    data: Path

    def restart(self, mode: str = "fast") -> None:
        """Stop (`fast`, or `immediate` as in a crash) and start again on the same port and data."""
        _pg_ctl(self.data, "restart", "-m", mode)


@contextmanager
def private_cluster(*, fast: bool = False) -> Iterator[Cluster]:
    """Run a new, empty cluster; `fast` gives up durability against power loss."""
    home = Path(tempfile.mkdtemp(prefix="sigap-postgres-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(home, "postgres", "postgres")
        data = home / "data"
        _run(
            "initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"
        )
        port = _free_port()
        with (data / "postgresql.conf").open("a") as settings:
            settings.write(_settings(port, fast=fast))
        try:
            _pg_ctl(data, "start")
            _run("createdb", "-h", "127.0.0.1", "-p", str(port), "-U", USER, DATABASE)
            cluster = Cluster(f"postgresql://{USER}@127.0.0.1:{port}/{DATABASE}")
            cluster.data = data
            yield cluster
        finally:
            if (data / "postmaster.pid").exists():
                _pg_ctl(data, "stop", "-m", "immediate")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _settings(port: int, *, fast: bool) -> str:
    lines = [
        "listen_addresses = '127.0.0.1'",
        f"port = {port}",
        "unix_socket_directories = ''",
        "max_connections = 100",
    ]
    if fast:
        lines += ["fsync = off", "synchronous_commit = off", "full_page_writes = off"]
        # A table that is counted while a test has left it empty would be searched as an empty one
        # by the next, which fills it in one transaction.
        lines += ["autovacuum = off"]
    return "\n".join(lines) + "\n"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _pg_ctl(data: Path, *arguments: str) -> None:
    _run("pg_ctl", "-D", data, "-l", data.parent / "log", "-w", "-s", *arguments)


def _run(program: str, *arguments: str | Path) -> None:
    # The server refuses to run as root, and Debian's package brings this user.
    identity: dict[str, Any] = (
        {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    )
    # Output goes to a file because a pipe would be held open by the server itself.
    with tempfile.TemporaryFile("w+") as output:
        try:
            subprocess.run(
                [_find(program), *arguments],
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                check=True,
                **identity,
            )
        except subprocess.CalledProcessError as error:
            output.seek(0)
            raise RuntimeError(f"{program} failed: {output.read().strip()}") from error


def _find(program: str) -> str:
    installed = Path("/usr/lib/postgresql").glob(f"*/bin/{program}")
    newest = max(installed, key=lambda path: float(path.parent.parent.name), default=None)
    found = str(newest) if newest else shutil.which(program)
    if found is None:
        raise SystemExit("PostgreSQL is not installed: run tools/prepare-tests")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, add_help=True)
    parser.add_argument("--fast", action="store_true", help="give up durability for speed")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()

    def leave(number: int, _frame: object) -> None:
        raise SystemExit(128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, leave)
    with private_cluster(fast=options.fast) as url:
        command = subprocess.Popen(
            options.command, env=os.environ | {"SIGAP_TEST_POSTGRES_URL": url}
        )
        try:
            return command.wait()
        finally:
            if command.poll() is None:
                command.terminate()
                command.wait()


if __name__ == "__main__":
    sys.exit(main())
