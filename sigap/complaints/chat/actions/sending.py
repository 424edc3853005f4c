"""What became of a message of ours: claimed, sent, put off, given up, and what receipts tell.

A message is claimed before it goes over the wire and noted after, so that one whose sender died in
between is known: it is `unsure` then, and a receipt may still tell of it before it is sent again.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sigap.core import clock
from sigap.core.actions.alarms import finish_alarm, raise_alarm
from sigap.core.actors import Actor, Role
from sigap.core.journal import record, subject_of
from sigap.core.kinds.complaints import ChatSaid
from sigap.core.machine import change
from sigap.core.parameters import value
from sigap.core.queries import deployment
from sigap.core.rows import row, write
from sigap.core.transaction import transaction

from ...survey.actions import miss_survey
from .. import listen
from ..models import ChatMessage
from ..queries import paid

AT_ONCE = 40  # messages that are claimed together
# So long a receipt is waited for, where the answer to the request was lost.
UNSURE = timedelta(seconds=120)
NEAR = 0.8  # of the budget
UNSENT = ("due", "sending", "unsure")


def claim_messages(*, actor: Actor, skip: Sequence[int] = ()) -> list[ChatMessage]:
    """The messages that may go now, the first unsent of each person, claimed. `skip`: people to
    whom nothing may go yet."""
    now = clock.now()
    if not _due(now).exists():
        return []
    with transaction():
        for lost in list(_due(now).filter(state__in=("sending", "unsure"))):
            lost.state = "due"
            write(lost, "state")
        chosen: dict[int, ChatMessage] = {}
        waiting = ChatMessage.objects.filter(state__in=UNSENT, due_at__isnull=False)
        firsts: dict[int, int] = {}
        due = _due(now).filter(state="due").exclude(conversation__in=skip)
        some = list(due.select_related("conversation__contact").order_by("id")[: AT_ONCE * 5])
        people = {message.conversation_id for message in some}
        for pk, chat in waiting.filter(conversation__in=people).values_list("id", "conversation"):
            firsts[chat] = min(pk, firsts.get(chat, pk))
        for message in some:
            if len(chosen) < AT_ONCE and firsts.get(message.conversation_id) == message.pk:
                chosen.setdefault(message.conversation_id, message)
        for message in chosen.values():
            message.state, message.due_at = "sending", now + UNSURE
            message.tries += 1
            write(message, "state", "due_at", "tries")
        return list(chosen.values())


def note_sent(message_id: int, wamid: str, *, actor: Actor) -> None:
    """It was taken; its words stay in the transcript only."""
    with transaction():
        message = row(ChatMessage, pk=message_id)
        if message is not None:
            _is_sent(message, wamid)


def put_off(
    message_id: int,
    seconds: float,
    *,
    actor: Actor,
    perhaps: bool = False,
    content: dict[str, Any] | None = None,
    error: str = "",
) -> None:
    """Try again later. `perhaps`: it may have been sent, so a receipt is waited for first.
    `content`: said otherwise then (a template, once the 24 hours are over)."""
    with transaction():
        message = row(ChatMessage, pk=message_id)
        if message is None or message.state == "sent":
            return  # a receipt was faster
        wait = max(seconds, UNSURE.total_seconds()) if perhaps else seconds
        message.state = "unsure" if perhaps else "due"
        message.due_at, message.error = clock.now() + timedelta(seconds=wait), error[:20]
        if content is not None:
            message.content = content
        write(message, "state", "due_at", "error", "content")


def give_up(message_id: int, error: str, *, actor: Actor) -> None:
    """It will never be taken: a person of the desk sees it."""
    with transaction():
        message = row(ChatMessage, pk=message_id)
        if message is None or message.state == "sent":
            return
        _fail(message, error, actor)


def note_receipt(
    wamid: str,
    status: str,
    rank: int,
    *,
    reference: str = "",
    code: int = 0,
    billable: bool = False,
    category: str = "",
    actor: Actor,
) -> bool:
    """What WhatsApp tells of a message of ours. It only ever comes further; a receipt of one
    whose answer was lost tells that it was sent. Returns whether it is ours."""
    with transaction():
        message = row(ChatMessage, wamid=wamid) if wamid else None
        if message is None and reference[:1] == "m":
            pk = listen.whole(reference[1:])
            message = row(ChatMessage, pk=pk) if pk is not None else None
        if message is None or message.incoming:
            return False
        if message.state in UNSENT and status != "failed":
            _is_sent(message, wamid)
        if rank <= message.rank and not (billable and not message.billable):
            return True
        if status == "failed":
            _fail(message, str(code), actor)
        elif message.state == "failed":
            message.state, message.error = "sent", ""
        message.rank = max(rank, message.rank)
        message.billable = message.billable or billable
        message.category = category[:20] or message.category
        write(message, "rank", "billable", "category", "state", "error")
        if billable:
            _watch_budget(actor)
        return True


def _due(now: datetime) -> Any:
    return ChatMessage.objects.filter(due_at__lte=now, incoming=False)


def _is_sent(message: ChatMessage, wamid: str) -> None:
    message.state, message.due_at, message.error = "sent", None, ""
    message.wamid, message.content = wamid or message.wamid, {}
    message.rank = max(message.rank, 1)
    write(message, "state", "due_at", "error", "wamid", "content", "rank")


def _fail(message: ChatMessage, error: str, actor: Actor) -> None:
    message.state, message.due_at, message.error = "failed", None, error[:20]
    message.content = {}
    write(message, "state", "due_at", "error", "content")
    chat = message.conversation
    if message.survey is None:
        change(chat, waiting_at=chat.waiting_at or clock.now())
    elif message.survey.state == "asked" and message.survey.channel == "whatsapp":
        miss_survey(message.survey_id or 0, actor=actor)  # they can still be rung back
    body = ChatSaid(message_id=message.pk, says=error[:20])
    record("chat.failed", subject=subject_of(chat), actor=actor, body=body)


def _watch_budget(actor: Actor) -> None:
    most, served = value("complaints.message_budget"), deployment()
    if served is None:
        return
    _today, month = paid(clock.now())
    if most and month >= most * NEAR:
        urgency = 2 if month >= most else 3
        raise_alarm(
            "budget", served, owner=Role.SUPERVISOR, urgency=urgency, actor=actor, sent=month
        )
    else:
        finish_alarm("budget", served, actor=actor)
