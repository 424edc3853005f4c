"""The far end of SMS and voice calls: a gateway that checks token and signature of what it is
sent, takes the same reference for the same message, and tells later what became of it."""

import asyncio
import hashlib
import hmac
import json
import re
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

LONGEST = {"sms": 480, "voice": 1000}


@dataclass
class Faults:
    """What goes wrong from now on."""

    answers: deque[int] = field(default_factory=deque)
    silent: bool = False
    lost_answers: int = 0  # taken, but the connection breaks before the answer
    away: bool = False  # nothing works at all


class Gateway:
    """One gateway for both, on a loopback port."""

    def __init__(self, *, token: str) -> None:
        self.token = token
        self.faults = Faults()
        self.taken: dict[str, dict[str, Any]] = {}  # by reference
        self.repeats = 0
        self.refused: list[str] = []
        self._hold = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self.base = ""

    async def __aenter__(self) -> "Gateway":
        app = web.Application()
        app.router.add_post("/{kind}", self._on_message)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.base = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_error: object) -> None:
        self._hold.set()
        if self._runner:
            await self._runner.cleanup()

    def of(self, kind: str) -> list[dict[str, Any]]:
        """What was taken of one kind."""
        return [message for message in self.taken.values() if message["kind"] == kind]

    async def tells(self, webhook: str, reference: str, status: str, **more: str) -> int:
        """Say what became of a message; the city's answer."""
        told = {"reference": reference, "status": status} | more
        headers = {"Authorization": f"Bearer {self.token}"}
        async with (
            aiohttp.ClientSession() as session,
            session.post(webhook, json=told, headers=headers) as answer,
        ):
            return answer.status

    async def _on_message(self, request: web.Request) -> web.StreamResponse:
        if self.faults.silent:
            await self._hold.wait()
        if self.faults.away:
            return web.Response(status=503)
        if self.faults.answers:
            return web.Response(status=self.faults.answers.popleft())
        kind, body = request.match_info["kind"], await request.read()
        if why := self._wrong(kind, body, request.headers):
            self.refused.append(why)
            return web.Response(status=401 if why in ("token", "signature") else 422, text=why)
        message = json.loads(body)
        self.repeats += message["reference"] in self.taken
        self.taken.setdefault(message["reference"], message | {"kind": kind})
        if self.faults.lost_answers:
            self.faults.lost_answers -= 1
            if request.transport:
                request.transport.close()
        return web.json_response({"id": f"{kind}-{len(self.taken)}"}, status=202)

    def _wrong(self, kind: str, body: bytes, headers: Any) -> str:
        signed = "sha256=" + hmac.new(self.token.encode(), body, hashlib.sha256).hexdigest()
        if headers.get("Authorization") != f"Bearer {self.token}":
            return "token"
        if headers.get("X-Sigap-Signature") != signed:
            return "signature"
        message = json.loads(body)
        if kind not in LONGEST or set(message) != {"to", "text", "reference"}:
            return "fields"
        if not re.fullmatch(r"\+62\d{8,13}", message["to"]):
            return "number"
        if not 0 < len(message["text"]) <= LONGEST[kind]:
            return "length"
        return "" if re.fullmatch(r"[dn]\d+", message["reference"]) else "reference"
