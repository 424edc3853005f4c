"""`sigap` as some tests need it: python -m tests.process.launch serve

- SIGAP_TEST_CLOCK names a file with the seconds by which this process's clock is off.
- SIGAP_TEST_PATIENCE_S is how long it waits for a database that somebody else holds.
- SIGAP_TEST_FORKS: each line on the standard input begins one server, a fork of this process,
  which has imported everything already; its number is printed.
"""

import os
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sigap.config.cli import main, start_django
from sigap.config.environment import Environment
from sigap.core import clock


def launch() -> None:
    """Alter what is to be altered, then do as the command does."""
    if path := os.environ.get("SIGAP_TEST_CLOCK"):
        clock.run_from(lambda: datetime.now(UTC) + timedelta(seconds=_number_in(Path(path))))
    if seconds := os.environ.get("SIGAP_TEST_PATIENCE_S"):
        _wait_only(float(seconds))
    if os.environ.get("SIGAP_TEST_FORKS"):
        _fork_on_demand()
    else:
        main()


def _number_in(path: Path) -> float:
    return float(path.read_text() or 0) if path.exists() else 0.0


def _wait_only(seconds: float) -> None:
    from sigap.core import transaction

    transaction.LOCK_WAIT_S = seconds
    described = Environment.database

    def database(environment: Environment) -> dict[str, Any]:
        found = described(environment)
        found["OPTIONS"]["timeout"] = seconds
        return found

    Environment.database = database  # type: ignore[method-assign]


def _fork_on_demand() -> None:
    import importlib

    start_django()
    for module in ("uvicorn", "uvloop", "httptools", "sigap.config.asgi", "sigap.config.urls"):
        importlib.import_module(module)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead need no burial
    print("ready", flush=True)
    for _line in sys.stdin:
        child = os.fork()
        if not child:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.dup2(2, 1)  # what it says is for its log; the pipe is for these numbers
            main()
        print(child, flush=True)


if __name__ == "__main__":
    launch()
