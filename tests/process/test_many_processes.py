"""A centre on PostgreSQL: several processes serve, one does the jobs, and the database may
be restarted under them all. On SQLite, too, a second worker only stands by."""

import runpy
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from .asking import Exchange, Person, client, error_of, event, new_call
from .cities import ROOT, City
from .load import assert_all_kept, assert_once, go_on, known, letters_waiting, working
from .server import Server, running, until
from .streams import WAIT_S, Reader

on_postgresql = pytest.mark.parametrize("prototype", ["postgresql"], indirect=True)
ON_DUTY, STANDING_BY = "this process does the jobs", "standing by"


@contextmanager
def together(*servers: Server) -> Iterator[None]:
    """All of these, which start at the same time."""
    with ExitStack() as stack:
        for server in servers:
            stack.enter_context(running(server, wait=False))
        for server in servers:
            if server.command[0] != "worker":
                server.wait_ready()
        yield


def says(server: Server, what: str) -> bool:
    """Whether this is in its log."""
    return what in server.log.read_text()


@on_postgresql
def test_what_one_process_does_is_seen_on_the_others_stream(fresh: City) -> None:
    first, second = (fresh.server("serve", "--web-only") for _ in range(2))
    worker = fresh.server("worker")
    with together(first, second, worker):
        here, there = Person(first.url, "call_taker"), Person(second.url, "dispatcher")
        with (
            Reader(first.url, here.cookie) as near,
            Reader(second.url, there.cookie) as far,
        ):
            for person, exchange in ((here, second), (there, first)):
                Exchange(exchange.url).report(event(new_call(), trunk=exchange.url[-5:]))
                until(
                    lambda exchange=exchange: (
                        exchange.url[-5:] in [c["trunk"] for c in far.put("calls")]
                    ),
                    WAIT_S,
                    "does not ring",
                )
                assert person.get("/console/state")["calls"]
            call = here.command("/calls/enter").json()["call"]
            until(lambda: call in [c["id"] for c in far.put("calls")], WAIT_S)
            seq = fresh.seqs()[-1]
            for reader in (near, far):
                reader.wait_for(seq)
                assert reader.has_all_since(reader.seqs()[0] - 1)
    assert "rows are sound" in fresh.verify()


def test_a_second_worker_stands_by_and_takes_over(fresh: City) -> None:
    web = fresh.server("serve", "--web-only")
    workers = [fresh.server("worker") for _ in range(2)]
    with together(web, *workers):
        until(
            lambda: (
                sum(says(w, ON_DUTY) for w in workers) == 1
                and sum(says(w, STANDING_BY) for w in workers) == 1
            ),
            WAIT_S,
            lambda: "".join(w.tail() for w in workers),
        )
        busy, idle = sorted(workers, key=lambda w: says(w, STANDING_BY))
        exchange = Exchange(web.url)
        calls = [new_call() for _ in range(20)]
        exchange.report(*(event(call) for call in calls))
        until(lambda: not letters_waiting(fresh), WAIT_S, "letters are left")
        busy.kill()
        until(lambda: says(idle, ON_DUTY), WAIT_S, idle.tail)
        calls.append(new_call())
        exchange.report(event(calls[-1]))
        until(lambda: not letters_waiting(fresh), WAIT_S, "letters are left")
    assert_once(fresh, "call.presented", {known(fresh)[call] for call in calls})
    assert "rows are sound" in fresh.verify()


@on_postgresql
def test_postgresql_may_be_restarted_under_load(alone: "Alone") -> None:
    city, server = alone.city, alone.server
    start = city.seqs()[-1]
    cookie = Person(server.url).cookie
    with Reader(server.url, cookie, after=start, come_back=True) as reader:
        with working(server) as loads:
            for how in ("fast", "immediate"):
                go_on(loads, 20, server)
                alone.restart(how)
                go_on(loads, 20, server)
        assert_all_kept(city, loads, server)
        reader.wait_for(city.seqs()[-1])
        assert reader.has_all_since(start)
    # The server itself was there all the time; who was refused was told why.
    assert sum(load.cut_off for load in loads) == 0
    for answer in (answer for load in loads for answer in load.busy):
        assert error_of(answer)["code"] == "busy"


@on_postgresql
def test_while_postgresql_is_away_every_answer_says_so(alone: "Alone") -> None:
    city, server = alone.city, alone.server
    person, exchange = Person(server.url), Exchange(server.url)
    page = client(server.url, Cookie=person.cookie, Accept="text/html")
    assert page.get("/calls").status_code == 200
    with Reader(server.url, person.cookie, come_back=True) as reader:
        alone.stop()
        assert client(server.url).get("/healthz").status_code == 200
        for path in ("/readyz", "/calls", "/", "/sign-in", "/console/state", "/stream"):
            assert page.get(path).status_code == 503, path
        told = [
            person.command("/calls/enter"),
            person.http.get("/console/state"),
            *exchange.report(event(new_call())),
        ]
        for answer in told:
            assert answer.status_code == 503 and error_of(answer)["code"] == "busy"
        alone.start()
        until(lambda: page.get("/readyz").status_code == 200, WAIT_S, server.tail)
        assert person.command("/calls/enter").status_code == 200
        reader.wait_for(city.seqs()[-1])
    assert exchange.report(event(new_call()))[0].status_code == 202
    until(lambda: not letters_waiting(city), WAIT_S, server.tail)


class Alone:
    """A city on a PostgreSQL of its own, which may be stopped, and its server."""

    def __init__(self, cluster: Any, tools: dict[str, Any], city: City) -> None:
        self._cluster, self._tools = cluster, tools
        self.city, self.server = city, city.server()

    def restart(self, how: str) -> None:
        """Stop the database (`fast`, or `immediate` as in a crash) and start it."""
        self._cluster.restart(how)

    def stop(self) -> None:
        """The database ends."""
        self._tools["_pg_ctl"](self._cluster.data, "stop", "-m", "immediate")

    def start(self) -> None:
        """The database begins again on the same data."""
        self._tools["_pg_ctl"](self._cluster.data, "start")


@pytest.fixture(scope="module")
def alone(prototype: City) -> Iterator[Alone]:
    """The same city in another cluster, served."""
    tools = runpy.run_path(str(ROOT / "tools" / "postgres.py"))
    with tools["private_cluster"]() as cluster:
        dump = subprocess.run(
            [tools["_find"]("pg_dump"), prototype.database_url], capture_output=True, check=True
        )
        psql = [tools["_find"]("psql"), "--quiet", "-v", "ON_ERROR_STOP=1", cluster]
        subprocess.run(psql, input=dump.stdout, stdout=subprocess.DEVNULL, check=True)
        made = Alone(cluster, tools, City(prototype.data_dir, str(cluster)))
        with running(made.server):
            yield made
