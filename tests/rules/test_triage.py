"""Which priority the answers propose."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from sigap.incidents.models import Question
from sigap.incidents.triage import COUNT, YES_NO, Proposal, answers_to, propose
from sigap.packs.schema import Question as PackQuestion

from .syntax import PRODUCT

DEFAULT = Proposal(3, False, "")


@dataclass
class Rule:
    code: str
    when: Mapping[str, list[str]] = field(default_factory=dict)
    priority: int = 1
    siren: bool = True


TRAPPED = Rule("KLL-1", {"trapped": ["yes", "unsure"]})
BLEEDING = Rule("KLL-2", {"bleeding": ["yes"], "awake": ["no", "unsure"]}, priority=2)


def test_without_an_answer_the_types_default_holds_without_a_rule() -> None:
    assert propose([TRAPPED, BLEEDING], {}, default=DEFAULT) == DEFAULT


def test_the_proposal_names_its_rule() -> None:
    assert propose([TRAPPED], {"trapped": "yes"}, default=DEFAULT) == Proposal(1, True, "KLL-1")


def test_the_first_rule_that_matches_wins() -> None:
    answers = {"trapped": "yes", "bleeding": "yes", "awake": "no"}
    assert propose([TRAPPED, BLEEDING], answers, default=DEFAULT).rule == "KLL-1"
    assert propose([BLEEDING, TRAPPED], answers, default=DEFAULT).rule == "KLL-2"


def test_all_conditions_of_a_rule_must_be_met() -> None:
    assert propose([BLEEDING], {"bleeding": "yes"}, default=DEFAULT) == DEFAULT
    assert propose([BLEEDING], {"bleeding": "yes", "awake": "yes"}, default=DEFAULT) == DEFAULT


def test_a_question_that_was_not_answered_never_meets_a_condition() -> None:
    careless = Rule("X-1", {"awake": ["no", ""]})
    assert propose([careless], {"bleeding": "yes"}, default=DEFAULT) == DEFAULT


def test_a_rule_without_conditions_matches_nothing() -> None:
    assert propose([Rule("X-1")], {"trapped": "yes"}, default=DEFAULT) == DEFAULT


def test_a_pack_and_the_database_take_the_same_answers() -> None:
    choice = [["bus", "Bus", "Bus"], ["truck", "Truk", "Truck"]]
    for kind, options, taken in (
        ("yes_no", [], YES_NO),
        ("count", [], COUNT),
        ("choice", choice, ("bus", "truck")),
    ):
        words = {"code": "x", "text": "x", "text_en": "x", "kind": kind, "options": options}
        assert answers_to(Question(**words)) == taken
        assert PackQuestion.model_validate(words).answers == taken


def test_the_screen_offers_the_same_answers() -> None:
    script = PRODUCT / "console" / "static" / "console" / "calls" / "rules.js"
    text = script.read_text()
    assert json.dumps(COUNT) in text
    assert all(f'code: "{code}"' in text for code in YES_NO)
