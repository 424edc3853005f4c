"""Reports are drafted, their findings written, and signed; the weekly digest is made once."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actions.personal import keep
from sigap.core.actors import ROLE_PERMISSIONS, Actor, Permission, Role
from sigap.core.errors import Invalid, Refused
from sigap.core.journal import record, subject_of
from sigap.core.kinds.reports import (
    DigestMoved,
    FindingsWritten,
    ReportDrafted,
    ReportReplaced,
    ReportSigned,
)
from sigap.core.machine import change, expect, move
from sigap.core.models import User
from sigap.core.parameters import value
from sigap.core.queries import city_zone, fetch
from sigap.core.rows import insert, row, write
from sigap.core.transaction import transaction
from sigap.fleet.models import Agency

from .models import Digest, Report
from .queries import hash_of

MOST_FINDINGS = 20_000  # characters
FIRST_YEAR, LAST_YEAR = 1990, 2100
# A worker that died while it sent leaves nothing behind but this time.
UNSURE = timedelta(minutes=10)
MOST_TRIES = 8
LONGEST_PAUSE = timedelta(hours=6)
# A channel of the digest, and the place of a reader in the settings' list.
Way = tuple[str, int]


def draft_report(
    first: date,
    last: date,
    *,
    agency: str = "",
    compare: tuple[date, date] | None = None,
    actor: Actor,
) -> Report:
    """Begin a report of these days, of one agency's or of the whole city's clocks."""
    actor.require(Permission.EVALUATE)
    for begins, ends in filter(None, ((first, last), compare)):
        if begins > ends:
            raise Invalid(_("The period ends before it begins."), code="period")
        if begins.year < FIRST_YEAR or ends.year > LAST_YEAR:
            raise Invalid(_("The period is not possible."), code="period")
    with transaction():
        if agency:
            fetch(Agency, code=agency)
        report = Report(
            first=first,
            last=last,
            agency=agency,
            compare_first=compare[0] if compare else None,
            compare_last=compare[1] if compare else None,
            made_at=clock.now(),
            made_by_id=actor.person_id(),
        )
        return _drafted(report, actor)


def draft_edition(report_id: int, *, actor: Actor) -> Report:
    """Begin a new edition of one that is signed; it replaces that one when it is signed itself.
    The findings come along, to be gone over."""
    actor.require(Permission.EVALUATE)
    with transaction():
        old = fetch(Report, pk=report_id)
        old.MACHINE.next(old.state, "replace")
        if Report.objects.filter(replaces=old, state="draft").exists():
            raise Refused(_("A new edition is being written already."), code="edition")
        report = Report(
            first=old.first,
            last=old.last,
            agency=old.agency,
            compare_first=old.compare_first,
            compare_last=old.compare_last,
            edition=old.edition + 1,
            replaces=old,
            findings=old.findings,
            made_at=clock.now(),
            made_by_id=actor.person_id(),
        )
        return _drafted(report, actor)


def _drafted(report: Report, actor: Actor) -> Report:
    insert(report)
    record(
        "report.drafted",
        subject=subject_of(report),
        actor=actor,
        after=report.state,
        body=ReportDrafted(
            first=report.first,
            last=report.last,
            agency=report.agency,
            edition=report.edition,
            before=report.replaces_id,
        ),
    )
    return report


def write_findings(
    report_id: int, findings: str, *, version: int | None = None, actor: Actor
) -> Report:
    """Say what follows from the figures. Conflict when somebody else has written meanwhile:
    whoever asks shows both, so that nothing is lost. What stood there before stays kept."""
    actor.require(Permission.EVALUATE)
    with transaction():
        report = fetch(Report, pk=report_id)
        expect(report, version)
        if report.state != "draft":
            raise report.MACHINE.refusal(report.state)
        text = keep(subject_of(report), "findings", findings, actor=actor, most=MOST_FINDINGS)
        change(report, findings=text)
        record(
            "report.findings",
            subject=subject_of(report),
            actor=actor,
            body=FindingsWritten(text_id=text.pk if text else None),
        )
        return report


def sign_report(report_id: int, figures: str, *, version: int | None, actor: Actor) -> Report:
    """Stand for the findings. `figures` is the document as it was worked out just before, outside
    of this command; it is kept as it is, and its hash is journalled."""
    actor.require(Permission.SIGN_REPORT)
    with transaction():
        report = fetch(Report, pk=report_id)
        expect(report, version)
        report.MACHINE.next(report.state, "sign")
        if report.last >= clock.now().astimezone(city_zone()).date():
            raise Refused(_("The period is not over yet: its figures still change."), code="period")
        findings = report.findings.body if report.findings else ""
        if not findings:
            raise Refused(_("Write the findings first."), code="findings")
        person = fetch(User, pk=actor.person_id())
        role = _role_of(person)
        hashes = hash_of(figures), hash_of(findings)
        move(
            report,
            "sign",
            actor=actor,
            body=ReportSigned(sha256=hashes[0], findings_sha256=hashes[1], role=role),
            signed_at=clock.now(),
            signed_by=person,
            signed_role=role,
            figures=figures,
            sha256=hashes[0],
            findings_sha256=hashes[1],
        )
        if report.replaces:
            move(report.replaces, "replace", actor=actor, body=ReportReplaced(by=report.pk))
        return report


def drop_report(report_id: int, *, version: int | None = None, actor: Actor) -> Report:
    """A draft that nobody will sign."""
    actor.require(Permission.EVALUATE)
    with transaction():
        report = fetch(Report, pk=report_id)
        expect(report, version)
        move(report, "drop", actor=actor)
        return report


def _role_of(person: User) -> str:
    """By which of their roles somebody signs."""
    held = (r for r in person.roles if Permission.SIGN_REPORT in ROLE_PERMISSIONS[Role(r)])
    return next(held, "")


def make_digests(ways: Iterable[Way], *, actor: Actor) -> int:
    """Make this week's digest when its time has come, one for each of these ways. There is one
    for each week, also when the worker was away at that hour or starts anew after it."""
    week, wanted = digest_day(), set(ways)
    if not _missing(week, wanted):
        return 0
    with transaction():
        missing = _missing(week, wanted)
        for channel, reader in sorted(missing):
            now = clock.now()
            digest = Digest(week=week, channel=channel, reader=reader, made_at=now, due_at=now)
            insert(digest)
            record(
                "digest.made",
                subject=subject_of(digest),
                actor=actor,
                after=digest.state,
                body=_told(digest),
            )
        return len(missing)


def _missing(week: date, ways: set[Way]) -> set[Way]:
    return ways - set(Digest.objects.filter(week=week).values_list("channel", "reader"))


def digest_day() -> date:
    """The day on which the newest digest was due, by the city's weekday and hour."""
    now = clock.now().astimezone(city_zone())
    back = (now.isoweekday() - int(value("digest.weekday"))) % 7
    day = now.date() - timedelta(days=back)
    at = datetime.combine(day, time(int(value("digest.hour"))), city_zone())
    return day if now >= at else day - timedelta(days=7)


def claim_digest(*, actor: Actor) -> Digest | None:
    """A digest that may go now, claimed; None when there is none. One that a newer week has
    overtaken is not sent any more."""
    if not Digest.objects.filter(state="queued", due_at__lte=clock.now()).exists():
        return None
    with transaction():
        newest = Digest.objects.latest("week").week
        waiting = Digest.objects.filter(state="queued", due_at__lte=clock.now())
        for digest in waiting.filter(week__lt=newest):
            _moved(digest, "fail", "overtaken", actor)
        claimed = waiting.filter(week=newest).order_by("pk").first()
        if claimed:
            claimed.tries += 1
            claimed.due_at = clock.now() + UNSURE
            write(claimed, "tries", "due_at")
        return claimed


def note_digest_sent(digest_id: int, *, actor: Actor) -> None:
    """The far end has taken it."""
    with transaction():
        digest = fetch(Digest, pk=digest_id)
        if digest.state == "queued":
            _moved(digest, "send", "", actor)


def note_digest_failed(digest_id: int, reason: str, *, again: bool = True, actor: Actor) -> None:
    """The far end has not: it is tried again, each time after a longer pause, unless that is in
    vain."""
    with transaction():
        digest = fetch(Digest, pk=digest_id)
        if digest.state != "queued":
            return
        if not again or digest.tries >= MOST_TRIES:
            _moved(digest, "fail", reason, actor)
            return
        pause = min(LONGEST_PAUSE, timedelta(minutes=5) * 2**digest.tries)
        digest.due_at, digest.error = clock.now() + pause, reason
        write(digest, "due_at", "error")
        body = _told(digest, reason)
        record("digest.retried", subject=subject_of(digest), actor=actor, body=body)


def note_digest_receipt(digest_id: int, reason: str, *, actor: Actor) -> None:
    """The far end says later that it reached nobody."""
    with transaction():
        digest = row(Digest, pk=digest_id)
        if digest is not None and digest.state == "sent":
            _moved(digest, "fail", reason, actor)


def _moved(digest: Digest, command: str, reason: str, actor: Actor) -> None:
    body = _told(digest, reason)
    move(digest, command, actor=actor, body=body, due_at=None, error=reason)


def _told(digest: Digest, reason: str = "") -> DigestMoved:
    return DigestMoved(
        week=digest.week,
        channel=digest.channel,
        reader=digest.reader,
        tries=digest.tries,
        reason=reason,
    )
