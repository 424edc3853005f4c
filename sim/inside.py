"""The product in this very process, under a clock that the plan sets: every request goes
through its addresses, its middleware and its views, only the network is left out."""

import json
from collections.abc import MutableMapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.test import Client

from sigap.core import clock
from sigap.core.actors import system
from sigap.core.inbox import Writer
from sigap.core.models import User
from sigap.gateways import hooks
from sigap.gateways.telephony import understand_call

from .browser import UNAUTHORIZED, Answer, Unhappy
from .fast import timers


class Inside:
    """A world for `sim.slow` without a server; a context that holds the product's clock."""

    def __init__(self) -> None:
        self._now = datetime.min.replace(tzinfo=UTC)
        self._browsers: dict[str, InsideBrowser] = {}

    def __enter__(self) -> "Inside":
        clock.run_from(lambda: self._now)
        return self

    def __exit__(self, *_error: object) -> None:
        clock.run_from(None)

    def at(self, time: datetime) -> None:
        """Set the clock."""
        self._now = time

    def browser(self, username: str) -> "InsideBrowser":
        """The browser of this person."""
        return self._browsers.setdefault(username, InsideBrowser(username))

    def exchange(self, event: Answer) -> None:
        """Knock at the hook as an exchange does, then let the letter be understood."""
        letters = _Letters()
        with suppress(StopIteration):
            _knock(event, letters).send(None)  # nothing in it waits, so it needs no loop
        for source, payload in letters.kept:
            understand_call(payload, system(source.partition(":")[2]))

    def timers(self) -> None:
        """What the worker does at every turn."""
        timers()


class InsideBrowser:
    """A signed-in person without a network in between."""

    def __init__(self, username: str) -> None:
        self._name, self._client = username, Client()

    def get(self, path: str) -> Answer:
        """Ask for JSON."""
        return self._asked("GET", path, None)

    def post(self, path: str, data: Answer) -> Answer:
        """Send a command as JSON."""
        return self._asked("POST", path, data)

    def _asked(self, method: str, path: str, data: Answer | None) -> Answer:
        response = self._send(method, path, data)
        if response.status_code == UNAUTHORIZED:  # first of all, or idle for too long
            self._sign_in()
            response = self._send(method, path, data)
        answer: Answer = response.json()
        if response.status_code >= 400:  # noqa: PLR2004 - refused
            told = answer["error"]
            raise Unhappy(response.status_code, told["code"], f"{path}: {told['message']}")
        return answer

    def _send(self, method: str, path: str, data: Answer | None) -> Any:
        return self._client.generic(
            method,
            path,
            "" if data is None else json.dumps(data),
            content_type="application/json",
            headers={"Accept": "application/json"},
        )

    def _sign_in(self) -> None:
        """A session as the sign-in page begins it; the passwords are nobody's."""
        user, session = User.objects.get(username=self._name), self._client.session
        now = clock.now().timestamp()
        session.update({"user_id": user.pk, "epoch": user.epoch, "seen": now, "began": now})
        session.save()
        self._client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key or ""


class _Letters(Writer):
    """An inbox that keeps its letters in memory."""

    def __init__(self) -> None:
        self.kept: list[tuple[str, str]] = []

    async def append(self, source: str, external_id: str, payload: str) -> int:
        """Keep a letter; returns its number."""
        self.kept.append((source, payload))
        return len(self.kept)


async def _knock(event: Answer, inbox: Writer) -> None:
    body, answers = json.dumps(event).encode(), []
    token = settings.ENV.hook_token.get_secret_value()
    headers = [
        (b"content-type", b"application/json"),
        (b"authorization", f"Bearer {token}".encode()),
    ]

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": body}

    async def send(message: MutableMapping[str, Any]) -> None:
        answers.append(message)

    scope = {"type": "http", "method": "POST", "headers": headers}
    await hooks.calls(scope, receive, send, inbox)
    if answers[0]["status"] >= 400:  # noqa: PLR2004 - refused
        raise Unhappy(answers[0]["status"], "", answers[1]["body"].decode())
