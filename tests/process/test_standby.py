"""A second server on the same data stands by, and does the jobs once the first is gone."""

from .asking import Exchange, event, new_call
from .cities import City
from .server import Server, running, until

STANDS_BY = "another process does the jobs; standing by"
WAIT_S = 20.0


def says(server: Server, what: str) -> None:
    until(lambda: what in server.log.read_text(), WAIT_S, server.tail)


def understood(city: City) -> int:
    [(count,)] = city.ask("SELECT count(*) FROM core_inbox WHERE done_at IS NOT NULL")
    return int(count)


def test_the_jobs_are_done_once_and_go_on_when_their_process_is_killed(fresh: City) -> None:
    first, second = fresh.server(), fresh.server()
    with running(first):
        says(first, "this process does the jobs")
        with running(second):
            says(second, STANDS_BY)
            Exchange(second.url).report(event(new_call()))
            until(lambda: understood(fresh) == 1, WAIT_S, first.tail)
            first.kill()
            says(second, "this process does the jobs")
            Exchange(second.url).report(event(new_call()))
            until(lambda: understood(fresh) == 2, WAIT_S, second.tail)
            assert first.log.read_text().count(STANDS_BY) == 0
