"""Reads of reports that are used in more than one place."""

from django.db.models import QuerySet

from sigap.core.queries import fetch

from .models import Report

WITH_PEOPLE = ("findings", "made_by", "signed_by", "replaces")


def report(report_id: int) -> Report:
    """The report with its findings and who signed it; Missing when there is none."""
    return fetch(Report.objects.select_related(*WITH_PEOPLE), pk=report_id)


def reports() -> QuerySet[Report]:
    """All that are of use: the newest period first, of it the newest edition."""
    found = Report.objects.exclude(state="dropped").select_related("made_by", "signed_by")
    return found.defer("figures").order_by("-last", "-first", "agency", "-edition", "-pk")


def next_edition(found: Report) -> Report | None:
    """The edition that replaces this one, or is to."""
    return Report.objects.filter(replaces=found).exclude(state="dropped").first()


def findings_of(found: Report) -> str:
    """What a person concludes; empty while nobody has said so, or once it was erased."""
    return found.findings.body if found.findings else ""
