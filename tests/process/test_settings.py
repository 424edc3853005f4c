"""The settings that only a running server can show (the others are proven in tests/rules),
and what is said about a wrong one."""

import os
import socket
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from .asking import Exchange, Person, client, error_of, event, new_call
from .cities import City, copied
from .load import letters_waiting
from .server import Server, environment, free_port, run_to_its_end, running, until
from .streams import WAIT_S

HOST, TOKEN = "127.0.0.2", "another-token-of-this-file-alone"
THREADS = 3
pytestmark = [
    pytest.mark.parametrize("prototype", ["sqlite"], indirect=True),
    pytest.mark.allow_hosts(["127.0.0.1", HOST]),
]


class FromFile(Server):
    """A server that has its settings from a TOML file."""

    def __init__(self, city: City, file: Path, **settings: Any) -> None:
        super().__init__("serve", data_dir=city.data_dir, host=HOST, port=settings["port"])
        file.write_text("".join(f"{name} = {value!r}\n" for name, value in settings.items()))
        self.environment = environment(city.data_dir, config=file)


@pytest.fixture(scope="module")
def city(prototype: City, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """The city of these tests."""
    with copied(prototype, tmp_path_factory.mktemp("settings") / "city") as made:
        yield made


@pytest.fixture(scope="module")
def configured(city: City, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server in which everything is set otherwise than by default."""
    folder = tmp_path_factory.mktemp("files")
    (folder / "city.pmtiles").write_bytes(bytes(range(100)))
    settings = {
        "host": HOST,
        "port": free_port(),
        "allowed_hosts": [HOST],
        "threads": THREADS,
        "hook_token": TOKEN,
        "metrics_token": TOKEN,
        "pmtiles": str(folder / "city.pmtiles"),
        "tile_url": "https://tiles.example/{z}/{x}/{y}.png",
        "language": "en",
        "log_level": "ERROR",
    }
    server = FromFile(city, folder / "sigap.toml", **settings)
    server.environment["SIGAP_WEB_ONLY"] = "true"
    with running(server):
        yield server


def test_the_server_listens_where_it_is_told_to(configured: Server) -> None:
    assert client(configured.url).get("/healthz").text == "ok\n"
    with pytest.raises(httpx.ConnectError):
        client(f"http://127.0.0.1:{configured.port}").get("/healthz")
    other = client(configured.url).get("/sign-in", headers={"Host": "112.example"})
    assert other.status_code == 400


def test_the_hooks_have_the_token_that_was_set(configured: Server) -> None:
    told = event(new_call())
    answers = [
        client(configured.url, Authorization=f"Bearer {token}").post("/hooks/calls", json=told)
        for token in (TOKEN, "token-of-the-hooks-in-tests")
    ]
    assert [answer.status_code for answer in answers] == [202, 401]


def test_the_figures_need_their_token(configured: Server) -> None:
    for given in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": TOKEN[:-1]}):
        answer = client(configured.url, **given).get("/metrics")
        assert answer.status_code == 401 and answer.headers["WWW-Authenticate"] == "Bearer"
        assert "sigap_" not in answer.text
    answer = client(configured.url, Authorization=f"Bearer {TOKEN}").get("/metrics")
    assert answer.status_code == 200 and "sigap_journal_rows" in answer.text
    # The token opens nothing else, and closes nothing.
    with_token = client(configured.url, Authorization=f"Bearer {TOKEN}", Accept="application/json")
    assert with_token.get("/console/state").status_code == 401
    assert with_token.get("/readyz").status_code == with_token.get("/sign-in").status_code == 200


def test_the_map_has_the_ground_that_was_set(configured: Server) -> None:
    person = Person(configured.url, "dispatcher")
    part = person.http.get("/map/ground.pmtiles", headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, bytes(range(10, 20)))
    page = client(configured.url, Cookie=person.cookie).get("/map")
    assert "/map/ground.pmtiles" in page.text and "https://tiles.example/" in page.text
    assert "https://tiles.example" in page.headers["Content-Security-Policy"]


def test_a_visitor_is_spoken_to_in_the_language_that_was_set(configured: Server) -> None:
    assert '<html lang="en"' in client(configured.url).get("/sign-in").text


def test_so_many_threads_answer_requests(configured: Server, city: City) -> None:
    person, before = Person(configured.url), threads_of(configured)
    with (
        closing(sqlite3.connect(city.sqlite, isolation_level=None, timeout=WAIT_S)) as database,
        ThreadPoolExecutor(12) as many,
    ):
        database.execute("BEGIN IMMEDIATE")  # so that no command ends
        waits = [many.submit(person.command, "/calls/enter") for _ in range(12)]
        until(lambda: threads_of(configured) - before >= THREADS - 1, WAIT_S)
        assert not any(wait.done() for wait in waits)
        database.execute("ROLLBACK")
        assert [wait.result().status_code for wait in waits] == [200] * 12
    # One of them was there before; the stream may have begun another of its own.
    assert threads_of(configured) - before <= THREADS


def test_web_only_leaves_the_jobs_to_the_worker(configured: Server, city: City) -> None:
    exchange = Exchange(configured.url)
    exchange.http.headers["Authorization"] = f"Bearer {TOKEN}"
    assert exchange.report(event(new_call()))[0].status_code == 202
    assert letters_waiting(city) and city.ask("SELECT count(*) FROM core_jobrun") == [(0,)]
    with running(city.server("worker"), wait=False):
        until(lambda: not letters_waiting(city), WAIT_S, "letters are left")


def test_the_log_tells_only_what_was_asked_for(configured: Server, city: City) -> None:
    assert configured.log.read_text() == f"Kota Kediri: {configured.url}\n"
    with running(city.server()) as server:
        Exchange(server.url).report(event(new_call()))
        assert "INFO" in server.log.read_text()
        # Without tokens of their own both are closed.
        assert client(server.url, Authorization="Bearer ?").get("/metrics").status_code == 401


def threads_of(server: Server) -> int:
    """How many threads the server's process has."""
    return len(os.listdir(f"/proc/{server.process.pid}/task"))


WRONG: dict[str, tuple[dict[str, str], str]] = {
    "port": ({"port": "eighty"}, "SIGAP_PORT"),
    "database": ({"database_url": "mysql://u:geheim@db/city"}, "SIGAP_DATABASE_URL"),
    "nowhere": ({"database_url": "postgresql://u:geheim@127.0.0.1:9/x"}, "SIGAP_DATABASE_URL"),
    "no file": ({"database_url": "sqlite:////dev/null/city.sqlite3"}, "SIGAP_DATABASE_URL"),
    "folder": ({"data_dir": "/dev/null/city"}, "SIGAP_DATA_DIR"),
    "host": ({"host": "nowhere.invalid"}, "SIGAP_HOST"),
    "token": ({"hook_token": "geheim"}, "SIGAP_HOOK_TOKEN"),
    "unknown": ({"prot": "8112"}, "SIGAP_PROT"),
}


def test_a_wrong_setting_ends_the_start_with_a_line_that_names_it(
    city: City, tmp_path: Path
) -> None:
    taken = socket.create_server(("127.0.0.1", 0))
    wrong = WRONG | {"taken": ({"port": str(taken.getsockname()[1])}, "SIGAP_PORT")}
    with ThreadPoolExecutor(2) as two:
        ends = {
            case: two.submit(
                run_to_its_end, environment(**{"data_dir": city.data_dir, **given}), "serve"
            )
            for case, (given, _name) in wrong.items()
        }
    taken.close()
    for case, (_given, name) in wrong.items():
        end = ends[case].result()
        assert end.returncode == 1, (case, end)
        assert name in end.stderr and "Traceback" not in end.stderr, (case, end.stderr)
        assert len(end.stderr.strip().splitlines()) <= 2 and "geheim" not in end.stderr, case


EMPTY = {
    ("serve",): "Run: sigap setup",
    ("worker",): "Run: sigap setup",
    ("journal", "verify"): "Run: sigap setup",
    ("monev", "--from", "2026-01-01", "--to", "2026-01-31"): "",
}


def test_without_a_city_every_command_says_what_to_do(prototype: City, tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as two:
        ends = {
            command: two.submit(run_to_its_end, environment(tmp_path / command[0]), *command)
            for command in EMPTY
        }
    for command, told in EMPTY.items():
        end = ends[command].result()
        assert end.returncode != 0 and "Traceback" not in end.stderr, (command, end)
        assert told in end.stderr, end


def test_the_errors_name_no_token(configured: Server) -> None:
    answer = client(configured.url, Authorization="Bearer wrong").post("/hooks/calls", json={})
    assert TOKEN not in answer.text and error_of(answer)["code"] == "token"
