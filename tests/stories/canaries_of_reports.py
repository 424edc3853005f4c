"""Reports and the digest, with marked words wherever some could be sent."""

from datetime import date
from typing import Any

from sigap.core.actors import Actor
from sigap.reviews.reports import actions

from .canaries import SETUP, WORD, WORDS, tried

DAYS = date(2026, 9, 1), date(2026, 9, 30)


def a_report(evaluator: Actor) -> None:
    """Every action about reports and the digest."""
    more: dict[str, Any] = {"actor": evaluator}
    for words in (WORD, WORDS):
        tried(actions.draft_report, *DAYS, agency=words, **more)
    report = actions.draft_report(*DAYS, **more)
    actions.write_findings(report.pk, WORDS, **more)
    actions.sign_report(report.pk, "{}", version=None, **more)
    actions.drop_report(actions.draft_edition(report.pk, **more).pk, **more)
    actions.make_digests([("mail", 0)], actor=SETUP)
    digest = actions.claim_digest(actor=SETUP)
    assert digest
    tried(actions.note_digest_failed, digest.pk, WORDS, actor=SETUP)
    actions.note_digest_failed(digest.pk, "OSError", actor=SETUP)
    actions.note_digest_sent(digest.pk, actor=SETUP)
    tried(actions.note_digest_receipt, digest.pk, WORDS, actor=SETUP)
    actions.note_digest_receipt(digest.pk, "whatsapp_131026", actor=SETUP)
