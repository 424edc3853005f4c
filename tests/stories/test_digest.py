"""The weekly digest: once a week, by mail, tried again where the server does not take it."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core import mail
from django.test import override_settings
from pydantic import SecretStr

from sigap.calls.models import Call
from sigap.core import clock
from sigap.core.actors import Actor, system
from sigap.core.models import Deployment, Journal
from sigap.gateways.digest import send_digest
from sigap.reviews.models import Digest
from sigap.reviews.reports.actions import MOST_TRIES, make_digest

from .proofs import proves

TIMER = system("timer")
# The clock stands at Monday, 2 November 2026, 08:00: the digest was due an hour before.
MONDAY = date(2026, 11, 2)
WEEK_S = 7 * 24 * 3600
NUMBER = "081298765432"


@pytest.fixture(autouse=True)
def _mail(settings: Any) -> None:
    settings.ENV = settings.ENV.model_copy(
        update={
            "mail_url": SecretStr("smtp://mail.example"),
            "mail_from": "sigap@kediri.example",
            "digest_to": ["kepala@kediri.example", "monev@kediri.example"],
        }
    )


class Refusing:
    """A mail server that is not there."""

    def __init__(self, *_given: Any, **_more: Any) -> None: ...

    def send_messages(self, _messages: Any) -> int:
        raise ConnectionRefusedError("kepala@kediri.example: no")


def refused() -> Any:
    return override_settings(EMAIL_BACKEND=f"{__name__}.Refusing")


def send() -> int:
    return send_digest(actor=TIMER)


def test_it_goes_out_once_a_week_also_after_a_restart(
    time: clock.Frozen, journal: Callable[[], list[str]]
) -> None:
    assert send() == 1
    assert [send() for _again in range(3)] == [0, 0, 0]
    (sent,) = mail.outbox
    assert sent.bcc == ["kepala@kediri.example", "monev@kediri.example"] and not sent.to
    assert "2026-10-26 – 2026-11-01" in sent.subject
    assert journal() == ["digest.made", "digest.send"]
    time.forward(WEEK_S - 3601 - 60)  # a minute before seven
    assert send() == 0
    time.forward(120)
    assert send() == 1
    assert Digest.objects.count() == 2


def test_a_worker_that_was_away_makes_it_when_it_is_back(time: clock.Frozen) -> None:
    time.forward(3 * 24 * 3600)
    assert send() == 1
    assert Digest.objects.get().week == MONDAY


@pytest.mark.parametrize("off", ["mail_url", "mail_from", "digest_to"])
def test_it_is_off_until_there_is_a_server_and_somebody_to_write_to(
    off: str, settings: Any
) -> None:
    nothing: Any = {"mail_url": SecretStr(""), "mail_from": "", "digest_to": []}[off]
    settings.ENV = settings.ENV.model_copy(update={off: nothing})
    assert send() == 0
    assert not Digest.objects.exists() and not mail.outbox


def test_a_server_that_is_away_is_asked_again_ever_later_and_in_the_end_not_any_more(
    time: clock.Frozen, journal: Callable[[], list[str]]
) -> None:
    with refused():
        assert send() == 0
        digest = Digest.objects.get()
        assert (digest.state, digest.tries, digest.error) == ("queued", 1, "ConnectionRefusedError")
        assert send() == 0 and Digest.objects.get().tries == 1  # not before its time
        time.forward(601)
    assert send() == 1
    assert journal() == ["digest.made", "digest.retried", "digest.send"]
    assert "kediri.example" not in str(list(Journal.objects.values_list("body", flat=True)))


def test_in_the_end_it_has_failed(time: clock.Frozen) -> None:
    with refused():
        for _try in range(MOST_TRIES):
            send()
            time.forward(6 * 3600 + 1)
    assert (Digest.objects.get().state, Digest.objects.get().tries) == ("failed", MOST_TRIES)


def test_a_sender_that_died_leaves_it_to_the_next_one(time: clock.Frozen) -> None:
    from sigap.reviews.reports.actions import claim_digest

    make_digest(actor=TIMER)
    assert claim_digest(actor=TIMER) is not None
    assert send() == 0
    time.forward(601)
    assert send() == 1


def test_one_that_a_newer_one_has_overtaken_is_not_sent(time: clock.Frozen) -> None:
    with refused():
        send()
    time.forward(WEEK_S)
    assert send() == 1
    assert [d.state for d in Digest.objects.order_by("week")] == ["failed", "sent"]
    assert len(mail.outbox) == 1


@proves("digest.weekday")
@proves("digest.hour")
def test_the_city_sets_day_and_hour(put: Callable[[str, float], None], time: clock.Frozen) -> None:
    put("digest.weekday", 3)  # Wednesday
    put("digest.hour", 16)
    send()
    assert Digest.objects.get().week == date(2026, 10, 28)
    time.forward((datetime(2026, 11, 4, 8, 59, tzinfo=UTC) - clock.now()).total_seconds())
    assert send() == 0
    time.forward(120)
    assert send() == 1
    assert Digest.objects.latest("week").week == date(2026, 11, 4)


def test_it_says_nothing_of_a_person(
    ring: Callable[..., Call], actor: Callable[[str], Actor], time: clock.Frozen
) -> None:
    ring(NUMBER)
    time.forward(WEEK_S)
    send()
    (sent,) = mail.outbox
    assert "98765432" not in sent.body and "Dispatcher" not in sent.body
    assert "kediri" in sent.subject.lower()


def test_a_drills_digest_says_so() -> None:
    Deployment.objects.update(drill=True)
    send()
    (sent,) = mail.outbox
    assert sent.subject.startswith("LATIHAN") and sent.body.startswith("*** LATIHAN ***")
