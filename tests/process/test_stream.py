"""The live stream of a real server: who gets what, without a gap and without a double."""

import http.client
import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from sigap.console.stream import MOST_PER_PERSON

from .asking import Exchange, Person, client, event, new_call, send_units
from .cities import City
from .server import Server, running, until
from .streams import WAIT_S, Reader, deaf

NUMBER = "081355550001"
KEPT_BY_THE_CALLER = {"number", "history"}


@pytest.fixture(scope="module")
def taker(served: Server) -> Person:
    """A call taker."""
    return Person(served.url, "call_taker")


@pytest.fixture(scope="module")
def dispatcher(served: Server) -> Person:
    """A dispatcher."""
    return Person(served.url, "dispatcher")


@pytest.fixture(scope="module")
def watching(served: Server, dispatcher: Person) -> Iterator[Reader]:
    """The dispatcher's console, open while all these tests last."""
    with Reader(served.url, dispatcher.cookie) as reader:
        yield reader


def tip(person: Person) -> int:
    """The journal's newest number."""
    return int(person.get("/console/state")["seq"])


def act(taker: Person) -> int:
    """One command; the journal's number after it."""
    answer = taker.command("/calls/enter", note="Ditanya lewat telepon")
    assert answer.status_code == 200, answer.text
    return tip(taker)


def quiet(person: Person, reader: Reader) -> int:
    """The tip, once the reader has everything up to it."""
    seq = tip(person)
    until(lambda: int(reader.last or 0) >= seq, WAIT_S, lambda: f"{reader.last} < {seq}")
    return seq


def test_a_command_is_seen_on_two_consoles(
    served: Server, taker: Person, dispatcher: Person, watching: Reader
) -> None:
    with Reader(served.url, taker.cookie) as own:
        seq = act(taker)
        for reader in (watching, own):
            reader.wait_for(seq)
            assert reader.has_all_since(reader.seqs()[0] - 1)
            assert reader.put("calls")[-1]["state"] == "answered"
    assert own.rows()[-1]["actor"].startswith("user:")


def test_a_console_resumes_where_it_was_cut_off(
    served: Server, taker: Person, watching: Reader
) -> None:
    with Reader(served.url, taker.cookie) as reader:
        first = act(taker)
        reader.wait_for(first)
    before = reader.seqs()
    for _ in range(3):
        act(taker)
    with Reader(served.url, taker.cookie, after=reader.last) as again:
        last = act(taker)
        again.wait_for(last)
    assert not again.named("reset")
    both = before + again.seqs()
    assert both == list(range(before[0], both[-1] + 1))


def test_a_console_that_resumes_at_the_tip_gets_nothing_twice(
    served: Server, taker: Person, watching: Reader
) -> None:
    act(taker)
    seq = quiet(taker, watching)
    with Reader(served.url, taker.cookie, after=seq) as reader:
        last = act(taker)
        reader.wait_for(last)
    assert min(reader.seqs()) > seq


@pytest.mark.parametrize("unknown", ["9999999", "9" * 40, "-1", "abc", "1.5", "²"])
def test_a_number_that_the_journal_has_not_is_answered_with_reset(
    served: Server, taker: Person, watching: Reader, unknown: str
) -> None:
    seq = quiet(taker, watching)
    with Reader(served.url, taker.cookie, after=unknown.encode().decode("latin-1")) as reader:
        [reset] = reader.named("reset")
        assert reset.data["seq"] >= seq and reset.id == str(reset.data["seq"])
        reader.wait_for(act(taker))
    assert reader.has_all_since(reset.data["seq"])


def test_the_wall_gets_no_personal_data(
    served: Server, taker: Person, dispatcher: Person, watching: Reader
) -> None:
    with Reader(served.url, dispatcher.cookie, "wall") as wall:
        Exchange(served.url).report(event(new_call(), number=NUMBER))
        until(lambda: NUMBER[1:] in json.dumps(watching.put("calls")), WAIT_S)
        incident = opened(taker, address="Jl. Rahasia 7")
        send_units(dispatcher, incident, "AMB-02")
        wall.wait_for(quiet(taker, watching))
    told = json.dumps([e.data for e in wall.events])
    assert NUMBER[1:] not in told and "Rahasia" not in told
    assert [c for c in wall.put("calls") if c["state"] == "presented"]
    for row in wall.put("calls"):
        assert row["number"] is None and row["history"] is None
    for row in wall.put("incidents"):
        assert row["address"] is row["landmark"] is row["lat"] is row["answers"] is None
    assert "Rahasia" in json.dumps(watching.put("incidents"))
    assert wall.has_all_since(wall.seqs()[0] - 1)


def test_a_sign_out_ends_the_persons_streams_at_once(served: Server) -> None:
    leaver = Person(served.url, "agency")
    with Reader(served.url, leaver.cookie, "agency") as reader:
        assert leaver.command("/sign-out").status_code in (200, 302)
        until(lambda: not reader.is_open, WAIT_S)


def test_one_person_does_not_take_all_the_streams(served: Server) -> None:
    evaluator = Person(served.url, "evaluator")
    with ExitStack() as windows:
        for _each in range(MOST_PER_PERSON):
            windows.enter_context(Reader(served.url, evaluator.cookie, "wall"))
        assert evaluator.http.get("/stream?view=wall").status_code == 429
    assert Person(served.url, "call_taker").get("/console/state")


def test_an_agency_gets_its_own_only(
    served: Server, taker: Person, dispatcher: Person, watching: Reader
) -> None:
    agency = Person(served.url, "agency")  # of the ambulances
    with Reader(served.url, agency.cookie, "agency") as reader:
        Exchange(served.url).report(event(new_call(), number=NUMBER))
        other, own = opened(taker, type="kebakaran_lahan"), opened(taker)
        send_units(dispatcher, other, "DAM-01")
        send_units(dispatcher, own, "AMB-03")
        seq = quiet(taker, watching)
        until(lambda: int(reader.last) >= seq, WAIT_S)
    assert {i["id"] for i in reader.put("incidents")} == {own}
    assert {u["call_sign"] for u in reader.put("units")} == {"AMB-03"}
    assert {row["case"] or row["subject"] for row in reader.rows()} == {f"incident:{own}"}
    told = {table for e in reader.named("") for table in e.data["put"]}
    assert told <= {"incidents", "units"}
    assert NUMBER[1:] not in json.dumps([e.data for e in reader.events])


RIGHTS = {
    "call_taker": {"console", "wall"},
    "dispatcher": {"console", "wall"},
    "agency": {"agency"},
    "evaluator": {"wall"},
    "crew": set(),
    "supervisor": set(),  # until a second factor is set
}


@pytest.mark.parametrize("role", [*RIGHTS, None])
def test_a_view_is_for_those_who_may_see_it(served: Server, role: str | None) -> None:
    cookie = Person(served.url, role).cookie if role else "sigap=none"
    seen = {view for view in ("console", "wall", "agency", "all") if may(served, cookie, view)}
    assert seen == RIGHTS.get(role or "", set())


def test_another_method_than_get_is_refused(served: Server, taker: Person) -> None:
    assert client(served.url, Cookie=taker.cookie).post("/stream").status_code == 405


@pytest.mark.parametrize("query", ["view=%ff%fe", "view=console&after=%00", "%", "view", "after=x"])
def test_a_strange_question_breaks_nothing(served: Server, taker: Person, query: str) -> None:
    assert status_of(served, taker.cookie, query) in (200, 403)


def test_the_sign_of_life_comes_again_and_again(watching: Reader) -> None:
    until(lambda: len(watching.named("beat")) > 2, WAIT_S, "no beat")
    beats = [beat.data for beat in watching.named("beat")]
    assert [b["now"] for b in beats] == sorted({b["now"] for b in beats})
    assert all(b["seq"] for b in beats)


def test_a_console_that_never_reads_is_let_go_and_holds_up_nobody(
    fresh: City, tmp_path: Path
) -> None:
    with running(fresh.server()) as server:
        taker = Person(server.url)
        quiet_size = memory(server)
        sleepers = [deaf(server.url, taker.cookie) for _ in range(20)]
        with Reader(server.url, taker.cookie) as reader:
            start = act(taker)
            reader.wait_for(start)
            flood(fresh, rows=25_000)
            reader.wait_for(start + 25_000)
            reader.wait_for(act(taker))
        assert reader.has_all_since(reader.seqs()[0] - 1)
        size = sum(len(json.dumps(e.data)) for e in reader.named(""))
        assert size > 6_000_000  # more than the machine keeps for a line that is not read
        # What they did not read is kept for nobody: the flood twenty times would be 120 MB.
        assert memory(server) - quiet_size < 40_000_000
        last = read_to_the_end(sleepers.pop())
        for sleeper in sleepers:
            sleeper.close()
        assert start <= last < start + 25_000
        # It comes back to where it was; it slept too long to get all that it missed.
        with Reader(server.url, taker.cookie, after=last) as again:
            assert again.named("reset")
            again.wait_for(act(taker))


def opened(taker: Person, type: str = "ambulans", **more: Any) -> int:
    """An incident."""
    area = next(iter(taker.get("/console/catalogue")["areas"]))
    call = taker.command("/calls/enter").json()["call"]
    answer = taker.command(f"/calls/{call}/incident", type=type, area=area, **more)
    assert answer.status_code == 200, answer.text
    return int(answer.json()["incident"])


def status_of(server: Server, cookie: str, query: str) -> int:
    """What the stream answers at first."""
    host = server.url.removeprefix("http://")
    with closing(http.client.HTTPConnection(host, timeout=WAIT_S)) as line:
        line.request("GET", f"/stream?{query}", headers={"Cookie": cookie})
        return line.getresponse().status


def may(server: Server, cookie: str, view: str) -> bool:
    """Whether the stream is opened for this session."""
    status = status_of(server, cookie, f"view={view}")
    assert status in (200, 403), status
    return status == 200


def flood(city: City, rows: int) -> None:
    """So many journal rows at once, written past the product."""
    city.do(
        "INSERT INTO core_journal "
        '(seq, at, actor, kind, subject, "case", before, after, body, hash) '
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < "
        f"{rows}) SELECT (SELECT max(seq) FROM core_journal) + i, "
        f"(SELECT max(at) FROM core_journal), 'system:flood', 'call.fact', 'flood:{'x' * 34}', "
        f"'{'y' * 40}', '{'z' * 32}', '{'z' * 32}', '{{}}', '' FROM n"
    )


def memory(server: Server) -> int:
    """The bytes of memory that the server's process has now."""
    pages = Path(f"/proc/{server.process.pid}/statm").read_text().split()[1]
    return int(pages) * 4096


def read_to_the_end(sleeper: socket.socket) -> int:
    """Wake up and read what is there; the last number that came. There must be an end."""
    sleeper.settimeout(WAIT_S)
    text = b""
    while not text.endswith(b"\r\n0\r\n\r\n"):
        more = sleeper.recv(1 << 20)
        assert more, "cut off in the middle"
        text += more
    sleeper.close()
    return max(int(line[4:]) for line in text.split(b"\n") if line.startswith(b"id: "))
