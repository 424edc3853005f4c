"""`GET /hooks/calls/orders`: what the control room wants of a telephone exchange, as it happens.

One line of JSON per order. The first line is the state of everything; a line without an order
comes every two seconds, so that the exchange knows that we are alive. An order is made from the
journal row of what a person or a timer did; the exchange's own events order nothing.
"""

import asyncio
import contextlib
import json
import logging
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar
from urllib.parse import parse_qs

from django.db import Error, connection
from django.db.models import Q

from sigap.calls.greeting import greeting_of
from sigap.calls.machine import LIVE
from sigap.calls.models import Call, CallParty
from sigap.calls.queries import EXCHANGE, free_shifts, parties
from sigap.core import clock
from sigap.core.actions.jobs import job_ended
from sigap.core.errors import SigapError
from sigap.core.journal import tip_seq
from sigap.core.models import Journal, Shift, User
from sigap.core.parameters import PARAMETERS, value
from sigap.core.tail import Tail

from .hooks import Receive, Refusal, Scope, Send, check_method, check_token, refuse
from .phones import endpoint_of

log = logging.getLogger("sigap.orders")
T = TypeVar("T")
Order = dict[str, Any]

BEAT_S = 2.0
SIGN_S = 10.0
MOST_ROWS = 500
MISSED = timedelta(hours=1)  # an exchange that was away for longer has lost its calls
# What an exchange reckons with.
NUMBERS = [name for name in PARAMETERS if name.startswith(("gate.", "calls."))]


class Orders:
    """Serves the exchanges that listen, each from the journal by its own pace."""

    def __init__(self, tail: Tail) -> None:
        self._tail = tail
        self._threads = ThreadPoolExecutor(2, "orders")
        self._signs = ThreadPoolExecutor(1, "signs")
        self._over = asyncio.Event()

    def stop(self) -> None:
        """Let all exchanges go, so that a graceful stop does not wait for them."""
        self._over.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one exchange until it leaves."""
        try:
            check_method(scope, "GET")
            check_token(dict(scope["headers"]))
            exchange = _exchange(scope)
        except SigapError as error:
            await refuse(scope, send, error)
            return
        bell = self._tail.bell()
        serving = asyncio.create_task(self._serve(exchange, bell, send))
        signing = asyncio.create_task(self._sign(exchange))
        leaving = asyncio.create_task(_until_gone(receive))
        over = asyncio.create_task(self._over.wait())
        tasks = (serving, leaving, over)
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._tail.forget(bell)
            for task in (*tasks, signing):
                task.cancel()
        if serving.done() and not serving.cancelled() and (error_ := serving.exception()):
            log.warning("orders to %s ended: %s", exchange, type(error_).__name__)

    async def _serve(self, exchange: str, bell: asyncio.Event, send: Send) -> None:
        follower = Follower(exchange)
        lines = await self._read(follower.begin)
        kind = [(b"content-type", b"application/x-ndjson"), (b"cache-control", b"no-store")]
        kind.append((b"x-accel-buffering", b"no"))  # a proxy must not keep them
        await send({"type": "http.response.start", "status": 200, "headers": kind})
        while True:
            body = b"".join(json.dumps(line).encode() + b"\n" for line in lines or [{}])
            await send({"type": "http.response.body", "body": body, "more_body": True})
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(bell.wait(), BEAT_S)
            bell.clear()
            lines = await self._read(follower.more)

    async def _sign(self, exchange: str) -> None:
        """Note again and again that this exchange listens: beside the orders, for which no
        command that takes long may make it wait."""
        while True:
            with contextlib.suppress(SigapError, Error):
                sign = partial(job_ended, EXCHANGE + exchange, every_s=SIGN_S, done=0)
                await self._read(sign, self._signs)
            await asyncio.sleep(SIGN_S)

    async def _read(
        self, function: Callable[[], T], threads: ThreadPoolExecutor | None = None
    ) -> T:
        def safely() -> T:
            try:
                return function()
            except Error:
                connection.close()
                raise

        return await asyncio.get_running_loop().run_in_executor(threads or self._threads, safely)


@dataclass
class Follower:
    """How far an exchange has been told, and what it knows of the people."""

    exchange: str
    seq: int = 0
    told: dict[str, Any] = field(default_factory=dict)

    def begin(self) -> list[Order]:
        """The whole state, which what follows is not older than."""
        self.seq = tip_seq()
        self.told = _people()
        # One that its operator left goes on after it is closed; another is to be let go, if the
        # order to do so was missed.
        wanted = Q(state__in=LIVE) | Q(pk__in=parties().values("call_id"))
        wanted |= Q(state="closed", closed_at__gt=clock.now() - MISSED)
        open_calls = Call.objects.filter(wanted, source=self.exchange)
        others: dict[int, list[Order]] = defaultdict(list)
        for party in parties():
            others[party.call_id].append(_party(party))
        calls = [_state(c, others[c.pk]) for c in open_calls.select_related("operator")]
        return [{"do": "state", "calls": calls} | self.told]

    def more(self) -> list[Order]:
        """The orders since, and the people again where they changed."""
        rows = list(Journal.objects.filter(seq__gt=self.seq).order_by("seq")[:MOST_ROWS])
        orders = []
        if rows:
            self.seq = rows[-1].seq
            orders = [order for row in rows if (order := self._order(row))]
        people = _people()
        if people != self.told:
            self.told = people
            orders.insert(0, {"do": "people"} | people)
        return orders

    def _order(self, row: Journal) -> Order | None:
        make = _ORDER.get(row.kind)
        if make is None:
            return None
        pk = row.body["call"] if row.kind in _PARTY else _pk(row)
        calls = Call.objects.select_related("operator", "contact")
        call = calls.filter(pk=pk, source=self.exchange).first()
        by_exchange = row.actor == f"system:{self.exchange}"
        if call is None or (by_exchange and row.kind != "call.presented"):
            return None
        order = make(call, row)
        return order and {"call": call.external_id, "n": call.pk} | order


def _greet(call: Call, _row: Journal) -> Order:
    greeting = greeting_of(call)
    return {"do": "greet", "skip": greeting.skip, "longer": greeting.longer}


def _connect(call: Call, row: Journal) -> Order | None:
    """Let the operator talk who has taken the call, if they still have it."""
    operator = call.operator
    if operator is None or operator.pk != row.body.get("operator") or call.state != "answered":
        return None
    return {"do": "connect", "operator": operator.username, "phone": endpoint_of(operator)}


def _resume(call: Call, _row: Journal) -> Order | None:
    operator = call.operator
    if operator is None or call.state != "answered":
        return None
    return {"do": "resume", "operator": operator.username, "phone": endpoint_of(operator)}


def _taken_over(call: Call, row: Journal) -> Order | None:
    return _connect(call, row) if row.body.get("taken_from") else None


def _dial(call: Call, row: Journal) -> Order | None:
    """Ring the caller of a lost call back. The call that comes of it has a name of its own."""
    if call.contact is None or not call.contact.number or not call.dialled_at:
        return None
    attempt = row.body.get("attempt", 1)
    return {"do": "dial", "number": call.contact.number, "as": f"return-{call.pk}-{attempt}"}


def _invite(_call: Call, row: Journal) -> Order | None:
    party = parties().filter(pk=_pk(row)).first()
    return {"do": "invite"} | _party(party) if party else None


def _drop(_call: Call, row: Journal) -> Order:
    return {"do": "drop", "party": _pk(row)}


def _party(party: CallParty) -> dict[str, Any]:
    """Whom to ring, and how they take part."""
    found: dict[str, Any] = {"party": party.pk, "how": party.how, "state": party.state}
    if party.user:
        return found | {"operator": party.user.username, "phone": endpoint_of(party.user)}
    return found | {"number": party.entry.number if party.entry else ""}


def _hang_up_unless_left(call: Call, _row: Journal) -> Order | None:
    return None if call.left_at else {"do": "hang_up"}


def _pk(row: Journal) -> int:
    return int(row.subject.partition(":")[2])


def _only(what: str) -> Callable[[Call, Journal], Order]:
    return lambda _call, _row: {"do": what}


_PARTY = ("party.invite", "party.change", "party.leave")
_ORDER: dict[str, Callable[[Call, Journal], Order | None]] = {
    "call.presented": _greet,
    "call.answer": _connect,
    "call.claimed": _taken_over,
    "call.hold": _only("hold"),
    "call.resume": _resume,
    "call.queue": _only("queue"),
    "call.end": _only("hang_up"),
    "call.leave": _only("leave"),
    "call.close": _hang_up_unless_left,
    "call.abandon": _only("hang_up"),
    "call.end_silent": _only("hang_up"),
    "call.dialled": _dial,
    "party.invite": _invite,
    "party.change": _invite,
    "party.leave": _drop,
}


def _state(call: Call, others: list[Order]) -> dict[str, Any]:
    operator = call.operator
    return {
        "call": call.external_id,
        "n": call.pk,
        "state": call.state,
        "gate": call.gate,
        "operator": operator.username if operator else "",
        "phone": endpoint_of(operator) if operator else "",
        "left": call.left_at is not None,
        "parties": others,
    }


def _people() -> dict[str, Any]:
    """Whose telephones may ring, and the numbers in force."""
    free = set(free_shifts().values_list("user_id", flat=True))
    there = Shift.objects.filter(ended_at=None, role__in=("call_taker", "supervisor"))
    roles = dict(there.values_list("user_id", "role"))
    people = User.objects.filter(pk__in=roles, is_active=True).order_by("pk")
    return {
        "operators": [
            {
                "operator": person.username,
                "phone": endpoint_of(person),
                "role": roles[person.pk],
                "free": person.pk in free,
            }
            for person in people
        ],
        "numbers": {name: value(name) for name in NUMBERS},
    }


def _exchange(scope: Scope) -> str:
    query = parse_qs(scope["query_string"].decode("latin-1"))
    name: str = query.get("exchange", ["pbx"])[-1]
    if not name.replace("-", "").replace("_", "").isalnum() or len(name) > 20:  # noqa: PLR2004
        raise Refusal(422, "exchange", "exchange")
    return name


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
