"""What the journal says of reports that people sign, and of the weekly digest."""

from datetime import date

from ..codes import Code
from .body import Body


class ReportDrafted(Body):
    """Which days and whose; `before` is the edition that it is to replace."""

    first: date
    last: date
    agency: Code = ""
    edition: int = 1
    before: int | None = None


class FindingsWritten(Body):
    """Findings, kept as erasable text."""

    text_id: int | None = None


class ReportSigned(Body):
    """The SHA-256 of the frozen figures and of the findings: what was signed can be proven."""

    sha256: Code
    findings_sha256: Code
    role: Code


class ReportReplaced(Body):
    """The edition that replaces it."""

    by: int


class DigestMoved(Body):
    """Of which week, by which channel to the how-manieth reader of the settings' list, the
    how-manieth attempt, and why it failed."""

    week: date
    channel: Code = "mail"
    reader: int = 0
    tries: int = 0
    reason: Code = ""


class EditionPublished(Body):
    """The figures of a month are public, and stay as they are: which month, and their SHA-256."""

    month: Code
    digest: Code


REPORT_KINDS: dict[str, type[Body]] = {
    "report.drafted": ReportDrafted,
    "report.findings": FindingsWritten,
    "report.sign": ReportSigned,
    "report.replace": ReportReplaced,
    "report.drop": Body,
    "digest.made": DigestMoved,
    "digest.retried": DigestMoved,
    "digest.send": DigestMoved,
    "digest.fail": DigestMoved,
    "edition.published": EditionPublished,
}
