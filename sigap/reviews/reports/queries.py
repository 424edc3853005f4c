"""Reads of reports that are used in more than one place."""

import hashlib

from django.db.models import QuerySet

from sigap.core.journal import subject_of
from sigap.core.models import Journal
from sigap.core.queries import fetch

from .models import Report

WITH_PEOPLE = ("findings", "made_by", "signed_by", "replaces")


def hash_of(words: str) -> str:
    """The SHA-256 of these words, in hexadecimal."""
    return hashlib.sha256(words.encode()).hexdigest()


def report(report_id: int) -> Report:
    """The report with its findings and who signed it; Missing when there is none."""
    return fetch(Report.objects.select_related(*WITH_PEOPLE), pk=report_id)


def reports() -> QuerySet[Report]:
    """All that are of use: the newest period first, of it the newest edition."""
    found = Report.objects.exclude(state="dropped").select_related("made_by", "signed_by")
    return found.defer("figures").order_by("-last", "-first", "agency", "-edition", "-pk")


def is_as_signed(found: Report) -> bool:
    """Whether the kept figures, and the findings where they are not erased, are those that the
    journal has the hashes of."""
    if found.state not in ("signed", "replaced"):
        return True
    rows = Journal.objects.filter(subject=subject_of(found), kind="report.sign")
    signed = rows.values_list("body", flat=True).first() or {}
    words = findings_of(found)
    return signed.get("sha256") == hash_of(found.figures) and (
        not words or signed.get("findings_sha256") == hash_of(words)
    )


def next_edition(found: Report) -> Report | None:
    """The edition that replaces this one, or is to."""
    return Report.objects.filter(replaces=found).exclude(state="dropped").first()


def findings_of(found: Report) -> str:
    """What a person concludes; empty while nobody has said so, or once it was erased."""
    return found.findings.body if found.findings else ""
