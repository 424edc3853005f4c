"""Sends the weekly digest by mail and WhatsApp: made and claimed in commands, worked out and sent
outside of any, and noted. Without a way to somebody there is none."""

import asyncio
import logging
import smtplib
from datetime import date

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation

from sigap.core.actors import Actor
from sigap.core.queries import deployment
from sigap.evaluation import written
from sigap.evaluation.digest import Totals, digest_of, totals_of, week_before
from sigap.evaluation.paper import as_text
from sigap.reviews.models import Digest
from sigap.reviews.reports.actions import (
    Way,
    claim_digest,
    make_digests,
    note_digest_failed,
    note_digest_sent,
)

from .alerts.outcome import Failed, Outcome, Taken, outcome_of
from .alerts.template import send_template
from .whatsapp.account import connected
from .whatsapp.sender import is_set_up

log = logging.getLogger("sigap.digest")
REFERENCE = "digest"


def ways() -> list[Way]:
    """By which channels the installation can send to somebody, and to the how-manieth."""
    env, found = settings.ENV, list[Way]()
    if env.mail_url.get_secret_value() and env.mail_from and env.digest_to:
        found.append(("mail", 0))
    if is_set_up() and env.whatsapp_digest_template:
        found += [("whatsapp", place) for place in range(len(env.digest_whatsapp_to))]
    return found


def send_digest(*, actor: Actor) -> int:
    """Make the digest that is due, and send what waits. Returns how many were sent."""
    wanted, installed = ways(), deployment()
    if not wanted or installed is None:
        return 0
    make_digests(wanted, actor=actor)
    told: dict[date, Totals] = {}  # all readers are told the same
    sent = 0
    while claimed := claim_digest(actor=actor):
        if (claimed.channel, claimed.reader) not in wanted:  # taken from the settings meanwhile
            outcome: Outcome = Failed("not_set_up", again=False)
        elif claimed.channel == "mail":
            outcome = _mail(claimed)
        else:
            if claimed.week not in told:
                told[claimed.week] = totals_of(week_before(claimed.week))
            outcome = _whatsapp(claimed, told[claimed.week], drill=installed.drill)
        if isinstance(outcome, Taken):
            note_digest_sent(claimed.pk, actor=actor)
            sent += 1
        else:
            reason = outcome.reason[:32]
            note_digest_failed(claimed.pk, reason, again=outcome.again, actor=actor)
    return sent


def digest_in(reference: str) -> int | None:
    """The digest that a far end's receipt is about; None for anything else."""
    name, _dash, number = reference.partition("-")
    return int(number) if name == REFERENCE and number.isdecimal() else None


def _mail(digest: Digest) -> Outcome:
    message = _message(digest)
    try:
        message.send()
    except (OSError, smtplib.SMTPException) as error:
        # Not its words: a server may repeat whom it was told to write to.
        log.warning("digest %s: %s", digest.pk, type(error).__name__)
        return Failed(type(error).__name__)
    return Taken()


def _message(digest: Digest) -> EmailMessage:
    with translation.override(settings.LANGUAGE_CODE):
        paper = digest_of(week_before(digest.week))
    drill = "LATIHAN: " if paper.drill else ""
    return EmailMessage(
        subject=f"{drill}{paper.title} {paper.city} {paper.first} – {paper.last}",
        body=as_text(paper),
        # Nobody need see who else gets it.
        bcc=list(settings.ENV.digest_to),
        headers={"Auto-Submitted": "auto-generated"},
    )


def _whatsapp(digest: Digest, totals: Totals, *, drill: bool) -> Outcome:
    week = week_before(digest.week)
    period = f"{'LATIHAN ' if drill else ''}{_day(week.first)} – {_day(week.last)}"
    words = [period, *(str(n) for n in (totals.missed, totals.overdue, totals.unfinished))]
    number = settings.ENV.digest_whatsapp_to[digest.reader]
    return asyncio.run(_send(number, words, f"{REFERENCE}-{digest.pk}"))


async def _send(number: str, words: list[str], reference: str) -> Outcome:
    async with connected() as api:
        template = settings.ENV.whatsapp_digest_template
        return await outcome_of(send_template(api, template, words, number, reference), reference)


def _day(day: date) -> str:
    # The template is Indonesian, whatever language the installation has.
    with translation.override("id"):
        return written.day(day.isoformat())
