"""The whole way on loopback: a citizen's phone, Meta's Cloud API, our server and its worker."""

import asyncio
import io
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PIL import Image

from sim.whatsapp import FarEnd, Person

from . import loops
from .asking import Person as Signed
from .board import AT
from .cities import City
from .server import Server, running

TOKEN, SECRET, WORD = "token-of-the-system-user", "rahasia-aplikasi-di-uji", "kata-kota-di-uji-saja"
REPORTS = "SELECT count(*) FROM complaints_complaint WHERE channel = 'whatsapp'"
SURVEY = "penilaian_112"
NUMBER = "6281233451190"
PATIENCE_S = 40.0
Scene = Callable[["Town"], Awaitable[None]]


class Town:
    """A running server, Meta, and one citizen."""

    def __init__(self, city: City, server: Server, far: FarEnd) -> None:
        self.city, self.server, self.far = city, server, far
        self.siti: Person = far.person(NUMBER)

    async def until(self, what: Callable[[], Any]) -> Any:
        """Wait until it is so; receipts are brought meanwhile."""
        end = asyncio.get_running_loop().time() + PATIENCE_S
        while not (found := what()):
            assert asyncio.get_running_loop().time() < end, "nothing came of it"
            await self.far.deliver()
            await asyncio.sleep(0.05)
        return found

    async def hears(self, act: Callable[[], Any], count: int = 1) -> dict[str, Any]:
        """Do something on the phone; the last message that comes of it."""
        before = len(self.siti.inbox)
        act()
        await self.until(lambda: len(self.siti.inbox) >= before + count)
        return self.siti.inbox[-1]

    def says(self, words: str) -> None:
        """Write."""
        self.far.says(self.siti, "text", words)

    def taps(self, title: str) -> None:
        """Tap what the last message with choices offered."""
        message = next(m for m in reversed(self.siti.inbox) if choices_in(m))
        choice = next(name for name, shown in choices_in(message) if shown.startswith(title))
        reply = {"type": "button_reply", "button_reply": {"id": choice, "title": title}}
        self.far.says(self.siti, "interactive", reply)

    def ask(self, sql: str) -> Any:
        """One value of the database."""
        return self.city.ask(sql)[0][0]


def choices_in(message: dict[str, Any]) -> list[tuple[str, str]]:
    """What may be tapped."""
    action = message.get("interactive", {}).get("action", {})
    buttons = [button["reply"] for button in action.get("buttons", [])]
    rows = [row for section in action.get("sections", []) for row in section["rows"]]
    return [(one["id"], one["title"]) for one in (*buttons, *rows)]


def words_of(message: dict[str, Any]) -> str:
    """What is read."""
    return str(message.get("text", message.get("interactive", {}).get("body", {})))


@pytest.fixture(autouse=True)
def time() -> None:
    """The server's clock goes on, and so does Meta's."""


@pytest.fixture
def play(fresh: City) -> Callable[[Scene], None]:
    """Plays a scene in a town."""

    def played(scene: Scene) -> None:
        async def run() -> None:
            far = FarEnd(token=TOKEN, app_secret=SECRET, verify_token=WORD)
            far.templates[SURVEY], far.replies[SURVEY] = ("APPROVED", 1), 5
            async with far:
                known = {
                    "whatsapp_app_secret": SECRET,
                    "whatsapp_verify_token": WORD,
                    "whatsapp_token": TOKEN,
                    "whatsapp_phone_id": far.phone_id,
                    "whatsapp_account_id": far.account_id,
                    "whatsapp_api_url": far.url,
                    "whatsapp_survey_template": SURVEY,
                    "public_url": "https://lapor.example",
                }
                server = fresh.server(**known)
                entered = running(server)
                await asyncio.to_thread(entered.__enter__)
                try:
                    far.webhook = f"{server.url}/hooks/whatsapp"
                    await scene(Town(fresh, server, far))
                finally:
                    await asyncio.to_thread(entered.__exit__, None, None, None)

        loops.run(run())

    return played


def photo() -> bytes:
    """A small photo."""
    data = io.BytesIO()
    Image.new("RGB", (64, 48), "green").save(data, "JPEG")
    return data.getvalue()


def test_a_report_with_a_photo_from_a_phone_to_the_number(play: Callable[[Scene], None]) -> None:
    async def scene(town: Town) -> None:
        town.far.faults.twice = True
        first = await town.hears(lambda: town.says("Lampu jalan mati di gang saya"))
        assert "UU 27/2022" in words_of(first)
        town.far.sends_file(town.siti, "image", photo(), "image/jpeg")
        await town.hears(lambda: town.taps("Penerangan"))
        place = {"latitude": -7.8185, "longitude": 112.0155}
        await town.hears(lambda: town.far.says(town.siti, "location", place))
        filed = await town.hears(lambda: town.taps("✅"))
        assert "https://lapor.example/lacak/" in words_of(filed)
        await town.until(lambda: town.ask("SELECT count(*) FROM complaints_attachment") == 1)
        assert town.ask(REPORTS) == 1
        sent = "SELECT count(*) FROM complaints_chatmessage WHERE rank = 4 AND state = 'sent'"
        await town.until(lambda: town.ask(sent) == len(town.siti.inbox))
        assert len(town.siti.inbox) == 4

    play(scene)


def test_bad_files_are_refused_and_nothing_else_is_lost(play: Callable[[Scene], None]) -> None:
    async def scene(town: Town) -> None:
        await town.hears(lambda: town.says("sampah menumpuk"))
        town.far.faults.huge = 100 * 1024 * 1024
        town.far.faults.hides_size = True
        town.far.sends_file(town.siti, "image", photo(), "image/jpeg")
        refused = "SELECT count(*) FROM complaints_chatmessage WHERE file_state = 'refused'"
        await town.until(lambda: town.ask(refused) == 1)
        town.far.faults.huge, town.far.faults.hides_size = 0, False
        town.far.faults.wrong_sums = 5
        town.far.sends_file(town.siti, "image", photo(), "image/jpeg")
        await town.until(lambda: town.ask(refused) == 2)
        town.far.faults.wrong_sums = 0
        reasons = town.city.ask(
            "SELECT error FROM complaints_chatmessage WHERE file_state = 'refused' ORDER BY id"
        )
        assert [reason for (reason,) in reasons] == ["too_large", "changed"]
        town.far.sends_file(town.siti, "image", photo(), "image/jpeg")
        stored = "SELECT count(*) FROM complaints_chatmessage WHERE file_state = 'stored'"
        await town.until(lambda: town.ask(stored) == 1)
        await town.hears(lambda: town.taps("Sampah"))

    play(scene)


def test_nothing_is_lost_or_doubled_while_meta_is_away(play: Callable[[Scene], None]) -> None:
    async def scene(town: Town) -> None:
        town.far.faults.away_until = datetime.now(UTC) + timedelta(seconds=6)
        people = [town.far.person(f"62812000000{n:02}") for n in range(12)]
        for person in people:
            town.far.says(person, "text", "Lampu jalan mati")
        await town.until(lambda: all(len(person.inbox) == 1 for person in people))
        town.far.faults.answers.append((429, 130429, {}))
        town.far.faults.answers.append((400, 131056, {}))
        for person in people:
            town.far.says(person, "text", "ya")
        await town.until(lambda: all(len(person.inbox) == 2 for person in people))
        await town.until(lambda: town.ask(UNSENT) == 0)
        assert all(len(person.inbox) == 2 for person in people)

    play(scene)


UNSENT = "SELECT count(*) FROM complaints_chatmessage WHERE due_at IS NOT NULL"


def test_an_answer_that_was_lost_is_told_by_its_receipt(play: Callable[[Scene], None]) -> None:
    async def scene(town: Town) -> None:
        town.far.faults.lost_answers = 1
        await town.hears(lambda: town.says("Lampu jalan mati"))
        sent = "SELECT count(*) FROM complaints_chatmessage WHERE state = 'sent' AND rank >= 2"
        await town.until(lambda: town.ask(sent) == 1)
        assert len(town.siti.inbox) == 1

    play(scene)


def a_case_is_closed(server: Server, number: str) -> int:
    """Somebody rang 112, and what it was about is over."""
    taker, dispatcher = Signed(server.url), Signed(server.url, "dispatcher")
    call = taker.command("/calls/enter", number=number).json()["call"]
    told = AT | {"chronology": "Pohon tumbang", "type": "kecelakaan_lalin"}
    made = taker.command(f"/calls/{call}/incident", call_class="emergency", **told).json()
    closed = dispatcher.command(f"/incidents/{made['incident']}/close", disposition="handled")
    assert closed.status_code == 200, closed.text
    return int(made["incident"])


def test_callers_of_112_are_asked_on_whatsapp_once_their_case_is_over(
    play: Callable[[Scene], None],
) -> None:
    async def scene(town: Town) -> None:
        other = town.far.person("6281233451191", never=131026)  # not on WhatsApp
        for person in (town.siti, other):
            number = f"0{person.number[2:]}"
            await asyncio.to_thread(a_case_is_closed, town.server, number)
        taker = await asyncio.to_thread(Signed, town.server.url)
        asked = await town.hears(lambda: taker.command("/survey/write"))
        assert asked["type"] == "template" and asked["template"]["name"] == SURVEY
        assert asked["to"] == NUMBER
        parts = asked["template"]["components"]
        marks = [p["parameters"][0]["payload"] for p in parts if p["type"] == "button"]
        assert [mark.rpartition(":")[2] for mark in marks] == ["5", "4", "3", "2", "1"]
        missed = "SELECT count(*) FROM complaints_casesurvey WHERE state = 'missed'"
        await town.until(lambda: town.ask(missed) == 1)
        tap = {"payload": marks[0], "text": "5"}
        thanks = await town.hears(lambda: town.far.says(town.siti, "button", tap))
        assert "nilai 5" in words_of(thanks)
        await town.hears(lambda: town.says("2"))
        assert town.ask("SELECT max(score) FROM complaints_casesurvey") == 2
        assert town.ask("SELECT count(*) FROM complaints_followup") == 1
        page = (await asyncio.to_thread(taker.http.get, "/survey")).text
        assert "131026" in page
        assert len(town.siti.inbox) == 3 and other.inbox == [] and not town.far.refused

    play(scene)
