"""Every action of surveys and of outreach, with canaries wherever somebody could type."""

from collections.abc import Callable
from typing import Any

from sigap.complaints.models import Complaint
from sigap.complaints.outreach.actions import (
    Event,
    add_outreach,
    change_outreach,
    remove_outreach,
)
from sigap.complaints.survey import actions as surveys
from sigap.complaints.survey.ikm import ELEMENTS
from sigap.complaints.survey.models import FollowUp
from sigap.core import clock
from sigap.core.actors import of_user
from sigap.core.models import User
from sigap.incidents import actions as incidents

from .canaries import WORD, WORDS, tried


def a_day_of_surveys(time: clock.Frozen, person: Callable[[str], User]) -> None:
    """Callers and citizens are asked, the yearly survey comes in, people are told of 112."""
    taker, boss, evaluator, sender = (
        of_user(person(role)) for role in ("call_taker", "supervisor", "evaluator", "dispatcher")
    )
    cases = [
        incidents.open_incident("kecelakaan_lalin", address=WORDS, actor=sender) for _n in range(2)
    ]
    for case in cases:
        incidents.close_incident(case.pk, disposition="handled", actor=sender)
    tried(surveys.ask_survey, cases[0].pk, channel=WORD, actor=taker)
    asked, other = (surveys.ask_survey(case.pk, actor=taker) for case in cases)
    surveys.miss_survey(asked.pk, actor=taker)
    surveys.ask_survey(cases[0].pk, actor=taker)
    tried(surveys.answer_survey, asked.pk, score=9, actor=taker)
    surveys.answer_survey(asked.pk, score=1, actor=taker)
    surveys.refuse_survey(other.pk, actor=taker)
    complaint = Complaint.objects.order_by("pk")[0]
    surveys.follow_low_mark(f"complaint:{complaint.pk}", 1, actor=taker)
    for task in FollowUp.objects.filter(state="open"):
        for why in (WORD, WORDS):
            tried(surveys.close_follow_up, task.pk, reason=why, note=WORDS, actor=boss)
        surveys.close_follow_up(task.pk, reason="talked", note=WORDS, actor=boss)

    best = dict.fromkeys(ELEMENTS, 4)
    for wrong in (WORD, WORDS):
        about = {"agency": wrong}, {"age": wrong}, {"sex": wrong}, {"service": wrong}
        for more in about:
            tried(surveys.enter_answers, 2026, best, **more, actor=evaluator)
        tried(surveys.enter_answers, 2026, best | {"u1": wrong}, actor=evaluator)
        tried(surveys.import_answers, 2026, wrong, actor=evaluator)
    one = surveys.enter_answers(2026, best, service=WORD, agency="dishub", actor=evaluator)
    table = f"id,service,{','.join(ELEMENTS)}\n{WORDS!r},{WORD},{'4,' * 8}4\n"
    tried(surveys.import_answers, 2026, table, actor=evaluator)
    surveys.import_answers(2026, table.replace(f"{WORDS!r}", WORD), actor=evaluator)
    surveys.remove_answers(one.pk, actor=evaluator)

    event = Event(day=clock.now().date(), audience="pkk", people=20, note=WORDS)
    for wrong in (WORD, WORDS):
        unknown: list[dict[str, Any]] = [
            {"audience": wrong},
            {"area": wrong},
            {"materials": [wrong]},
        ]
        for told in unknown:
            tried(add_outreach, Event(**vars(event) | told), actor=boss)
    added = add_outreach(event, actor=boss)
    change_outreach(added.pk, Event(**vars(event) | {"note": f"{WORDS} {WORD}"}), actor=boss)
    remove_outreach(added.pk, actor=boss)
