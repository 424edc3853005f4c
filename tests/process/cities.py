"""A city on each database: SQLite always, PostgreSQL where SIGAP_TEST_POSTGRES_URL names a
cluster. Each is a copy of one that was set up once."""

import itertools
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from .server import PASSWORD, TOKEN, Server, environment, run_sigap, running

ROOT = Path(__file__).parents[2]
CLUSTER = os.environ.get("SIGAP_TEST_POSTGRES_URL", "")
WHO = ("--username", "administrator", "--name", "Administrator", "--password", PASSWORD)

_numbers = itertools.count(1)


@dataclass(frozen=True)
class City:
    """Where a city's data is: its folder (with the secret key) and its database."""

    data_dir: Path
    database_url: str = ""

    def server(self, *command: str, **settings: Any) -> Server:
        """A server of this city, not started; `sigap serve` unless told otherwise."""
        return Server(
            *(command or ("serve",)),
            data_dir=self.data_dir,
            database_url=self.database_url,
            **settings,
        )

    def ask(self, question: str) -> list[tuple[Any, ...]]:
        """What the database itself says, read past the product."""
        if self.database_url:
            with psycopg.connect(self.database_url) as database:
                return database.execute(question.encode()).fetchall()
        with closing(sqlite3.connect(self.sqlite, timeout=20)) as database:
            return database.execute(question).fetchall()

    def do(self, statement: str) -> None:
        """Change the database past the product."""
        if self.database_url:
            with psycopg.connect(self.database_url) as database:
                database.execute(statement.encode())
        else:
            with closing(sqlite3.connect(self.sqlite, timeout=20)) as database, database:
                database.execute(statement)

    @property
    def sqlite(self) -> Path:
        """The database file."""
        return self.data_dir / "sigap.sqlite3"

    def seqs(self) -> list[int]:
        """The numbers of the journal's rows, in order."""
        return [seq for (seq,) in self.ask("SELECT seq FROM core_journal ORDER BY seq")]

    def verify(self) -> str:
        """`sigap journal verify`: fails the test where the chain is broken."""
        return run_sigap(environment(self.data_dir, self.database_url), "journal", "verify")


def set_up(city: City) -> City:
    """Load the city's pack and hire one person per role, into an empty database."""
    own = environment(city.data_dir, city.database_url)
    run_sigap(own, "setup", "--pack", "kediri", *WHO)
    hire = [sys.executable, "-m", "tests.process.people"]
    subprocess.run(hire, env=own, cwd=ROOT, check=True)
    return city


@contextmanager
def database_on(cluster: str, template: str = "template0") -> Iterator[str]:
    """A database of its own in a cluster; its address."""
    name = f"sigap_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(cluster, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'.encode())
    try:
        yield urlunsplit(urlsplit(cluster)._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(cluster, autocommit=True) as admin:
            admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def prototype(
    request: pytest.FixtureRequest,
    new_city: Callable[[], Server],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[City]:
    """A city that others are copied from; nobody serves it."""
    if request.param == "sqlite":
        yield City(new_city().data_dir)
        return
    with database_on(CLUSTER) as url:
        yield set_up(City(tmp_path_factory.mktemp("city"), url))


@contextmanager
def copied(model: City, data_dir: Path) -> Iterator[City]:
    """A city like this one, with its own folder and database."""
    shutil.copytree(model.data_dir, data_dir)
    if not model.database_url:
        yield City(data_dir)
        return
    with database_on(CLUSTER, template=urlsplit(model.database_url).path[1:]) as url:
        yield replace(model, data_dir=data_dir, database_url=url)


@pytest.fixture
def fresh(prototype: City, tmp_path: Path) -> Iterator[City]:
    """A city for one test alone, on each database."""
    with copied(prototype, tmp_path / "city") as city:
        yield city


@pytest.fixture(scope="session")
def served(prototype: City, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server on each database, for all tests that end nothing and break nothing."""
    with (
        copied(prototype, tmp_path_factory.mktemp("served") / "city") as city,
        running(city.server(metrics_token=TOKEN)) as server,
    ):
        yield server


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the cases on PostgreSQL, and say so, where there is no cluster for them."""
    if CLUSTER:
        return
    left_out = [item for item in items if on_postgresql(item)]
    if left_out:
        print(f"\n{len(left_out)} cases on PostgreSQL are deselected: no SIGAP_TEST_POSTGRES_URL")
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def on_postgresql(item: pytest.Item) -> bool:
    """Whether this test is about to run on PostgreSQL."""
    callspec = getattr(item, "callspec", None)
    return callspec is not None and callspec.params.get("prototype") == "postgresql"
