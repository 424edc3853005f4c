"""Far ends of alerts beside a story: their loop runs in a thread, their clock is the story's."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.test import override_settings
from pydantic import SecretStr

from sigap.core.actors import Actor, of_user, system
from sigap.core.models import User
from sigap.dispatch.actions import alarm_unacknowledged
from sigap.gateways.alerts.sender import send_alerts
from sigap.notify.actions import add_device, escalate_due, follow_jobs, set_phone
from sigap.notify.models import Alert, Delivery
from sigap.notify.webpush import public_key
from sim.push import PushService
from sim.texts import Gateway

WORKER = system("timer")
TOKEN = "token-of-the-text-gateway"
NUMBER = "081234567890"


class Far:
    """What a story can do with the far ends."""

    def __init__(
        self, pushes: PushService, texts: Gateway, loop: asyncio.AbstractEventLoop
    ) -> None:
        self.pushes, self.texts, self._loop = pushes, texts, loop

    def phone_of(self, person: User, name: str = "") -> str:
        """This person's browser takes pushes from now on; its name."""
        name = name or person.username
        given = self.pushes.browser(name, public_key())
        keys = given["keys"]
        add_device(
            given["endpoint"], keys["p256dh"], keys["auth"], f"HP {name}", actor=of_user(person)
        )
        return name

    def shown(self, person: User) -> list[dict[str, Any]]:
        """What that browser has shown."""
        return self.pushes.browsers[person.username].shown

    def work(self, patience_s: float = 5.0) -> None:
        """What the worker does in one round, in its order."""
        follow_jobs(actor=WORKER)
        escalate_due(actor=WORKER)
        alarm_unacknowledged(actor=WORKER)
        send_alerts(actor=WORKER, patience_s=patience_s)
        follow_jobs(actor=WORKER)

    def do(self, what: Coroutine[Any, Any, Any]) -> Any:
        """Run something on the far side."""
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(20)


def give_number(person: User, number: str = NUMBER) -> None:
    """The administrator enters this person's number."""
    set_phone(person, number, actor=WORKER)


def states(alert: Alert | None = None) -> list[tuple[str, str]]:
    """Channel and state of every message, oldest first."""
    found = Delivery.objects.order_by("pk")
    if alert is not None:
        found = found.filter(alert=alert)
    return list(found.values_list("channel", "state"))


@contextmanager
def far_ends(*, sms: bool = True, voice: bool = True) -> Iterator[Far]:
    """A city with a push service and a gateway for SMS and calls, all on loopback."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def do(what: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(what, loop).result(20)

    pushes, texts = PushService(), Gateway(token=TOKEN)
    do(pushes.__aenter__())
    do(texts.__aenter__())
    known: dict[str, Any] = {
        "push_hosts": ["127.0.0.1"],
        "vapid_key": SecretStr("Zm9yIGEgdGVzdCBvbmx5OiAzMiBieXRlcyBvZiBrZXk"),
        "sms_token": SecretStr(TOKEN),
        "voice_token": SecretStr(TOKEN),
        "sms_url": f"{texts.base}/sms" if sms else "",
        "voice_url": f"{texts.base}/voice" if voice else "",
    }
    try:
        with override_settings(ENV=settings.ENV.model_copy(update=known)):
            follow_jobs(actor=WORKER)  # from here on
            yield Far(pushes, texts, loop)
    finally:
        do(pushes.__aexit__())
        do(texts.__aexit__())
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


def crew(username: str, actor: Actor, unit: str = "AMB-01") -> User:
    """One more person of a unit's crew."""
    from sigap.core.actions.accounts import create_user

    return create_user(
        username,
        name=username.title(),
        password="kata sandi uji coba",
        roles=["crew"],
        unit=unit,
        actor=actor,
        must_change_password=False,
    )
