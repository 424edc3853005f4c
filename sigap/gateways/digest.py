"""Sends the weekly digest by mail: made and claimed in commands, worked out and sent outside of
any, and noted. Without a mail server or somebody to write to there is none."""

import logging
import smtplib

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation

from sigap.core.actors import Actor
from sigap.core.queries import deployment
from sigap.evaluation.digest import digest_of, week_before
from sigap.evaluation.paper import as_text
from sigap.reviews.models import Digest
from sigap.reviews.reports.actions import (
    claim_digest,
    make_digest,
    note_digest_failed,
    note_digest_sent,
)

log = logging.getLogger("sigap.digest")


def is_wanted() -> bool:
    """Whether the installation names a mail server and somebody to write to."""
    env = settings.ENV
    return bool(env.mail_url.get_secret_value() and env.mail_from and env.digest_to)


def send_digest(*, actor: Actor) -> int:
    """Make the digest that is due, and send what waits. Returns how many were sent."""
    if not is_wanted() or deployment() is None:
        return 0
    make_digest(actor=actor)
    claimed = claim_digest(actor=actor)
    if claimed is None:
        return 0
    message = _message(claimed)
    try:
        message.send()
    except (OSError, smtplib.SMTPException) as error:
        # Not its words: a server may repeat whom it was told to write to.
        log.warning("digest %s: %s", claimed.pk, type(error).__name__)
        note_digest_failed(claimed.pk, type(error).__name__[:32], actor=actor)
        return 0
    note_digest_sent(claimed.pk, actor=actor)
    return 1


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
