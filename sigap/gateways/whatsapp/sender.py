"""Sends what is due and fetches the files that came: the only place where the city's number speaks.

A turn claims a few messages in one command, sends them together without holding any, and notes
what became of each. What must wait gets a later time, so that a restart loses nothing.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings

from sigap.complaints.actions import store
from sigap.complaints.chat.actions import (
    attach_stored,
    claim_messages,
    fetch_later,
    give_up,
    note_sent,
    note_stored,
    put_off,
    refuse_file,
)
from sigap.complaints.chat.models import ChatMessage, Conversation
from sigap.complaints.chat.queries import is_open
from sigap.complaints.files import KEPT, File, as_kept, checked
from sigap.core import clock
from sigap.core.actors import Actor
from sigap.core.errors import SigapError
from sigap.core.vault import Unreadable

from .account import connected
from .api import Api
from .media import MOST_BYTES, BadMedia
from .pace import Pace, after, pause_s
from .refusals import ACCOUNT, Away, FarEnd, TooOften
from .say import (
    MOST_BODY,
    MOST_BUTTONS,
    MOST_LIST_BODY,
    MOST_PARAMETER,
    MOST_ROW_TITLE,
    MOST_ROWS,
    MOST_TEXT,
    MOST_TITLE,
    AskPlace,
    Buttons,
    Choice,
    Message,
    Rows,
    Template,
    Text,
    Unsendable,
    fitted,
    request,
)

log = logging.getLogger("sigap.whatsapp")
# Approved texts for those who have not written for a day: of a report (its number, the news), and
# of a person of the desk (the words). The one that asks callers of 112 has the city's own name.
TEMPLATES = {"kabar_laporan": 2, "balasan_petugas": 1}
OUTCOME_PARAMETERS = 1  # the link by which the caller sees how it ended
ALERT_PARAMETERS = 2  # what happened, and in which kelurahan
DIGEST_PARAMETERS = 4  # the week, targets missed, complaints late and open, incidents unfinished
SURVEY_PARAMETERS = 1  # the day; its five buttons are the marks from 5 to 1
UNKNOWN_TEMPLATE = 132001  # also: not in this language
MOST_TURNS = 25  # of one run
FILES_AT_ONCE = 4
MOST_FILE = 16 * 1024 * 1024  # larger is not kept, whatever Meta lets through
FILE_FOR = timedelta(days=7)  # so long a file lies with Meta
_pace = Pace()
Outcome = str | FarEnd | Unsendable


class NotAccepted(Exception):
    """Meta does not let the city's account send: the messages wait, and the supervisor sees that
    the job fails. `sigap whatsapp doctor` tells what is missing."""


@dataclass(frozen=True)
class Letter:
    """A message that was claimed, and what is sent of it."""

    row: ChatMessage
    message: Message


def templates() -> dict[str, int]:
    """The approved texts that the number needs, and how many parameters each has."""
    survey, alert = settings.ENV.whatsapp_survey_template, settings.ENV.whatsapp_alert_template
    outcome, digest = settings.ENV.whatsapp_outcome_template, settings.ENV.whatsapp_digest_template
    own = {survey: SURVEY_PARAMETERS, alert: ALERT_PARAMETERS}
    own |= {outcome: OUTCOME_PARAMETERS, digest: DIGEST_PARAMETERS}
    return TEMPLATES | {name: count for name, count in own.items() if name}


def is_set_up() -> bool:
    """Whether the city has a number of its own to speak with."""
    env = settings.ENV
    return bool(env.whatsapp_token.get_secret_value() and env.whatsapp_phone_id)


def send_due(*, actor: Actor) -> int:
    """Send what is due; returns how many messages were taken. Nothing where no number is set
    up."""
    if not is_set_up():
        return 0
    done = 0
    for _turn in range(MOST_TURNS):
        claimed = claim_messages(actor=actor)
        letters = [letter for row in claimed if (letter := _ready(row, actor))]
        if not claimed:
            break
        if not letters:
            continue
        outcomes = asyncio.run(_send(letters))
        for letter, outcome in zip(letters, outcomes, strict=True):
            _note(letter, outcome, actor)
        done += sum(isinstance(outcome, str) for outcome in outcomes)
        if any(isinstance(outcome, Away) for outcome in outcomes):
            _check_account(outcomes)
            break  # Meta cannot be had just now
    return done


def _check_account(outcomes: Sequence[Outcome]) -> None:
    for outcome in outcomes:
        if isinstance(outcome, Away) and outcome.code in ACCOUNT:
            raise NotAccepted(f"code {outcome.code}")


def fetch_due(*, actor: Actor) -> int:
    """Fetch the files of messages, and make those that are here part of their reports. Returns
    how many."""
    stored = ChatMessage.objects.filter(file_state="stored", complaint__isnull=False)
    done = 0
    for message in stored.order_by("id")[: FILES_AT_ONCE * 5]:
        done += _attach(message, actor)
    if not is_set_up():
        return done
    waiting = ChatMessage.objects.filter(due_at__lte=clock.now(), incoming=True)
    wanted = list(waiting.filter(file_state="waiting").order_by("id")[:FILES_AT_ONCE])
    if not wanted:
        return done
    for message, found in zip(wanted, asyncio.run(_fetch(wanted)), strict=True):
        _keep(message, found, actor)
    return done + len(wanted)


def as_message(content: dict[str, Any]) -> Message:
    """What is sent, cut to WhatsApp's limits."""
    if name := content.get("template"):
        replies = content.get("payloads", [])
        return Template(name, content["language"], content["parameters"], replies)
    words = str(content["text"])
    if content.get("ask_place"):
        return AskPlace(fitted(words, MOST_BODY))
    choices = content.get("choices") or []
    if not choices:
        return Text(fitted(words, MOST_TEXT), preview=False)
    if content.get("list") or len(choices) > MOST_BUTTONS:
        rows = _different(choices[:MOST_ROWS], MOST_ROW_TITLE)
        return Rows(fitted(words, MOST_LIST_BODY), content.get("list") or "Pilih", rows)
    return Buttons(fitted(words, MOST_BODY), _different(choices, MOST_TITLE))


def as_template(content: dict[str, Any], language: str) -> dict[str, Any]:
    """The same news as an approved text, for those who have not written for a day."""
    if day := content.get("survey"):
        name, marks = settings.ENV.whatsapp_survey_template, content["choices"]
        told = {"template": name, "language": language, "parameters": [day]}
        return told | {"payloads": [choice for choice, _title in marks]}
    words = fitted(" ".join(str(content.get("text", "")).split()) or "-", MOST_PARAMETER)
    number = content.get("number")
    name = "kabar_laporan" if number else "balasan_petugas"
    parameters = [number, words] if number else [words]
    return {"template": name, "language": language, "parameters": parameters}


def _different(choices: list[list[str]], most: int) -> list[Choice]:
    """Titles that are cut must not become the same."""
    found: dict[str, Choice] = {}
    for name, title in choices:
        short = fitted(title, most)
        while short in found:
            short = fitted(title, most - 2) + f" {len(found)}"
        found[short] = Choice(name, short)
    return list(found.values())


def _ready(row: ChatMessage, actor: Actor) -> Letter | None:
    """The message to send, when it may go now; else it is put off."""
    chat, now = row.conversation, clock.now()
    if not chat.who and chat.contact is None:
        give_up(row.pk, "nobody", actor=actor)
        return None
    if wait := _pace.ask(_person(chat), now):
        put_off(row.pk, wait, actor=actor)
        return None
    content = row.content
    try:
        message = as_message(content)
        if message.needs_window and not is_open(chat, now):
            message = as_message(as_template(content, chat.language))
    except (SigapError, KeyError, TypeError) as fault:
        log.error("message %s cannot be sent: %s", row.pk, type(fault).__name__)
        give_up(row.pk, "unsendable", actor=actor)
        return None
    return Letter(row, message)


def _person(chat: Conversation) -> str:
    """Whom the pace is counted for; of who has not written yet only the number is known."""
    return chat.who or f"chat:{chat.pk}"


async def _send(letters: list[Letter]) -> list[Outcome]:
    async with connected() as api:
        return await asyncio.gather(*(_send_one(api, letter) for letter in letters))


async def _send_one(api: Api, letter: Letter) -> Outcome:
    row = letter.row
    chat = row.conversation
    phone = chat.contact.number if chat.contact else ""
    try:
        asked = request(letter.message, chat.who, phone=phone, reference=row.reference)
        return await api.send(asked)
    except (FarEnd, Unsendable) as refused:
        return refused


def _note(letter: Letter, outcome: Outcome, actor: Actor) -> None:
    row, now = letter.row, clock.now()
    if isinstance(outcome, str):
        note_sent(row.pk, outcome, actor=actor)
        return
    if isinstance(outcome, Unsendable):
        give_up(row.pk, "nobody", actor=actor)
        return
    error = str(outcome.code or outcome.status)
    pause = pause_s(row.tries, outcome) or 0.0
    if isinstance(outcome, TooOften):
        _pace.slow_down(_person(row.conversation), outcome, pause, now)
    if outcome.code == UNKNOWN_TEMPLATE and _in_another_language(letter, error, actor):
        return
    followed = after(outcome, row.at, now)
    if followed == "template" and letter.message.needs_window:
        content = as_template(row.content, row.conversation.language)
        put_off(row.pk, 0, content=content, error=error, actor=actor)
    elif followed == "again":
        perhaps = isinstance(outcome, Away) and outcome.perhaps
        put_off(row.pk, pause, perhaps=perhaps, error=error, actor=actor)
    else:
        give_up(row.pk, error, actor=actor)


def _in_another_language(letter: Letter, error: str, actor: Actor) -> bool:
    """Where Meta has approved the text in Indonesian only, that is better than nothing."""
    sent = letter.message
    if not isinstance(sent, Template) or sent.language == "id":
        return False
    content = letter.row.content
    again = content | {"language": "id"} if "template" in content else as_template(content, "id")
    put_off(letter.row.pk, 0, content=again, error=error, actor=actor)
    return True


async def _fetch(wanted: list[ChatMessage]) -> list[File | FarEnd | BadMedia]:
    async def one(api: Api, message: ChatMessage) -> File | FarEnd | BadMedia:
        try:
            most = min(MOST_FILE, MOST_BYTES.get(message.kind, MOST_FILE))
            found = await api.fetch(
                message.media_id, message.kind, sha256=message.media_sum, most=most
            )
            return await asyncio.to_thread(_checked, found.data)
        except (FarEnd, BadMedia) as refused:
            return refused

    async with connected() as api:
        return await asyncio.gather(*(one(api, message) for message in wanted))


def _checked(data: bytes) -> File:
    try:
        return checked(data)
    except SigapError as error:
        raise BadMedia(error.code[:20]) from None


def _keep(message: ChatMessage, found: File | FarEnd | BadMedia, actor: Actor) -> None:
    if isinstance(found, BadMedia):
        refuse_file(message.pk, found.reason, actor=actor)
    elif isinstance(found, FarEnd):
        pause = pause_s(message.tries + 1, found)
        if pause is None or clock.now() - message.at > FILE_FOR:
            refuse_file(message.pk, "gone", actor=actor)
        else:
            fetch_later(message.pk, pause, actor=actor)
    else:
        note_stored(message.pk, found, store(found), actor=actor)
        message.refresh_from_db()
        if message.complaint_id is not None:
            _attach(message, actor)


def _attach(message: ChatMessage, actor: Actor) -> int:
    try:
        data = KEPT.read(message.file, message.digest)
    except Unreadable:
        refuse_file(message.pk, "unreadable", actor=actor)
    else:
        attach_stored(message.pk, as_kept(data), actor=actor)
    return 1
