"""Which priority the answers propose, by a rule with a name. Pure functions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

YES_NO = ("yes", "no", "unsure")
COUNT = ("0", "1", "2", "3", "4+")  # not known is not answered: unknown is not zero


class QuestionLike(Protocol):
    """What decides which answers a question takes (a Question row, or a pack's)."""

    @property
    def kind(self) -> str: ...

    @property
    def options(self) -> Sequence[Sequence[str]]: ...


def answers_to(question: QuestionLike) -> tuple[str, ...]:
    """The codes of the answers that a question takes."""
    usual = {"yes_no": YES_NO, "count": COUNT}
    return usual.get(question.kind) or tuple(option[0] for option in question.options)


class RuleLike(Protocol):
    """What a rule must know (a PriorityRule row, or a test's own)."""

    code: str
    when: Mapping[str, list[str]]
    priority: int
    siren: bool


@dataclass(frozen=True)
class Proposal:
    """A proposed priority with the code of the rule it came from ("" = the type's default)."""

    priority: int
    siren: bool
    rule: str


def propose(
    rules: Iterable[RuleLike], answers: Mapping[str, str], *, default: Proposal
) -> Proposal:
    """The first rule all of whose conditions are met by an answer that was really given."""
    for rule in rules:
        if is_met(rule, answers):
            return Proposal(rule.priority, rule.siren, rule.code)
    return default


def is_met(rule: RuleLike, answers: Mapping[str, str]) -> bool:
    """Whether all of a rule's conditions are met."""
    return bool(rule.when) and all(
        answers.get(question) in accepted for question, accepted in rule.when.items()
    )
