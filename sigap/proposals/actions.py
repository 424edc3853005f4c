"""What was found becomes a proposal, once; an agency answers it, and thresholds learn from that."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actions.personal import erase_texts, keep
from sigap.core.actors import Actor, Permission
from sigap.core.errors import Forbidden, Invalid
from sigap.core.journal import record, subject_of
from sigap.core.kinds.proposals import (
    ProposalAnswered,
    ProposalOpened,
    ThresholdCalibrated,
    ThresholdMoved,
)
from sigap.core.machine import change, expect, move
from sigap.core.models import Text
from sigap.core.parameters import value
from sigap.core.queries import check_reason, city_zone, fetch
from sigap.core.rows import insert
from sigap.core.transaction import transaction
from sigap.fleet.models import Agency

from .found import Calibrated, Finding
from .machine import ALARMS, OPEN, after_answer
from .models import Proposal, Scan, Threshold
from .queries import was_run

SILENCE_DAYS = 7  # after an alarm of a kind of case, in which it raises no other
MOST_CASES = 100  # that a proposal names
KEPT = timedelta(days=90)  # what a scan without a finding is worth telling of
FURTHEST = timedelta(days=3 * 365)


def note_scan(
    kind: str,
    until: datetime,
    findings: Iterable[Finding],
    *,
    calibrated: Iterable[Calibrated] = (),
    why: str = "",
    actor: Actor,
) -> list[Proposal]:
    """Keep what a scan has found, once: a scan up to the same moment that was noted already
    changes nothing. The rarest come first; what is too much for one scan is counted and held."""
    with transaction():
        if was_run(kind, until):
            return []
        for one in calibrated:
            _calibrate(one, actor)
        ranked = sorted(findings, key=lambda f: (-(f.once_in or 0), -f.seen, f.stream))
        opened: list[Proposal] = []
        most = int(value("proposals.at_once"))
        for finding in ranked:
            if len(opened) < most and not _is_known(finding):
                opened.append(_open(finding, actor))
        held = len(ranked) - len(opened)
        insert(Scan(kind=kind, until=until, opened=len(opened), held=held, why=why))
        Scan.objects.filter(until__lt=until - KEPT, opened=0, held=0).delete()
        return opened


def accept_proposal(
    proposal_id: int,
    *,
    actor: Actor,
    planned_for: date | None = None,
    note: str = "",
    version: int | None = None,
) -> Proposal:
    """The agency will do it, by a day where it says one."""
    with transaction():
        row = _own(proposal_id, actor, version)
        if planned_for and not _today() <= planned_for <= _today() + FURTHEST:
            raise Invalid(_("Give a day from today on."), code="planned_for")
        _answer(row, "accept", actor, note, planned_for=planned_for)
        return row


def dismiss_proposal(
    proposal_id: int, reason: str, *, actor: Actor, note: str = "", version: int | None = None
) -> Proposal:
    """It will not be done, for one of the city's reasons."""
    with transaction():
        row = _own(proposal_id, actor, version)
        check_reason("dismiss", reason)
        _answer(row, "dismiss", actor, note, reason=reason)
        return row


def finish_proposal(
    proposal_id: int, done_on: date, *, actor: Actor, note: str = "", version: int | None = None
) -> Proposal:
    """It was done, on a day that is not in the future nor before it was found."""
    with transaction():
        row = _own(proposal_id, actor, version)
        found_on = row.found_at.astimezone(city_zone()).date()
        if not found_on <= done_on <= _today():
            raise Invalid(
                _("Give the day on which it was done, from the proposal until today."),
                code="done_on",
            )
        _answer(row, "finish", actor, note, done_on=done_on)
        return row


def pass_proposal_on(
    proposal_id: int, agency: str, *, actor: Actor, version: int | None = None
) -> Proposal:
    """Another agency is to answer: this one is not the right one, or is no more."""
    actor.require(Permission.SUPERVISE)
    with transaction():
        row = fetch(Proposal, pk=proposal_id)
        expect(row, version)
        to = fetch(Agency, code=agency)
        if row.agency_id == to.pk:
            raise Invalid(_("This agency has it already."), code="agency")
        body = ProposalAnswered(stream=row.stream, agency=to.code)
        move(row, "pass_on", actor=actor, body=body, agency=to, planned_for=None)
        return row


def erase_old_notes(*, actor: Actor) -> int:
    """Forget what was written about proposals, as long after as cases are forgotten."""
    before = clock.now() - timedelta(days=value("personal.ticket_days"))
    old = Text.objects.filter(erased_at=None, at__lt=before, subject__startswith="proposal:")
    return erase_texts(old.values_list("subject", flat=True).distinct(), actor=actor)


def _own(proposal_id: int, actor: Actor, version: int | None) -> Proposal:
    """The proposal, where this actor answers for its agency; a supervisor does for all."""
    row = fetch(Proposal.objects.select_related("agency"), pk=proposal_id)
    if not actor.may(Permission.SUPERVISE):
        actor.require(Permission.AGENCY_BOARD)
        if row.agency is None or row.agency.code != actor.agency:
            raise Forbidden(_("This proposal is another agency's."))
    expect(row, version)
    return row


def _answer(row: Proposal, command: str, actor: Actor, note: str, **said: Any) -> None:
    text = keep(subject_of(row), "note", note, actor=actor)
    body = ProposalAnswered(
        stream=row.stream,
        agency=row.agency.code if row.agency else "",
        text_id=text.pk if text else None,
        **said,
    )
    more = said | ({"note": text} if text else {})
    move(row, command, actor=actor, body=body, answered_at=clock.now(), **more)
    if row.is_alarm:
        _learn(row, command, said.get("reason", ""), actor)


def _learn(row: Proposal, command: str, reason: str, actor: Actor) -> None:
    known = Threshold.objects.filter(stream=row.stream).first() or Threshold(stream=row.stream)
    before, after = known.period, after_answer(known.period, command, reason)
    if after == before:
        return
    if known.pk is None:
        insert(known)
    change(known, period=after)
    body = ThresholdMoved(stream=row.stream, before=before, after=after, proposal=row.pk)
    record("threshold.moved", subject=subject_of(known), actor=actor, body=body)


def _calibrate(found: Calibrated, actor: Actor) -> None:
    known = Threshold.objects.filter(stream=found.stream).first() or Threshold(stream=found.stream)
    if known.pk is None:
        insert(known)
    change(
        known,
        curves=found.curves,
        cases=found.cases,
        days=found.days,
        calibrated_at=clock.now(),
    )
    body = ThresholdCalibrated(stream=found.stream, cases=found.cases, days=found.days)
    record("threshold.calibrated", subject=subject_of(known), actor=actor, body=body)


def _is_known(finding: Finding) -> bool:
    """Whether the same was proposed already: an alarm of the kind in the last days (a burst only
    where it was near), or a place, hours or a caller that wait for an end, or had one lately."""
    if finding.kind in ALARMS:
        since = clock.now() - timedelta(days=SILENCE_DAYS)
        young = Proposal.objects.filter(
            stream=finding.stream, kind__in=ALARMS, found_at__gt=since
        ).values_list("areas", flat=True)
        near = set(finding.areas)
        return any(finding.kind != "burst" or not a or near & set(a) for a in young)
    since = clock.now() - timedelta(days=value("returns.again_days"))
    same = Proposal.objects.filter(kind="return", stream=finding.stream, key=finding.key)
    named = set(finding.cases)
    return any(
        (row.state in OPEN or (row.answered_at and row.answered_at > since))
        and (finding.key or named & set(row.cases))
        for row in same
    )


def _open(finding: Finding, actor: Actor) -> Proposal:
    agency = Agency.objects.filter(code=finding.agency).first()
    row = Proposal(
        kind=finding.kind,
        stream=finding.stream,
        key=finding.key,
        agency=agency,
        areas=list(finding.areas),
        cases=list(finding.cases)[:MOST_CASES],
        since=finding.since,
        until=finding.until,
        seen=finding.seen,
        expected=finding.expected,
        once_in=finding.once_in,
        found_at=clock.now(),
    )
    insert(row)
    record(
        "proposal.opened",
        subject=subject_of(row),
        actor=actor,
        body=ProposalOpened(
            what=row.kind,
            stream=row.stream,
            agency=agency.code if agency else "",
            areas=row.areas,
            cases=row.cases,
            seen=row.seen,
            expected=row.expected,
            once_in=row.once_in,
        ),
    )
    return row


def _today() -> date:
    return clock.now().astimezone(city_zone()).date()
