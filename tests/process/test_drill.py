"""From nothing to a running system: the drill, and a city of one's own."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from .asking import Exchange, Person, client, event, new_call
from .server import PASSWORD, Server, run_sigap, running, until

ROLES = ("call_taker", "dispatcher", "supervisor", "agency", "crew", "evaluator", "administrator")


class Trainee:
    """Somebody at the drill's first page."""

    def __init__(self, server: Server, **headers: str) -> None:
        self.http = client(server.url, **headers)
        self.page = self.http.get("/")
        self.http.get("/sign-in")  # brings the form's token where the first page is elsewhere

    def enter(self, role: str) -> int:
        """Choose a role with one click; the status of the answer."""
        token = {"X-CSRFToken": self.http.cookies.get("sigap_csrf", "")}
        return self.http.post("/drill/enter", data={"role": role}, headers=token).status_code

    def calls(self) -> dict[int, str]:
        """The calls on the board by their number, with the time they began."""
        board = self.http.get("/console/state", headers={"Accept": "application/json"}).json()
        assert board["drill"] is True
        return {c["id"]: c["began_at"] for c in [*board["calls"], *board["callbacks"]]}


def test_every_role_is_entered_with_one_click(drill: Server) -> None:
    trainee = Trainee(drill)
    assert "LATIHAN" in trainee.page.text
    for role in ROLES:
        assert f'value="{role}"' in trainee.page.text
        assert Trainee(drill).enter(role) == 302, role


def test_a_second_drill_goes_on_with_the_data_of_the_first(drill: Server, tmp_path: Path) -> None:
    trainee = Trainee(drill)
    assert trainee.enter("call_taker") == 302
    until(trainee.calls, 60, drill.tail)  # one rings by itself, without anybody's doing
    entered = trainee.http.post("/calls/enter", headers=as_script(trainee), json={})
    call = entered.json()["call"]
    began = trainee.calls()[call]
    # A copy, since the first drill goes on for other tests.
    again = Server("drill", data_dir=tmp_path)
    shutil.copy(drill.data_dir / "secret-key", tmp_path)
    with (
        closing(sqlite3.connect(drill.data_dir / "drill.sqlite3")) as first,
        closing(sqlite3.connect(tmp_path / "drill.sqlite3")) as second,
    ):
        first.backup(second)
    before = rows_of(again)
    with running(again):
        assert "Loading" not in again.log.read_text()
        trainee = Trainee(again)
        assert trainee.enter("call_taker") == 302
        assert trainee.calls()[call] == began
    assert rows_of(again) > before


def test_nobody_enters_a_drill_from_another_machine(drill: Server) -> None:
    for header in ("X-Forwarded-Proto", "Forwarded", "X-Real-IP", "Via", "True-Client-IP"):
        stranger = Trainee(drill, **{header: "192.0.2.1"})
        assert "drill/enter" not in stranger.page.text
        assert stranger.enter("administrator") == 403
        assert "sigap" not in stranger.http.cookies


def test_a_city_is_set_up_and_served_from_nothing(tmp_path: Path) -> None:
    server = Server("serve", data_dir=tmp_path / "new", hook_token="")
    who = ("--username", "kepala", "--name", "Kepala Pusat", "--password", PASSWORD)
    assert "sigap serve" in server.run("setup", "--pack", "kediri", *who)
    with running(server):
        page = client(server.url).get("/")
        assert page.status_code == 302 and page.headers["Location"].startswith("/sign-in")
        # One click opens nothing here.
        assert Trainee(server).enter("administrator") == 404
        administrator = Person(server.url, "kepala")
        entered = administrator.http.get("/admin", headers={"Accept": "text/html"})
        assert entered.status_code == 302 and "second-factor" in entered.headers["Location"]
        # Without a token the hooks are closed, whatever is sent.
        assert Exchange(server.url).report(event(new_call()))[0].status_code == 401
    assert "rows are sound" in server.run("journal", "verify")


def as_script(trainee: Trainee) -> dict[str, str]:
    """The headers of a console's script."""
    token = trainee.http.cookies.get("sigap_csrf", "")
    return {"Accept": "application/json", "X-CSRFToken": token}


def rows_of(drill: Server) -> int:
    """How many rows its journal has, all of them sound."""
    told = run_sigap(drill.environment | {"SIGAP_DRILL": "1"}, "journal", "verify")
    assert "rows are sound" in told
    return int(told.split()[0])
