"""The figures of months that are over are published, once and for good."""

import hashlib
import json
from typing import Any

from sigap.core import clock
from sigap.core.actors import Actor
from sigap.core.journal import record, subject_of
from sigap.core.kinds.reports import EditionPublished
from sigap.core.rows import insert
from sigap.core.transaction import transaction
from sigap.evaluation.open_month import month_of, open_month

from .models import Edition
from .transparency.editions import due

AT_ONCE = 3  # months at a turn: after an import of years others want the database too


def publish_due(*, actor: Actor) -> int:
    """Publish the months that are over, settled, and not yet public; returns how many."""
    done = 0
    for month in due()[:AT_ONCE]:
        body = open_month(month_of(month))  # before the command, which must not take seconds
        with transaction():
            if Edition.objects.filter(month=month).exists():
                continue
            row = Edition(month=month, made_at=clock.now(), body=body, digest=digest_of(body))
            insert(row)
            record(
                "edition.published",
                subject=subject_of(row),
                actor=actor,
                body=EditionPublished(month=f"{month:%Y-%m}", digest=row.digest),
            )
            done += 1
    return done


def digest_of(body: dict[str, Any]) -> str:
    """The SHA-256 of the figures, as canonical JSON."""
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
