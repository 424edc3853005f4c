"""Checks of input, and steps that several actions on incidents share."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actors import Actor
from sigap.core.errors import Invalid
from sigap.core.journal import record, subject_of
from sigap.core.kinds import (
    PriorityChosen,
)
from sigap.core.parameters import value

from ..models import LEVELS, PRIORITIES, Disposition, Incident, IncidentType
from ..triage import Proposal, answers_to, propose


def record_about(
    incident: Incident, kind: str, actor: Actor, body: Any, occurred_at: datetime | None = None
) -> None:
    """Record something about an incident in its own timeline."""
    subject = subject_of(incident)
    record(kind, subject=subject, case=subject, actor=actor, body=body, occurred_at=occurred_at)


def record_priority(incident: Incident, actor: Actor, *, accepted: bool) -> None:
    """Record what the rule proposed and what was chosen."""
    body = PriorityChosen(
        suggested=incident.suggested_priority,
        rule=incident.suggested_rule,
        chosen=incident.priority,
        siren=incident.siren,
        accepted=accepted,
    )
    record_about(incident, "incident.priority", actor, body)


def proposal_of(kind: IncidentType, answers: Mapping[str, str]) -> Proposal:
    """The priority that the type's rules propose for these answers."""
    default = Proposal(kind.priority, kind.siren, "")
    return propose(kind.rules.all(), answers, default=default)


def checked_answers(kind: IncidentType, answers: Mapping[str, str]) -> dict[str, str]:
    """Only questions of this type, only answers that they offer; "" takes one back."""
    if not answers:
        return {}
    questions = {q.code: q for q in kind.questions.all()}
    for code, answer in answers.items():
        if code not in questions or answer not in ("", *answers_to(questions[code])):
            raise Invalid(
                _("Not an answer to “%(code)s”: %(answer)s")
                % {"code": str(code)[:40], "answer": str(answer)[:40]},
                code="answer",
            )
    return dict(answers)


def dispatch_due(priority: int, *, afterwards: bool = False) -> datetime | None:
    """P1 and P2 must have a unit notified soon; the others wait without an alarm, and for one
    that was entered afterwards nobody waits at all."""
    if afterwards or priority > 2:  # noqa: PLR2004 - P1 and P2
        return None
    return clock.now() + timedelta(seconds=value("incidents.undispatched_s"))


def checked_priority(priority: int) -> int:
    """The priority, when it is one; else Invalid."""
    if priority not in dict(PRIORITIES):
        raise Invalid(_("The priority must be 1 to 4."), code="priority")
    return priority


def checked_level(level: int) -> int:
    """The alarm level, when it is one; else Invalid."""
    if level not in dict(LEVELS):
        raise Invalid(_("The alarm level must be 1 to 4."), code="level")
    return level


def checked_victims(victims: int | None) -> int | None:
    """The number of victims, when it is possible; else Invalid."""
    if victims is not None and not 0 <= victims <= 100_000:  # noqa: PLR2004
        raise Invalid(_("The number of victims is not possible."), code="victims")
    return victims


def disposition_of(code: str) -> Disposition:
    """The active disposition of this code; else Invalid."""
    found = Disposition.objects.filter(code=code, active=True).first()
    if found is None:
        raise Invalid(_("Choose how it ended."), code="disposition")
    return found


def not_in_future(at: datetime | None) -> datetime | None:
    """The time, when it has come; else Invalid."""
    if at is not None and at > clock.now() + timedelta(seconds=60):
        raise Invalid(_("The time lies in the future."), code="future")
    return at
