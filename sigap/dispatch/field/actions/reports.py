"""The short forms of a crew: patients, what was done, what was used."""

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actions.personal import keep
from sigap.core.actors import Actor
from sigap.core.errors import Forbidden, Invalid
from sigap.core.journal import record, subject_of
from sigap.core.kinds.field import Reported
from sigap.core.transaction import transaction
from sigap.fleet.queries import may_work_for

from ...models import Assignment
from ..models import FieldReport
from ..names import lines_of

MOST = 999


def report_field(
    assignment: Assignment,
    form: str,
    *,
    counts: Mapping[str, int],
    words: str,
    actor: Actor,
    occurred_at: datetime | None = None,
) -> FieldReport:
    """Keep a form. Its lines are the city's own; numbers of 0 say nothing. What is written stands
    with the words of the incident, and is erased with them."""
    with transaction():
        unit, incident = assignment.unit, assignment.incident
        if not may_work_for(unit, actor):
            raise Forbidden(_("This unit is not yours."))
        known = dict(lines_of(form))
        told = {line: number for line, number in counts.items() if number}
        if set(told) - set(known) or not all(0 < number <= MOST for number in told.values()):
            raise Invalid(_("This form has a line or a number that it cannot have."), code="form")
        at = occurred_at or clock.now()
        text = keep(subject_of(incident), "report", words, actor=actor, at=at)
        if not told and text is None:
            raise Invalid(_("The form is empty."), code="empty")
        report = FieldReport.objects.create(
            assignment=assignment,
            form=form,
            counts=told,
            words=text,
            author=actor.code,
            occurred_at=at,
        )
        record(
            "field.report",
            subject=subject_of(assignment),
            case=subject_of(incident),
            actor=actor,
            occurred_at=occurred_at,
            body=Reported(
                unit=unit.call_sign, form=form, counts=told, text_id=text.pk if text else None
            ),
        )
        return report
