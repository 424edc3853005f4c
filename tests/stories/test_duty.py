"""Of several processes on the same data one does the jobs."""

import logging
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from sigap.config.duty import Duty


class Process:
    """A worker's thread with a connection of its own, as another process has."""

    def __init__(self) -> None:
        self.duty, self._thread = Duty(), ThreadPoolExecutor(1)

    def is_on_duty(self) -> bool:
        return self._thread.submit(self.duty.mine).result()

    def comes_on_duty(self) -> bool:
        """Whether it has the duty soon: PostgreSQL lets go of a session's lock only once it has
        noticed that the session is over."""
        end = time.monotonic() + 10
        while not (mine := self.is_on_duty()) and time.monotonic() < end:
            pass
        return mine

    def leave(self) -> None:
        self._thread.submit(self.duty.leave).result()

    def lose_connection(self) -> None:
        self._thread.submit(lambda: connection.close()).result()


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Process]]:
    monkeypatch.setattr(settings.ENV, "data_dir", tmp_path)
    started: list[Process] = []

    def process() -> Process:
        started.append(Process())
        return started[-1]

    yield process
    for one in started:
        one.leave()


def test_the_second_process_stands_by_and_says_so_once(
    start: Callable[[], Process], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    first, second = start(), start()
    assert [first.is_on_duty(), second.is_on_duty(), second.is_on_duty()] == [True, False, False]
    assert [r.getMessage() for r in caplog.records] == [
        "this process does the jobs",
        "another process does the jobs; standing by",
    ]


def test_who_stands_by_takes_over_when_the_other_ends(start: Callable[[], Process]) -> None:
    first, second = start(), start()
    assert first.is_on_duty() and not second.is_on_duty()
    first.leave()
    assert second.comes_on_duty() and not first.is_on_duty()


def test_on_postgresql_the_duty_is_lost_with_the_connection(
    start: Callable[[], Process],
) -> None:
    first, second = start(), start()
    assert first.is_on_duty()
    first.lose_connection()
    lost = connection.vendor == "postgresql"
    takes_over = second.comes_on_duty() if lost else second.is_on_duty()
    assert [takes_over, first.is_on_duty()] == [lost, not lost]
