"""`/hooks/positions`, `/hooks/owntracks`, `/hooks/traccar`: where units are, told by devices."""

import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from sigap.core import clock
from sigap.core.errors import SigapError
from sigap.fleet.positions.judge import Verdict

from ..hooks import Receive, Refusal, Scope, Send, answer, body_of, check_method, refuse
from .buffer import Buffer, Claim
from .messages import Message, owntracks, plain, shown_token, traccar

MOST_BYTES = 256 * 1024
# What may name a sender: more never gets to the database.
PRINTED = re.compile(r"[!-~]{1,64}")
Read = Callable[[bytes, bytes, datetime], Message]


@dataclass(frozen=True)
class Door:
    """One address: how what is sent there is read, and what its senders want to hear."""

    read: Read
    tell: Callable[[Message, list[Verdict]], Any]
    takes_queries: bool = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send, buffer: Buffer) -> None:
        """Take one message: 200 with what became of it, once that is written."""
        headers = dict(scope["headers"])
        try:
            if not (self.takes_queries and scope["method"] == "GET"):
                check_method(scope, "POST")
            body = await body_of(headers, receive, MOST_BYTES)
            # Who shows nothing is told so before anything is read; a query may show it, too.
            token = shown_token(headers.get(b"authorization", b""))
            if not token and not self.takes_queries:
                raise _unknown()
            message = self.read(body, scope["query_string"], clock.now())
            verdicts = await buffer.give(_claim(token, message.sender), message)
            if verdicts is None:
                raise _unknown()
        except SigapError as error:
            await refuse(scope, send, error)
            return
        await answer(send, 200, self.tell(message, verdicts))


def _claim(token: str, sender: str) -> Claim:
    """By a token of its own, or as what a server passes on that shows the token of the hooks."""
    hooks = settings.ENV.hook_token.get_secret_value()
    if PRINTED.fullmatch(sender) and hooks and hmac.compare_digest(token.encode(), hooks.encode()):
        return Claim(identifier=sender)
    if not token and not PRINTED.fullmatch(sender):
        raise _unknown()
    return Claim.by_token(token or sender)


def _unknown() -> Refusal:
    return Refusal(401, "token", _("The token is missing or wrong."))


def _became(message: Message, verdicts: list[Verdict]) -> dict[str, Any]:
    """What was kept, and why the rest was not."""
    points = [{"kept": v.kept, "moved": v.moved, "fault": v.fault} for v in verdicts]
    told = {"status": "ok", "kept": sum(v.kept for v in verdicts), "points": points}
    return told | ({"fault": message.fault} if message.fault else {})


DOORS = {
    "/hooks/positions": Door(plain, _became),
    # The app takes the answer for a list of what it is to do.
    "/hooks/owntracks": Door(owntracks, lambda _message, _verdicts: []),
    "/hooks/traccar": Door(traccar, _became, takes_queries=True),
}
