"""The caller of a closed incident is asked how it was: by ringing back, or on WhatsApp."""

from typing import Any

from django.utils.translation import gettext as _

from sigap.core import clock
from sigap.core.actors import Actor, Permission
from sigap.core.errors import Invalid, Refused
from sigap.core.journal import record, subject_of
from sigap.core.kinds.complaints import Asked, Rated
from sigap.core.machine import expect, move
from sigap.core.queries import fetch
from sigap.core.rows import insert, row
from sigap.core.transaction import transaction
from sigap.incidents.models import Incident

from ..models import WAYS, CaseSurvey
from .following import follow_low_mark


def ask_survey(incident_id: int, *, actor: Actor, channel: str = "callback") -> CaseSurvey:
    """Somebody is about to ask; again where nobody was reached before."""
    actor.require(Permission.TAKE_CALLS)
    if channel not in WAYS:
        raise Invalid(_("Unknown channel."), code="channel")
    with transaction():
        incident = fetch(Incident, pk=incident_id)
        if incident.state != "closed":
            raise Refused(_("Only the caller of a closed incident is asked."), code="state")
        known = row(CaseSurvey, incident=incident.pk)
        if known is not None:
            _move(known, "ask_again", actor, Asked(channel=channel), channel=channel)
            return known
        survey = CaseSurvey(incident=incident, channel=channel, asked_at=clock.now())
        insert(survey)
        record(
            "survey.ask",
            subject=subject_of(survey),
            case=subject_of(incident),
            actor=actor,
            after=survey.state,
            body=Asked(channel=channel),
        )
        return survey


def answer_survey(
    survey_id: int, *, score: int, actor: Actor, version: int | None = None
) -> CaseSurvey:
    """The caller says how it was, from 1 to 5."""
    actor.require(Permission.TAKE_CALLS)
    with transaction():
        survey = fetch(CaseSurvey, pk=survey_id)
        expect(survey, version)
        if score not in range(1, 6):
            raise Invalid(_("The score is a number from 1 to 5."), code="score")
        _move(survey, "answer", actor, Rated(score=score), score=score, answered_at=clock.now())
        follow_low_mark(_case(survey), score, actor=actor)
        return survey


def refuse_survey(survey_id: int, *, actor: Actor, version: int | None = None) -> CaseSurvey:
    """The caller does not want to be asked: nobody asks again."""
    return _without(survey_id, "refuse", actor, version)


def miss_survey(survey_id: int, *, actor: Actor, version: int | None = None) -> CaseSurvey:
    """Nobody answered."""
    return _without(survey_id, "miss", actor, version)


def _without(survey_id: int, command: str, actor: Actor, version: int | None) -> CaseSurvey:
    actor.require(Permission.TAKE_CALLS)
    with transaction():
        survey = fetch(CaseSurvey, pk=survey_id)
        expect(survey, version)
        _move(survey, command, actor, None)
        return survey


def _move(
    survey: CaseSurvey, command: str, actor: Actor, body: Asked | Rated | None, **fields: Any
) -> None:
    if command == "ask_again":
        fields["tries"] = survey.tries + (survey.state == "missed")
    move(survey, command, actor=actor, case=_case(survey), body=body, **fields)


def _case(survey: CaseSurvey) -> str:
    return f"incident:{survey.incident_id}"
