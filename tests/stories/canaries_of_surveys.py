"""Every action of surveys and of outreach once, with canaries wherever somebody could type."""

from datetime import date
from typing import Any

from sigap.complaints.outreach.actions import Event, add_outreach, change_outreach, remove_outreach
from sigap.complaints.survey import actions as surveys
from sigap.complaints.survey.models import FollowUp
from sigap.core.actors import Actor
from sigap.incidents.actions import close_incident, open_incident

from .canaries import WORD, WORDS, tried

MARKS = {f"u{n}": "3" for n in range(1, 10)}


def what_people_say(boss: Actor, evaluator: Actor) -> None:
    """Callers are asked, a low mark is looked into, the yearly survey and an event are noted."""
    first, second = asked(boss), asked(boss)
    surveys.miss_survey(first, actor=boss)
    surveys.refuse_survey(second, actor=boss)
    third = asked(boss)
    for wrong in (WORD, WORDS):
        tried(surveys.answer_survey, third, score=wrong, actor=boss)
    surveys.answer_survey(third, score=1, actor=boss)
    task = FollowUp.objects.filter(state="open").latest("id").pk
    for wrong in (WORD, WORDS):
        tried(surveys.close_follow_up, task, reason=wrong, note=wrong, actor=boss)
    surveys.close_follow_up(task, reason="talked", note=WORDS, actor=boss)
    the_yearly_survey(evaluator)
    events(boss)


def asked(boss: Actor) -> int:
    """Somebody whose case is over is about to be asked."""
    incident = open_incident("kecelakaan_lalin", address=WORDS, reporter=WORDS, actor=boss)
    tried(surveys.ask_survey, incident.pk, channel=WORD, actor=boss)
    close_incident(incident.pk, disposition="handled", actor=boss)
    return surveys.ask_survey(incident.pk, actor=boss).pk


def the_yearly_survey(evaluator: Actor) -> None:
    """Answers typed one by one, and a table whose columns say too much."""
    for wrong in (WORD, WORDS):
        for name in ("agency", "service", "age", "sex", "u1"):
            tried(surveys.enter_answers, 2027, {**MARKS, name: wrong}, actor=evaluator)
            tried(surveys.enter_answers, 2027, MARKS, actor=evaluator, **{name: wrong})
    one = surveys.enter_answers(2027, MARKS, actor=evaluator)
    surveys.remove_answers(one.pk, actor=evaluator)
    head, marks = ";".join(MARKS), ";".join(MARKS.values())
    surveys.import_answers(2027, f"id;name;{head}\n{WORDS};{WORDS};{marks}\n", actor=evaluator)
    for wrong in (f"{head}\n{WORDS}", WORDS, f"{head};agency\n{marks};{WORD}"):
        tried(surveys.import_answers, 2027, wrong, actor=evaluator)


def events(boss: Actor) -> None:
    """Where the city told people about its services."""
    told: dict[str, Any] = {"day": date(2027, 1, 4), "audience": "pkk", "people": 40}
    for wrong in (WORD, WORDS):
        for more in ({"audience": wrong}, {"materials": [wrong]}, {"area": wrong}):
            tried(add_outreach, Event(**told | more), actor=boss)
    row = add_outreach(Event(**told, note=WORDS), actor=boss)
    change_outreach(row.pk, Event(**told, note=f"{WORDS} lagi"), actor=boss)
    remove_outreach(row.pk, actor=boss)
    add_outreach(Event(**told, note=WORDS), actor=boss)
