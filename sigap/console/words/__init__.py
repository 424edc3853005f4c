"""The journal in words, in the language of whoever reads it."""

from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from sigap.calls.machine import CALL, PARTY, REVIEW
from sigap.calls.models import PhoneBookEntry
from sigap.complaints.machine import COMPLAINT, REFERRAL
from sigap.complaints.models import Category
from sigap.complaints.survey.machine import FOLLOW_UP, SURVEY
from sigap.core.models import ALARM, Journal, ReasonCode, User
from sigap.core.names import named, reasons
from sigap.dispatch.machine import ASSIGNMENT
from sigap.fleet.machine import EQUIPMENT, UNIT
from sigap.fleet.models import Agency, Capability, Hospital
from sigap.fleet.names import item_names
from sigap.incidents.machine import INCIDENT
from sigap.incidents.models import Disposition, IncidentType, Question
from sigap.neighbours.machine import AID, HANDOVER, LOAN, SHARE
from sigap.neighbours.models import Centre
from sigap.notify.machine import DELIVERY, NOTICE
from sigap.places.models import Area
from sigap.proposals.machine import PROPOSAL
from sigap.warnings.machine import ANNOUNCEMENT, WARNING

from .alerts import alert_facts, why_names
from .field import form_in_words
from .names import (
    alarm_names,
    cause_names,
    class_names,
    field_names,
    fix_sources,
    gate_names,
    unreached_names,
)
from .sentences import TELL_THEIR_REASON, of_themselves, templates

_ALL = (
    *(CALL, PARTY, REVIEW, INCIDENT, COMPLAINT, REFERRAL, SURVEY, FOLLOW_UP),
    *(HANDOVER, AID, LOAN, SHARE),
    *(ASSIGNMENT, UNIT, EQUIPMENT, ALARM, WARNING, ANNOUNCEMENT, DELIVERY, NOTICE),
    PROPOSAL,
)
MACHINES = {machine.name: machine for machine in _ALL}


class Words:
    """Sentences for journal rows; knows the people and the city's names that they mention."""

    def __init__(self, kind: IncidentType | None = None, *, nameless: bool = False) -> None:
        """`kind` is the type whose questions the case was asked. `nameless`: people are told
        apart by their numbers only, as in what is given out."""
        self.kind = kind
        self.people = {
            f"user:{pk}": _("officer no. %(number)s") % {"number": pk} if nameless else name
            for pk, name in User.objects.values_list("id", "name")
        }
        self.types = {row.code: named(row) for row in IncidentType.objects.all()}
        self.outcomes = {row.code: named(row) for row in Disposition.objects.all()}
        listed = {row.code: named(row) for row in ReasonCode.objects.order_by("-id")}
        self.reasons = unreached_names() | listed
        self.phone_book = {row.code: named(row) for row in PhoneBookEntry.objects.all()}
        self.areas = dict(Area.objects.values_list("code", "name"))

    def actor(self, code: str) -> str:
        """Who acted: a person's name, or that it happened by itself."""
        if code in self.people:
            return self.people[code]
        return _("system (%(name)s)") % {"name": code.removeprefix("system:")}

    def reason(self, code: str) -> str:
        """A reason's name, the city's or a machine's; a code that is no longer on a list stands
        for itself."""
        return self.reasons.get(code) or self._causes.get(code, code)

    def sentence(self, row: Journal) -> str:
        """What the row says happened."""
        by_themselves = row.actor == f"user:{row.body.get('operator')}"
        template = self._of_themselves.get(row.kind) if by_themselves else None
        if row.kind == "call.fact" and row.body.get("source"):
            template = _("Call %(id)s: one more sign")
        template = template or self._templates.get(row.kind)
        if template is None:
            return row.kind
        text = template % self._facts(row)
        if row.kind not in TELL_THEIR_REASON:
            return text
        more = [self._classes.get(row.body.get("call_class", ""), "")]
        more.append(self._gates.get(row.body.get("source", ""), ""))
        more.append(self.reason(row.body.get("reason", "") or row.body.get("gap", "")))
        more.append(self.outcomes.get(row.body.get("disposition", ""), ""))
        return ": ".join([text, *[m for m in more if m]])

    def _facts(self, row: Journal) -> dict[str, Any]:
        noun, _colon, key = row.subject.partition(":")
        body = row.body
        operator = body.get("operator")
        rule = body.get("rule", "")
        return {
            "id": key,
            "noun": noun,
            "call": body.get("call", ""),
            "party": self._party(body),
            "unit": body.get("unit") or self._agencies.get(body.get("agency", ""), ""),
            "other": body.get("other") or body.get("incident") or "",
            "type": self.types.get(body.get("type") or "", body.get("type") or ""),
            "area": self.areas.get(body.get("area") or "", _("place unknown")),
            "priority": f"P{body.get('chosen') or body.get('priority') or ''}",
            "suggested": f"P{body.get('suggested') or ''}" + (f" ({rule})" if rule else ""),
            "level": body.get("level") or 1,
            "what": self._needs.get(body.get("what", ""), body.get("what", "")),
            "met": body.get("met", 0),
            "count": body.get("count", 0),
            "operator": self.people.get(f"user:{operator}", _("somebody")),
            "fields": ", ".join(self._fields.get(f, f) for f in body.get("fields") or ()),
            "answers": "; ".join(
                f"{self._questions.get(q, q)} {self._answers.get((q, a), a)}"
                for q, a in (body.get("answers") or {}).items()
            ),
            "attempt": body.get("attempt", 0),
            "alarm": self._alarms.get(body.get("alarm", ""), body.get("alarm", "")),
            "fix": self._fix(body),
            "category": self._categories.get(body.get("category", ""), "–"),
            "agency": self._agencies.get(body.get("agency", ""), body.get("agency", "")),
            "officer": self.people.get(f"user:{body.get('officer')}", _("somebody")),
            "score": body.get("score") or "–",
            "centre": self._centres.get(body.get("centre", ""), body.get("centre", "")),
            "capability": self._capabilities.get(c := body.get("capability", ""), c),
            "form": form_in_words(body) if body.get("form") else "",
            "metres": body.get("metres", 0),
            "item": self._items.get(body.get("item", ""), body.get("item", "")),
            "house": self._hospitals.get(body.get("hospital", ""), "–"),
            "state": self._steps.get(body.get("state", ""), ""),
        } | alert_facts(body, self.people)

    def _party(self, body: dict[str, Any]) -> str:
        if entry := body.get("entry"):
            return self.phone_book.get(entry, str(entry))
        return self.people.get(f"user:{body.get('user')}", _("somebody"))

    def _fix(self, body: dict[str, Any]) -> str:
        radius = f"±{body['radius_m']} m" if "radius_m" in body else ""
        source = fix_sources().get(body.get("source", ""), "")
        fault = _("not usable") if body.get("fault") else ""
        return ", ".join(filter(None, (radius, source, fault))) or _("how exactly is unknown")

    @cached_property
    def _categories(self) -> dict[str, str]:
        return {row.code: named(row) for row in Category.objects.all()}

    @cached_property
    def _centres(self) -> dict[str, str]:
        return {row.code: named(row) for row in Centre.objects.all()}

    @cached_property
    def _capabilities(self) -> dict[str, str]:
        return {row.code: named(row) for row in Capability.objects.all()}

    @cached_property
    def _agencies(self) -> dict[str, str]:
        return dict(Agency.objects.values_list("code", "short"))

    @cached_property
    def _items(self) -> dict[str, str]:
        return item_names()

    @cached_property
    def _hospitals(self) -> dict[str, str]:
        return dict(Hospital.objects.values_list("code", "name"))

    @cached_property
    def _needs(self) -> dict[str, str]:
        return dict(reasons("need"))

    @cached_property
    def _asked(self) -> list[Question]:
        return list(self.kind.questions.all()) if self.kind else []

    @cached_property
    def _questions(self) -> dict[str, str]:
        # Also of other types: what was merged into an incident may be of one.
        return {q.code: named(q) for q in (*Question.objects.all(), *self._asked)}

    @cached_property
    def _answers(self) -> dict[tuple[str, str], str]:
        return {
            (q.code, code): name
            for q in Question.objects.all()
            for code, name in q.answer_names().items()
        }

    # In the language of whoever reads: made once, as a case may have thousands of rows.

    @cached_property
    def _templates(self) -> dict[str, str]:
        return templates()

    @cached_property
    def _of_themselves(self) -> dict[str, str]:
        return of_themselves()

    @cached_property
    def _classes(self) -> dict[str, str]:
        return class_names()

    @cached_property
    def _gates(self) -> dict[str, str]:
        return gate_names()

    @cached_property
    def _causes(self) -> dict[str, str]:
        return why_names() | cause_names()

    @cached_property
    def _fields(self) -> dict[str, str]:
        return field_names()

    @cached_property
    def _alarms(self) -> dict[str, str]:
        return alarm_names()

    @cached_property
    def _steps(self) -> dict[str, str]:
        return state_names("assignment")


def state_names(machine: str) -> dict[str, str]:
    """What people call the states of a machine."""
    return {state: str(name) for state, name in MACHINES[machine].names.items()}
