"""The client and the door against a Cloud API on loopback that checks, refuses and misbehaves."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from aiohttp import web
from django.conf import settings
from django.test import override_settings
from pydantic import SecretStr

from sigap.core import clock
from sigap.core.errors import Busy
from sigap.core.inbox import Writer
from sigap.gateways import hooks
from sigap.gateways.whatsapp.account import connected, secrets
from sigap.gateways.whatsapp.api import Api
from sigap.gateways.whatsapp.doctor import Setup, examine
from sigap.gateways.whatsapp.media import BadMedia
from sigap.gateways.whatsapp.messages import Heard, Receipt, read
from sigap.gateways.whatsapp.pace import Pace, after, pause_s
from sigap.gateways.whatsapp.refusals import Away, Outside24h, Refused, TooOften
from sigap.gateways.whatsapp.say import (
    AskPlace,
    Buttons,
    Choice,
    Image,
    Message,
    Rows,
    Template,
    Text,
    request,
)
from sim.whatsapp import FarEnd, Person

from . import loops

TOKEN, SECRET, WORD = "token-of-the-system-user", "rahasia-aplikasi-di-uji", "kata-kota-di-uji-saja"
NUMBER = "6281233451190"
JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40


class Shelf(Writer):
    """Where letters lie that the door has let in."""

    def __init__(self) -> None:
        self.letters: dict[str, str] = {}
        self.full = False

    async def append_all(self, source: str, letters: Sequence[tuple[str, str]]) -> list[int]:
        """Keep letters; a repeat is the first one."""
        if self.full:
            raise Busy("full")
        for name, payload in letters:
            self.letters.setdefault(name, payload)
        return [1] * len(letters)


@dataclass
class City:
    """A city's side of the line."""

    far: FarEnd
    api: Api
    shelf: Shelf
    siti: Person

    async def say(self, message: Message, who: Person | None = None, **more: str) -> str:
        """Send something; WhatsApp's name of it."""
        return await self.api.send(request(message, (who or self.siti).user_id, **more))

    def heard(self) -> list[Heard]:
        """What people said, as it was understood."""
        return [one for one in self._read() if isinstance(one, Heard)]

    def receipts(self) -> list[Receipt]:
        """What became of our messages."""
        return [one for one in self._read() if isinstance(one, Receipt)]

    def _read(self) -> list[Any]:
        return [read(payload, clock.now()) for payload in self.shelf.letters.values()]


@asynccontextmanager
async def city_and_far_end() -> AsyncIterator[City]:
    """Both ends: requests go to the one, webhooks come to the other."""
    far = FarEnd(token=TOKEN, app_secret=SECRET, verify_token=WORD)
    async with far:
        shelf = Shelf()
        app = web.Application(client_max_size=10**7)
        app.router.add_route("*", "/hooks/whatsapp", partial(_door, shelf))
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        far.webhook = f"http://127.0.0.1:{runner.addresses[0][1]}/hooks/whatsapp"
        known = {
            "whatsapp_app_secret": SecretStr(SECRET),
            "whatsapp_verify_token": SecretStr(WORD),
            "whatsapp_token": SecretStr(TOKEN),
            "whatsapp_phone_id": far.phone_id,
            "whatsapp_account_id": far.account_id,
            "whatsapp_api_url": far.url,
        }
        try:
            with override_settings(ENV=settings.ENV.model_copy(update=known)):
                async with connected() as api:
                    yield City(far, api, shelf, far.person(NUMBER))
        finally:
            await runner.cleanup()


async def _door(shelf: Shelf, asked: web.Request) -> web.Response:
    body, answers = await asked.read(), []

    async def receive() -> Any:
        return {"type": "http.request", "body": body}

    async def send(message: Any) -> None:
        answers.append(message)

    headers = [(name.lower().encode(), value.encode()) for name, value in asked.headers.items()]
    scope = {
        "method": asked.method,
        "headers": headers,
        "query_string": asked.query_string.encode(),
    }
    await hooks.messages(scope, receive, send, shelf)
    return web.Response(status=answers[0]["status"], body=answers[1]["body"])


Scene = Callable[[City], Awaitable[None]]


@pytest.fixture
def play() -> Iterator[Callable[[Scene], None]]:
    """Plays a scene between a city and the far end."""

    def played(scene: Scene) -> None:
        async def run() -> None:
            async with city_and_far_end() as city:
                await scene(city)

        loops.run(run())

    yield played


Play = Callable[[Scene], None]


def test_all_that_we_say_is_taken_and_its_fate_comes_back(play: Play) -> None:
    async def scene(city: City) -> None:
        city.far.says(city.siti, said="Lampu jalan mati")
        picture = await city.api.upload(JPEG, "image/jpeg")
        offered = [Choice("pju", "Lampu jalan"), Choice("lain", "Lainnya")]
        said: list[Message] = [
            Text("Terima kasih."),
            Buttons("Apakah ini?", offered, footer="Kota Kediri"),
            Rows("Pilih kelurahan", "Kelurahan", offered),
            AskPlace("Di mana?"),
            Image(picture, "Sesudah"),
        ]
        names = [await city.say(one, reference=f"d{n}") for n, one in enumerate(said)]
        await city.far.deliver()
        assert len(set(names)) == 5 and not city.far.refused
        last = [r for r in city.receipts() if r.status == "read"]
        assert [(r.wamid, r.reference, r.who) for r in last] == [
            (name, f"d{n}", city.siti.user_id) for n, name in enumerate(names)
        ]

    play(scene)


def test_a_conversation_goes_both_ways_also_with_somebody_who_hides_their_number(
    play: Play,
) -> None:
    async def scene(city: City) -> None:
        hidden = city.far.person("6281299990000", name="Budi", shows_number=False)
        wamid = city.far.says(hidden, said="Pohon tumbang")
        assert await city.far.deliver() == [200]
        [heard] = city.heard()
        assert (heard.who, heard.phone, heard.name) == (hidden.user_id, "", "Budi")
        await city.api.mark_read(heard.id, typing=True)
        await city.say(Text("Di mana?"), hidden, reply_to=heard.id)
        assert city.far.marked_read == [wamid]
        assert hidden.inbox[0]["context"] == {"message_id": wamid}

    play(scene)


def test_a_user_id_in_the_place_of_a_number_would_be_lost_without_a_word(play: Play) -> None:
    async def scene(city: City) -> None:
        city.far.says(city.siti, said="Halo")
        wrong = request(Text("Halo"), city.siti.user_id)
        wrong["to"] = wrong.pop("recipient")
        assert await city.api.send(wrong)
        assert city.far.dropped == [wrong] and not city.siti.inbox

    play(scene)


def test_a_day_after_somebody_wrote_only_a_template_gets_through(
    play: Play, time: clock.Frozen
) -> None:
    async def scene(city: City) -> None:
        city.far.templates["laporan_selesai"] = ("APPROVED", 2)
        city.far.says(city.siti, said="Halo")
        time.forward(86_399)
        await city.say(Text("Masih bisa"))
        time.forward(1)
        with pytest.raises(Outside24h):
            await city.say(Text("Terlambat"))
        await city.say(Template("laporan_selesai", "id", ["LP-1", "Dishub"]))
        city.far.says(city.siti, said="Ya")
        await city.say(Text("Bisa lagi"))
        await city.far.deliver()
        paid = [r for r in city.receipts() if r.status == "sent" and r.billable]
        assert [r.category for r in paid] == ["utility"]

    play(scene)


def test_a_template_that_is_not_approved_or_does_not_fit_is_refused(play: Play) -> None:
    async def scene(city: City) -> None:
        city.far.templates = {"a": ("PENDING", 0), "b": ("PAUSED", 0), "c": ("APPROVED", 1)}
        codes = []
        for name in ("a", "b", "c", "unknown"):
            with pytest.raises(Refused) as refused:
                await city.say(Template(name))
            codes.append(refused.value.code)
        assert codes == [132001, 132015, 132000, 132001]

    play(scene)


def test_without_pacing_the_far_end_refuses_and_with_it_never(
    play: Play, time: clock.Frozen
) -> None:
    async def scene(city: City) -> None:
        city.far.says(city.siti, said="Halo")
        for _n in range(45):
            await city.say(Text("cepat"))
        with pytest.raises(TooOften) as refused:
            await city.say(Text("terlalu cepat"))
        assert refused.value.pair
        time.forward(6)
        await city.say(Text("lagi"))

        people = [city.far.person(f"62813000{n:05}") for n in range(100)]
        for one in people:
            city.far.says(one, said="Halo")
        time.forward(600)
        with pytest.raises(TooOften) as refused:
            for one in people:
                await city.say(Text("x"), one)
        assert not refused.value.pair
        time.forward(10)
        before, pace = len(city.far.sent), Pace()
        waiting = [one for one in people for _n in range(3)]
        while waiting:
            waiting = [
                one
                for one in waiting
                if pace.ask(one.user_id, clock.now()) or not await city.say(Text("x"), one)
            ]
            time.forward(0.05)
        assert len(city.far.sent) - before == 300
        assert city.far.refused == {131056: 1, 130429: 1}

    play(scene)


def test_duplicates_and_disorder_on_the_way_in_are_harmless(play: Play) -> None:
    async def scene(city: City) -> None:
        city.far.faults.twice = city.far.faults.shuffled = True
        people = [city.far.person(f"62813000{n:05}") for n in range(20)]
        sent = {city.far.says(one, said=f"laporan {one.number}") for one in people}
        await city.say(Text("x"), people[0])
        await city.far.deliver()
        assert {h.id for h in city.heard()} == sent and len(city.heard()) == 20
        assert all(h.text.endswith(h.phone[1:]) for h in city.heard())
        best = max(city.receipts(), key=lambda r: r.rank)
        assert (best.status, len(city.receipts())) == ("read", 3)

    play(scene)


def test_what_is_not_signed_is_not_taken_and_comes_again(play: Play) -> None:
    async def scene(city: City) -> None:
        city.far.says(city.siti, said="Halo")
        city.far.faults.unsigned = True
        assert await city.far.deliver() == [401] and not city.shelf.letters
        city.far.faults.unsigned = False
        assert await city.far.deliver() == [200] and len(city.heard()) == 1

    play(scene)


def test_somebody_with_a_new_number_is_known_again(play: Play) -> None:
    async def scene(city: City) -> None:
        before = city.siti.user_id
        city.far.says(city.siti, said="Halo")
        city.far.changes_number(city.siti, "6281299990000")
        await city.far.deliver()
        first, moved = city.heard()
        assert (moved.kind, moved.was, moved.phone) == ("moved", first.who, "+6281299990000")
        assert moved.who == city.far.people["6281299990000"].user_id != before

    play(scene)


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (500, 0, Away),
        (503, 2, Away),
        (400, 131000, Away),
        (429, 0, TooOften),
        (400, 80007, TooOften),
        (400, 131026, Refused),
        (401, 190, Away),
    ],
)
def test_a_refusal_is_told_by_what_is_to_be_done(
    play: Play, status: int, code: int, expected: type[Exception]
) -> None:
    async def scene(city: City) -> None:
        city.far.says(city.siti, said="Halo")
        city.far.faults.answers.append((status, code, {"Retry-After": "7"}))
        with pytest.raises(expected) as refused:
            await city.say(Text("x"))
        assert type(refused.value) is expected and NUMBER not in str(refused.value)
        wait = pause_s(1, refused.value, lambda: 0.0)  # type: ignore[arg-type]
        assert wait == (None if expected is Refused else 7)
        assert await city.say(Text("x"))

    play(scene)


def test_when_the_answer_is_lost_it_is_said_that_it_may_have_been_sent(play: Play) -> None:
    async def scene(city: City) -> None:
        city.far.says(city.siti, said="Halo")
        city.far.faults.lost_answers = 1
        with pytest.raises(Away) as away:
            await city.say(Text("x"), reference="d1")
        assert away.value.perhaps
        await city.far.deliver()
        assert {r.reference for r in city.receipts()} == {"d1"}  # so it was

    play(scene)


def test_when_meta_is_away_for_an_hour_everything_is_said_once_afterwards(
    play: Play, time: clock.Frozen
) -> None:
    async def scene(city: City) -> None:
        start = clock.now()
        city.far.says(city.siti, said="Halo")
        city.far.faults.away_until = start + timedelta(hours=1)
        tries = 0
        while not city.siti.inbox:
            try:
                await city.say(Text("Terima kasih"))
            except Away as away:
                tries += 1
                assert after(away, start, clock.now()) == "again" and not away.perhaps
                time.forward(pause_s(tries, away, lambda: 0.5) or 0)
        assert len(city.siti.inbox) == 1 and tries < 20
        assert clock.now() < start + timedelta(minutes=80)

    play(scene)


def test_what_we_could_not_keep_comes_again_and_is_kept_once(play: Play) -> None:
    async def scene(city: City) -> None:
        city.far.says(city.siti, said="satu")
        city.far.says(city.siti, said="dua")
        city.shelf.full = True
        assert await city.far.deliver(each=1) == [503, 503] and not city.heard()
        city.shelf.full = False
        assert await city.far.deliver(each=1) == [200, 200]
        assert [h.text for h in city.heard()] == ["satu", "dua"]

    play(scene)


def test_nobody_there_and_nobody_answering_are_away(play: Play) -> None:
    async def scene(city: City) -> None:
        async with Api("http://127.0.0.1:1/v25.0", TOKEN, "1") as nobody:
            with pytest.raises(Away) as away:
                await nobody.send(request(Text("x"), NUMBER))
            assert not away.value.perhaps
        city.far.faults.silent = True
        async with Api(city.far.url, TOKEN, city.far.phone_id, patience=0.005) as hasty:
            with pytest.raises(Away) as away:
                await hasty.send(request(Text("x"), NUMBER))
            assert away.value.perhaps

    play(scene)


def test_a_file_is_fetched_whole_and_checked(play: Play) -> None:
    async def scene(city: City) -> None:
        city.far.sends_file(city.siti, "image", JPEG, "image/jpeg", caption="ini")
        await city.far.deliver()
        media = city.heard()[0].media
        assert media and media.caption == "ini"
        file = await city.api.fetch(media.id, "image", sha256=media.sha256)
        assert (file.data, file.mime, file.sha256) == (JPEG, "image/jpeg", media.sha256)

    play(scene)


def test_an_address_that_expired_and_a_byte_that_was_lost_are_tried_once_more(play: Play) -> None:
    async def scene(city: City) -> None:
        media_id = city.far.sends_file(city.siti, "image", JPEG, "image/jpeg")
        city.far.faults.expired_links = 1
        assert (await city.api.fetch(media_id, "image")).data == JPEG
        city.far.faults.wrong_sums = 1
        assert (await city.api.fetch(media_id, "image")).data == JPEG

    play(scene)


def bad(**faults: Any) -> dict[str, Any]:
    """Faults of the far end."""
    return faults


@pytest.mark.parametrize(
    ("faults", "reason"),
    [
        (bad(expired_links=9), "gone"),
        (bad(wrong_sums=9), "changed"),
        (bad(wrong_kind="audio/ogg"), "strange"),
        (bad(huge=100 * 1024 * 1024), "too_large"),
        (bad(huge=100 * 1024 * 1024, hides_size=True), "too_large"),
    ],
)
def test_a_file_that_cannot_be_trusted_is_not_kept(
    play: Play, faults: dict[str, Any], reason: str
) -> None:
    async def scene(city: City) -> None:
        media_id = city.far.sends_file(city.siti, "image", JPEG, "image/jpeg")
        for name, value in faults.items():
            setattr(city.far.faults, name, value)
        with pytest.raises(BadMedia) as refused:
            await city.api.fetch(media_id, "image")
        assert refused.value.reason == reason

    play(scene)


def test_a_file_that_is_announced_as_too_large_is_not_even_begun(play: Play) -> None:
    async def scene(city: City) -> None:
        media_id = city.far.sends_file(city.siti, "image", JPEG, "image/jpeg")
        with pytest.raises(BadMedia) as refused:
            await city.api.fetch(media_id, "image", most=len(JPEG) - 1)
        assert refused.value.reason == "too_large" and city.far.fetched == []
        assert await city.api.fetch(media_id, "image", most=len(JPEG))

    play(scene)


def test_a_file_with_another_checksum_than_its_message_said_is_not_kept(play: Play) -> None:
    async def scene(city: City) -> None:
        media_id = city.far.keeps(JPEG, "image/jpeg")
        with pytest.raises(BadMedia) as refused:
            await city.api.fetch(media_id, "image", sha256="0" * 64)
        assert refused.value.reason == "changed"
        with pytest.raises(BadMedia) as refused:
            await city.api.fetch("404", "image")
        assert refused.value.reason == "gone"

    play(scene)


def test_a_page_that_calls_itself_a_picture_is_not_kept(play: Play) -> None:
    async def scene(city: City) -> None:
        media_id = city.far.keeps(b"<html><script>alert(1)</script>", "image/jpeg")
        with pytest.raises(BadMedia):
            await city.api.fetch(media_id, "image")

    play(scene)


@pytest.mark.parametrize(
    "url",
    [
        "http://lookaside.fbsbx.com/x",
        "https://fbsbx.com.example/x",
        "https://evilfbsbx.com/x",
        "http://169.254.169.254/latest",
        "file:///etc/passwd",
        "//x",
        "",
    ],
)
def test_the_token_goes_nowhere_but_to_meta(url: str) -> None:
    api = Api("https://graph.facebook.com/v25.0", TOKEN, "1")
    assert not api._may_keep(url)
    assert api._may_keep("https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1")


async def diagnosis(city: City, **more: Any) -> dict[str, str]:
    """What the doctor finds: the state of each thing."""
    setup = Setup(**(secrets() | {"templates": ("laporan_selesai",)} | more))
    found = await examine(setup, city.api)
    assert all(bool(one.todo) == (one.state != "ok") for one in found)
    return {one.code: one.state for one in found}


def test_the_doctor_finds_nothing_where_all_is_well(play: Play) -> None:
    async def scene(city: City) -> None:
        city.far.templates["laporan_selesai"] = ("APPROVED", 2)
        assert set((await diagnosis(city)).values()) == {"ok"}

    play(scene)


@pytest.mark.parametrize(
    ("field", "value", "code", "state"),
    [
        ("name_status", "PENDING_REVIEW", "name", "missing"),
        ("quality_rating", "RED", "quality", "look"),
        ("code_verification_status", "EXPIRED", "verified", "look"),
        ("status", "DISCONNECTED", "connected", "missing"),
        ("account_mode", "SANDBOX", "live", "missing"),
        ("whatsapp_business_manager_messaging_limit", "TIER_250", "limit", "look"),
        ("whatsapp_business_manager_messaging_limit", None, "limit", "look"),
    ],
)
def test_the_doctor_names_what_is_wrong_with_the_number(
    play: Play, field: str, value: Any, code: str, state: str
) -> None:
    async def scene(city: City) -> None:
        city.far.templates["laporan_selesai"] = ("APPROVED", 2)
        city.far.number[field] = value
        found = await diagnosis(city)
        assert {name for name, found_state in found.items() if found_state != "ok"} == {code}
        assert found[code] == state

    play(scene)


def test_the_doctor_names_what_is_missing_around_it(play: Play) -> None:
    async def scene(city: City) -> None:
        city.far.subscribed = False
        found = await diagnosis(city)
        assert (found["subscribed"], found["template"]) == ("missing", "missing")
        assert (await diagnosis(city, verify_token="another"))["webhook"] == "missing"
        city.far.webhook = ""
        assert (await diagnosis(city))["webhook"] == "missing"
        city.far.token = "renewed"
        assert (await diagnosis(city))["api"] == "missing"
        assert (await diagnosis(city, token=""))["token"] == "missing"

    play(scene)
