"""Meta's side beside a story: its loop runs in a thread, its clock is the story's."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.test import override_settings
from pydantic import SecretStr

from sigap.complaints.chat.models import ChatMessage
from sigap.core import clock
from sigap.core.actors import system
from sigap.gateways.whatsapp import sender
from sigap.gateways.whatsapp.pace import Pace
from sim.whatsapp import FarEnd, Person

from .chatting import Citizen, bring

WORKER = system("timer")
SURVEY = "penilaian_112"
TOKEN, SECRET = "token-of-the-system-user", "rahasia-aplikasi-di-uji"


class Meta:
    """A far end that a story can talk with."""

    def __init__(self, far: FarEnd, loop: asyncio.AbstractEventLoop) -> None:
        self.far, self._loop = far, loop

    def phone_of(self, citizen: Citizen) -> Person:
        """The telephone of somebody who has just written."""
        person = self.far.people.get(citizen.number)
        if person is None:
            person = self.far.person(citizen.number, user_id=citizen.user_id)
        return person

    def wrote(self, citizen: Citizen) -> Person:
        """They have just written, as Meta knows too."""
        person = self.phone_of(citizen)
        person.wrote_at = clock.now()
        return person

    def send(self) -> int:
        """One run of the sender."""
        return sender.send_due(actor=WORKER)

    def receipts(self) -> None:
        """What became of the messages comes in."""
        changes, self.far._waiting = self.far._waiting, []
        for change in changes:
            bring(self.far.envelope([change]))

    def do(self, what: Coroutine[Any, Any, Any]) -> Any:
        """Run something on Meta's side."""
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(20)


@contextmanager
def meta(survey: str = SURVEY) -> Iterator[Meta]:
    """A city whose number is set up, with Meta on loopback."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    far = FarEnd(token=TOKEN, app_secret=SECRET)
    far.templates = {name: ("APPROVED", count) for name, count in sender.TEMPLATES.items()}
    far.templates[SURVEY], far.replies[SURVEY] = ("APPROVED", 1), 5

    def do(what: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(what, loop).result(20)

    do(far.__aenter__())
    known = {
        "whatsapp_app_secret": SecretStr(SECRET),
        "whatsapp_token": SecretStr(TOKEN),
        "whatsapp_phone_id": far.phone_id,
        "whatsapp_account_id": far.account_id,
        "whatsapp_api_url": far.url,
        "whatsapp_survey_template": survey,
    }
    sender._pace = Pace()
    try:
        with override_settings(ENV=settings.ENV.model_copy(update=known)):
            yield Meta(far, loop)
    finally:
        do(far.__aexit__())
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


def states() -> list[str]:
    """What became of our messages, in their order."""
    rows = ChatMessage.objects.filter(incoming=False).order_by("id")
    return list(rows.values_list("state", flat=True))
