"""The far end of the city's WhatsApp number: people with telephones, and a Cloud API that checks
what it is sent against the documented limits, refuses as the real one does, and misbehaves when
told to. It knows nothing of how the product makes its requests."""

import asyncio
import hashlib
import hmac
import json
import random
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import aiohttp
from aiohttp import web

from sigap.core import clock

from .whatsapp_limits import Wrong, check_message

VERSION = "v25.0"
WINDOW = timedelta(hours=24)
LINK_LIVES = timedelta(minutes=5)
PAIR_S, PAIR_MOST = 6.0, 45
PER_S = 80
STATUSES = ("sent", "delivered", "read")
TITLES = {
    131047: "Re-engagement message",
    131056: "(Business Account, Consumer Account) pair rate limit hit",
    130429: "Rate limit hit",
    131026: "Message undeliverable",
    190: "Access token has expired",
    100: "Invalid parameter",
}
Answer = dict[str, Any]


@dataclass
class Person:
    """Somebody with WhatsApp. `number` may be hidden behind a user name."""

    number: str
    name: str = "Siti Aminah"
    user_id: str = ""
    shows_number: bool = True
    wrote_at: datetime | None = None
    inbox: list[Answer] = field(default_factory=list)
    owed_until: datetime | None = None  # what was sent to them too fast
    never: int = 0  # nothing arrives, with this code: not on WhatsApp, or wants none of it


@dataclass
class Faults:
    """What goes wrong from now on; numbers count down."""

    answers: deque[tuple[int, int, dict[str, str]]] = field(default_factory=deque)
    lost_answers: int = 0  # done, but the connection breaks before the answer
    twice: bool = False  # every webhook comes again
    shuffled: bool = False  # and in no order
    expired_links: int = 0
    wrong_sums: int = 0
    wrong_kind: str = ""  # what media are said to be
    huge: int = 0  # so many bytes come instead of the file
    hides_size: bool = False
    silent: bool = False  # takes requests and never answers
    away_until: datetime | None = None
    unsigned: bool = False


class FarEnd:
    """Meta, for one number of one city, on a loopback port."""

    def __init__(
        self, *, token: str, app_secret: str, verify_token: str = "", seed: int = 1
    ) -> None:
        self.token, self.app_secret, self.verify_token = token, app_secret, verify_token
        self.phone_id, self.account_id = "106540352242922", "102290129340398"
        self.webhook = ""  # where the city hears
        self.people: dict[str, Person] = {}
        self.faults = Faults()
        self.sent: list[Answer] = []  # requests that were taken
        self.refused: Counter[int] = Counter()
        self.marked_read: list[str] = []
        self.fetched: list[str] = []  # files that somebody began to load
        self.dropped: list[Answer] = []  # taken, answered with 200, and never delivered
        self.templates: dict[str, tuple[str, int]] = {}  # name: status, number of parameters
        self.replies: dict[str, int] = {}  # name: how many quick replies it was approved with
        self.languages = ["id", "en"]  # in which they were approved
        self.number: Answer = {
            "display_phone_number": "+62 354 0000112",
            "name_status": "APPROVED",
            "quality_rating": "GREEN",
            "code_verification_status": "VERIFIED",
            "status": "CONNECTED",
            "account_mode": "LIVE",
            "whatsapp_business_manager_messaging_limit": "TIER_2K",
        }
        self.subscribed = True
        self._media: dict[str, tuple[bytes, str]] = {}
        self._links: dict[str, tuple[str, datetime]] = {}
        self._waiting: list[Answer] = []  # changes that no webhook has taken yet
        self._busy: deque[datetime] = deque()
        self._rng = random.Random(seed)
        self._names: Iterator[int] = iter(range(1, 10**9))
        self._runner: web.AppRunner | None = None
        self._hold = asyncio.Event()
        self._base = ""

    async def __aenter__(self) -> "FarEnd":
        app = web.Application(client_max_size=110 * 1024 * 1024)
        app.router.add_post(f"/{VERSION}/{{number}}/messages", self._on_message)
        app.router.add_post(f"/{VERSION}/{{number}}/media", self._on_upload)
        app.router.add_get(f"/{VERSION}/{{thing}}", self._on_look)
        app.router.add_get(f"/{VERSION}/{{account}}/{{list}}", self._on_list)
        app.router.add_get("/files/{link}", self._on_file)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self._base = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_error: object) -> None:
        self._hold.set()
        if self._runner:
            await self._runner.cleanup()

    @property
    def url(self) -> str:
        """The Graph API's address."""
        return f"{self._base}/{VERSION}"

    # People

    def person(self, number: str, **more: Any) -> Person:
        """Somebody new, with a user id of their own."""
        user_id = f"ID.{hashlib.sha256(number.encode()).hexdigest()[:20]}"
        someone = Person(number, **({"user_id": user_id} | more))
        self.people[number] = someone
        return someone

    def says(self, person: Person, kind: str = "text", said: Any = None, **more: Any) -> str:
        """Somebody writes; the message waits for `deliver`. Returns its name."""
        person.wrote_at = clock.now()
        wamid = self._wamid()
        message: Answer = {"id": wamid, "timestamp": self._stamp(), "type": kind}
        message["from_user_id"] = person.user_id
        if person.shows_number:
            message["from"] = person.number
        message[kind] = {"body": said} if kind == "text" else said
        self._queue({"contacts": [self._contact(person)], "messages": [message | more]})
        return wamid

    def sends_file(self, person: Person, kind: str, data: bytes, mime: str, **more: Any) -> str:
        """Somebody sends a file; the id of the file."""
        media_id = self.keeps(data, mime)
        digest = hashlib.sha256(data).hexdigest()
        self.says(person, kind, {"id": media_id, "mime_type": mime, "sha256": digest} | more)
        return media_id

    def changes_number(self, person: Person, number: str) -> str:
        """Somebody has a new number, and so a new user id."""
        before, old_id = person.number, person.user_id
        del self.people[before]
        renewed = self.person(number, name=person.name)
        wamid = self._wamid()
        system = {
            "type": "user_changed_number",
            "body": f"User {person.name} changed from {before} to {number}",
            "wa_id": number,
            "user_id": renewed.user_id,
            "previous_user_id": old_id,
        }
        message = {"id": wamid, "timestamp": self._stamp(), "type": "system", "from": before}
        self._queue({"messages": [message | {"system": system}]})
        return wamid

    def keeps(self, data: bytes, mime: str) -> str:
        """A file lies here; its id."""
        media_id = str(10**14 + next(self._names))
        self._media[media_id] = (data, mime)
        return media_id

    # Webhooks

    async def deliver(self, *, each: int = 3) -> list[int]:
        """Bring what waits to the webhook, several changes in a body; the statuses answered.
        What is not taken with 200 waits on, as Meta tries again for days."""
        changes, self._waiting = self._waiting, []
        if self.faults.twice:
            changes = changes + changes
        if self.faults.shuffled:
            self._rng.shuffle(changes)
        answers = []
        async with aiohttp.ClientSession() as session:
            for start in range(0, len(changes), each):
                some = changes[start : start + each]
                status = await self._bring(session, some)
                answers.append(status)
                if status != 200:  # noqa: PLR2004
                    self._waiting += some
        return answers

    def envelope(self, changes: list[Answer]) -> bytes:
        """A body as Meta sends it."""
        entry = {"id": self.account_id, "time": int(clock.now().timestamp()), "changes": changes}
        return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()

    def signature(self, body: bytes) -> str:
        """What Meta puts into X-Hub-Signature-256."""
        return "sha256=" + hmac.new(self.app_secret.encode(), body, hashlib.sha256).hexdigest()

    async def _bring(self, session: aiohttp.ClientSession, changes: list[Answer]) -> int:
        body = self.envelope(changes)
        headers = {"Content-Type": "application/json"}
        if not self.faults.unsigned:
            headers["X-Hub-Signature-256"] = self.signature(body)
        try:
            async with session.post(self.webhook, data=body, headers=headers) as answer:
                return answer.status
        except aiohttp.ClientError:
            return 0

    def _queue(self, value: Answer) -> None:
        metadata = {"display_phone_number": "623540000112", "phone_number_id": self.phone_id}
        value = {"messaging_product": "whatsapp", "metadata": metadata} | value
        self._waiting.append({"field": "messages", "value": value})

    def _contact(self, person: Person) -> Answer:
        contact: Answer = {"profile": {"name": person.name}, "user_id": person.user_id}
        return contact | ({"wa_id": person.number} if person.shows_number else {})

    def _tell(self, wamid: str, person: Person, request: Answer, *, code: int = 0) -> None:
        about: Answer = {"id": wamid, "timestamp": self._stamp()}
        about["recipient_user_id"] = person.user_id
        if "to" in request:
            about["recipient_id"] = person.number
        if reference := request.get("biz_opaque_callback_data"):
            about["biz_opaque_callback_data"] = reference
        if code:
            errors = [{"code": code, "title": TITLES.get(code, "Error")}]
            self._queue({"statuses": [about | {"status": "failed", "errors": errors}]})
            return
        paid = request["type"] == "template"
        price = {"billable": paid, "category": "utility" if paid else "service"}
        for status in STATUSES:
            told = {"status": status, "pricing": {"pricing_model": "PMP"} | price}
            self._queue({"statuses": [about | told], "contacts": [self._contact(person)]})

    # The Graph API

    async def _on_message(self, request: web.Request) -> web.StreamResponse:
        if refusal := await self._refusal(request):
            return refusal
        if request.match_info["number"] != self.phone_id:
            return self._error(100, 400)
        try:
            body = await request.json()
            if body.get("status") == "read":
                self.marked_read.append(str(body["message_id"]))
                return web.json_response({"success": True})
            check_message(body)
        except (ValueError, KeyError, AttributeError):
            return self._error(100, 400)
        except Wrong as wrong:
            return self._error(wrong.code, 400, str(wrong))
        return await self._send(request, body)

    async def _send(self, request: web.Request, body: Answer) -> web.StreamResponse:
        person = self._addressee(body)
        if self._too_fast():
            return self._error(130429, 400)
        wamid = self._wamid()
        if person is None:
            # A user id in `to`, or nobody: taken all the same, and never seen again.
            self.dropped.append(body)
        else:
            if self._too_often(person):
                return self._error(131056, 400)
            if body["type"] == "template":
                if code := self._wrong_template(body["template"]):
                    return self._error(code, 404 if code == 132001 else 400)  # noqa: PLR2004
            elif not self._window_open(person):
                return self._error(131047, 400)
            self.sent.append(body)
            if not person.never:
                person.inbox.append(body)
            self._tell(wamid, person, body, code=person.never)
        if self.faults.lost_answers:
            self.faults.lost_answers -= 1
            assert request.transport is not None
            request.transport.close()
        given = body.get("to") or body.get("recipient")
        told = {"messaging_product": "whatsapp", "contacts": [{"input": given}]}
        return web.json_response(told | {"messages": [{"id": wamid}]})

    def _addressee(self, body: Answer) -> Person | None:
        if "to" in body:
            return self.people.get(str(body["to"]).lstrip("+"))
        ids = {person.user_id: person for person in self.people.values()}
        return ids.get(str(body.get("recipient")))

    def _window_open(self, person: Person) -> bool:
        return person.wrote_at is not None and clock.now() - person.wrote_at < WINDOW

    def _too_fast(self) -> bool:
        now = clock.now()
        while self._busy and now - self._busy[0] >= timedelta(seconds=1):
            self._busy.popleft()
        if len(self._busy) >= PER_S:
            return True
        self._busy.append(now)
        return False

    def _too_often(self, person: Person) -> bool:
        now = clock.now()
        owed = max(person.owed_until or now, now) + timedelta(seconds=PAIR_S)
        if owed - now > timedelta(seconds=PAIR_S * PAIR_MOST):
            return True
        person.owed_until = owed
        return False

    def _wrong_template(self, template: Answer) -> int:
        status, wanted = self.templates.get(template["name"], ("", 0))
        if status != "APPROVED":
            return 132015 if status == "PAUSED" else 132001
        if template["language"]["code"] not in self.languages:
            return 132001
        parts = template.get("components", [])
        given = sum(len(p["parameters"]) for p in parts if p["type"] == "body")
        places = [p["index"] for p in parts if p["type"] == "button"]
        buttons = [str(n) for n in range(self.replies.get(template["name"], 0))]
        # A button that is left out sends its own words back; one too many is refused.
        right = given == wanted and set(places) <= set(buttons) and len(set(places)) == len(places)
        return 0 if right else 132000

    async def _on_upload(self, request: web.Request) -> web.StreamResponse:
        if refusal := await self._refusal(request):
            return refusal
        form = await request.post()
        file = form.get("file")
        if form.get("messaging_product") != "whatsapp" or not isinstance(file, web.FileField):
            return self._error(100, 400)
        return web.json_response({"id": self.keeps(file.file.read(), str(form.get("type")))})

    async def _on_look(self, request: web.Request) -> web.StreamResponse:
        if refusal := await self._refusal(request):
            return refusal
        thing = request.match_info["thing"]
        if thing == self.phone_id:
            hook = {"webhook_configuration": {"application": self.webhook}} if self.webhook else {}
            return web.json_response(self.number | {"id": thing} | hook)
        if thing not in self._media:
            return self._error(100, 404)
        data, mime = self._media[thing]
        link = str(next(self._names))
        lives = LINK_LIVES
        if self.faults.expired_links:
            self.faults.expired_links -= 1
            lives = timedelta(0)
        self._links[link] = (thing, clock.now() + lives)
        size = {} if self.faults.hides_size else {"file_size": self.faults.huge or len(data)}
        told = {"id": thing, "mime_type": self.faults.wrong_kind or mime}
        told |= {"url": f"{self._base}/files/{link}", "sha256": hashlib.sha256(data).hexdigest()}
        return web.json_response(told | size)

    async def _on_file(self, request: web.Request) -> web.StreamResponse:
        if refusal := await self._refusal(request):
            return refusal
        thing, until = self._links.get(request.match_info["link"], ("", clock.now()))
        if not thing or clock.now() >= until:
            return web.Response(status=404)
        data, mime = self._media[thing]
        self.fetched.append(thing)
        if self.faults.wrong_sums:
            self.faults.wrong_sums -= 1
            data = data[:-1] + bytes([data[-1] ^ 1])
        answer = web.StreamResponse(headers={"Content-Type": mime})
        await answer.prepare(request)
        try:
            await answer.write(data)
            for _chunk in range(self.faults.huge // 65536):
                await answer.write(bytes(65536))
            await answer.write_eof()
        except ConnectionError:
            pass  # the city had enough
        return answer

    async def _on_list(self, request: web.Request) -> web.StreamResponse:
        if refusal := await self._refusal(request):
            return refusal
        lists: dict[str, list[Answer]] = {
            "subscribed_apps": [{"whatsapp_business_api_data": {}}] if self.subscribed else [],
            "message_templates": [
                {"name": name, "status": status} for name, (status, _n) in self.templates.items()
            ],
        }
        wanted = lists.get(request.match_info["list"])
        if request.match_info["account"] != self.account_id or wanted is None:
            return self._error(100, 400)
        return web.json_response({"data": wanted})

    async def _refusal(self, request: web.Request) -> web.StreamResponse | None:
        if self.faults.silent:
            await self._hold.wait()
        if self.faults.away_until and clock.now() < self.faults.away_until:
            return self._error(0, 503)
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            return self._error(190, 401)
        if self.faults.answers:
            status, code, headers = self.faults.answers.popleft()
            return self._error(code, status, headers=headers)
        return None

    def _error(
        self, code: int, status: int, details: str = "", headers: dict[str, str] | None = None
    ) -> web.Response:
        self.refused[code or status] += 1
        if not code:
            return web.Response(status=status, text="<html>Sorry</html>", headers=headers)
        error = {"message": f"(#{code}) {TITLES.get(code, 'Error')}", "code": code}
        error |= {"type": "OAuthException", "error_data": {"details": details}}
        return web.json_response({"error": error}, status=status, headers=headers)

    def _wamid(self) -> str:
        return f"wamid.SIM{self._rng.getrandbits(64):016X}{next(self._names)}"

    def _stamp(self) -> str:
        return str(int(clock.now().timestamp()))
