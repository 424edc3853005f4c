"""What a city may change: one entry per kind of record. All pages are made from this list."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from sigap.calls.models import Criterion, PhoneBookEntry
from sigap.core.models import ReasonCode
from sigap.core.names import named
from sigap.dispatch.actions import define_unit
from sigap.dispatch.models import PlanStep, ResponsePlan
from sigap.evaluation.definitions import group_names
from sigap.evaluation.models import Target
from sigap.fleet.models import Agency, Capability, EquipmentKind, Unit
from sigap.incidents.models import Disposition, IncidentType, PriorityRule, Question
from sigap.incidents.triage import answers_to
from sigap.notify.machine import CHANNELS
from sigap.notify.models import Ways
from sigap.places.models import Area, Landmark
from sigap.places.queries import forget, is_far

from .advicesections import ADVICE_SECTIONS
from .complaintsections import COMPLAINT_SECTIONS
from .fields import CommaList, Conditions, Options, Several
from .labels import CHOICES
from .neighboursections import NEIGHBOUR_SECTIONS
from .readinesssections import READINESS_SECTIONS
from .section import Cleaned, Errors, Section
from .warningsections import WARNING_SECTIONS

PURPOSES = (
    *("decline", "unavailable", "cancel", "reopen", "waive", "takeover", "shelve"),
    *("correct", "strike", "legal_hold", "surge", "pause", "rescore"),
    *("hold", "archive", "not_ours"),
    *("aid", "not_accepted"),
    *("equipment", "diversion"),
    *("mayday_over", "field_action", "field_material", "dismiss"),
)


def _agency() -> forms.Field:
    rows = Agency.objects.order_by("rank")
    choices = [("", "–"), *((a.code, a.short) for a in rows)]
    return forms.ChoiceField(choices=choices, required=False)


def _capability() -> forms.Field:
    rows = Capability.objects.order_by("code")
    return forms.ChoiceField(choices=[(c.code, named(c)) for c in rows])


def _equipment() -> forms.Field:
    rows = EquipmentKind.objects.filter(active=True).order_by("rank", "code")
    return Several(choices=[(kind.code, named(kind)) for kind in rows], required=False)


def _capabilities() -> forms.Field:
    rows = Capability.objects.order_by("code")
    return Several(choices=[(c.code, named(c)) for c in rows], required=False)


def _purpose() -> forms.Field:
    return forms.ChoiceField(choices=[(p, CHOICES[p]) for p in PURPOSES])


def _group() -> forms.Field:
    """A code that targets refer to: chosen, since one that is mistyped would detach them."""
    return forms.ChoiceField(choices=_named(IncidentType.objects.values_list("group", flat=True)))


def _kind() -> forms.Field:
    known = _named(Agency.objects.values_list("kind", flat=True))
    return forms.ChoiceField(choices=[("", "–"), *known], required=False)


def _target_group() -> forms.Field:
    groups = IncidentType.objects.values_list("group", flat=True)
    kinds = Agency.objects.values_list("kind", flat=True)
    return forms.ChoiceField(
        choices=[("", _("All")), *_named([*groups, *kinds])],
        required=False,
        help_text=lazy("A group of types or a kind of agency; empty: all."),
    )


def _named(used: Iterable[str]) -> list[tuple[str, str]]:
    """All groups that have a name, and those in use that the city's pack made up."""
    names = {code: code for code in used if code} | group_names()
    return sorted(names.items(), key=lambda pair: pair[1])


def _check_question(cleaned: Cleaned, _parent: Any) -> Errors:
    if (cleaned.get("kind") == "choice") != bool(cleaned.get("options")):
        return {"options": _("A choice needs answers, and only a choice has them.")}
    return {}


def _check_rule(cleaned: Cleaned, parent: Any) -> Errors:
    """Only questions of the type, only answers that they offer."""
    questions = {q.code: q for q in Question.objects.filter(type=parent)}
    for code, accepted in (cleaned.get("when") or {}).items():
        if code not in questions:
            known = ", ".join(questions) or "–"
            return {
                "when": _("The type has no question “%(code)s”. It has: %(known)s")
                % {"code": code, "known": known}
            }
        offered = answers_to(questions[code])
        wrong = [answer for answer in accepted if answer not in offered]
        if wrong:
            return {
                "when": _("“%(answer)s” is no answer to “%(code)s”. Possible: %(known)s")
                % {"answer": wrong[0], "code": code, "known": ", ".join(offered)}
            }
    return {}


def _check_target(cleaned: Cleaned, _parent: Any) -> Errors:
    percent = cleaned.get("percent")
    if cleaned.get("statistic") == "mean" and percent:
        return {"percent": _("A mean has 0 percent.")}
    if cleaned.get("statistic") == "share" and not 1 <= (percent or 0) <= 100:  # noqa: PLR2004
        return {"percent": _("A share needs 1 to 100 percent.")}
    return {}


def _check_point(cleaned: Cleaned, _parent: Any) -> Errors:
    for lat, lng in (("lat", "lng"), ("station_lat", "station_lng")):
        point = {name: cleaned[name] for name in (lat, lng) if cleaned.get(name) is not None}
        if len(point) == 1:
            return {lng if lat in point else lat: _("Latitude and longitude belong together.")}
        if point and is_far(*point.values()):
            return {lat: _("This point is far from the city.")}
    if cleaned.get("precision") == "exact" and cleaned.get("lat") is None:
        return {"lat": _("An exact landmark needs its point.")}
    return {}


def _check_area(cleaned: Cleaned, _parent: Any) -> Errors:
    wanted = cleaned.get("neighbours") or []
    others = Area.objects.exclude(code=cleaned.get("code", ""))
    unknown = sorted(set(wanted) - set(others.values_list("code", flat=True)))
    if unknown:
        return {
            "neighbours": _("No other area has this code: %(codes)s")
            % {"codes": ", ".join(unknown)}
        }
    return _check_point(cleaned, _parent)


def _ways() -> forms.Field:
    """Codes in their order; without any the default order counts."""
    known = ", ".join(CHANNELS)
    return CommaList(required=True, help_text=lazy("In this order. Possible:") + f" {known}")


NAMES = ("name", "name_en")

SECTIONS: dict[str, Section] = {
    section.name: section
    for section in (
        Section(
            "types",
            lazy("Incident types"),
            lazy("Incident type"),
            IncidentType,
            columns=("name", "group", "priority", "lead", "active"),
            fixed=("code",),
            fields=(
                *NAMES,
                "group",
                "priority",
                "siren",
                "lead",
                "duplicate_minutes",
                "duplicate_metres",
                "tells",
                "rank",
                "active",
            ),
            search=("code", *NAMES, "group"),
            order=("rank", "pk"),
            made_as={"lead": _agency, "group": _group},
            children=("questions", "rules"),
        ),
        Section(
            "questions",
            lazy("Questions"),
            lazy("Question"),
            Question,
            columns=("code", "text", "kind", "rank"),
            fixed=("code",),
            fields=("kind", "text", "text_en", "options", "rank"),
            order=("rank", "pk"),
            made_as={"options": Options},
            parent="type",
            parent_section="types",
            removable=True,
            check=_check_question,
        ),
        Section(
            "rules",
            lazy("Priority rules"),
            lazy("Priority rule"),
            PriorityRule,
            columns=("code", "text", "when", "priority", "rank"),
            fixed=("code",),
            fields=("priority", "siren", "when", "text", "text_en", "rank"),
            order=("rank", "pk"),
            made_as={"when": Conditions},
            parent="type",
            parent_section="types",
            removable=True,
            check=_check_rule,
        ),
        Section(
            "dispositions",
            lazy("Dispositions"),
            lazy("Disposition"),
            Disposition,
            columns=("name", "valid", "active"),
            fixed=("code",),
            fields=(*NAMES, "valid", "told", "told_en", "active"),
            search=("code", *NAMES),
        ),
        Section(
            "reasons",
            lazy("Reasons"),
            lazy("Reason"),
            ReasonCode,
            columns=("purpose", "name", "active"),
            fixed=("purpose", "code"),
            fields=(*NAMES, "active"),
            search=("purpose", "code", *NAMES),
            order=("purpose", "pk"),
            made_as={"purpose": _purpose},
        ),
        Section(
            "plans",
            lazy("Response plans"),
            lazy("Response plan"),
            ResponsePlan,
            columns=("type", "priority", "level", "acknowledge_s"),
            fixed=("type", "priority", "level"),
            fields=("acknowledge_s",),
            search=("type__code", "type__name", "type__name_en"),
            order=("type__rank", "priority", "level"),
            children=("steps",),
            removable=True,
        ),
        Section(
            "steps",
            lazy("Steps"),
            lazy("Step"),
            PlanStep,
            columns=("agency", "capability", "count", "min_crew", "equipment", "rank"),
            fields=("agency", "capability", "count", "min_crew", "equipment", "rank"),
            order=("rank", "pk"),
            made_as={"capability": _capability, "equipment": _equipment},
            parent="plan",
            parent_section="plans",
            removable=True,
        ),
        Section(
            "targets",
            lazy("Targets"),
            lazy("Target"),
            Target,
            columns=("clock", "group", "statistic", "percent", "seconds", "source"),
            fields=("clock", "group", "statistic", "percent", "seconds", "source"),
            search=("clock", "group", "source"),
            order=("clock", "group", "seconds"),
            made_as={"group": _target_group},
            removable=True,
            check=_check_target,
        ),
        Section(
            "criteria",
            lazy("Call quality form"),
            lazy("Question about a call"),
            Criterion,
            columns=("text", "kind", "weight", "rank", "active"),
            fixed=("code",),
            fields=("text", "text_en", "kind", "weight", "rank", "active"),
            search=("code", "text", "text_en"),
            order=("rank", "pk"),
        ),
        Section(
            "phonebook",
            lazy("Phone book"),
            lazy("Entry of the phone book"),
            PhoneBookEntry,
            columns=("name", "number", "kind", "agency", "rank", "active"),
            fixed=("code",),
            fields=(*NAMES, "number", "kind", "agency", "rank", "active"),
            search=("code", *NAMES, "number"),
            order=("rank", "pk"),
            made_as={"agency": _agency},
        ),
        Section(
            "agencies",
            lazy("Agencies"),
            lazy("Agency"),
            Agency,
            columns=("short", "name", "kind"),
            fixed=("code",),
            fields=("short", *NAMES, "kind", "rank"),
            search=("code", "short", *NAMES),
            order=("rank", "pk"),
            made_as={"kind": _kind},
        ),
        Section(
            "ways",
            lazy("Ways of alerting"),
            lazy("Agency's ways of alerting"),
            Ways,
            columns=("agency", "channels"),
            fixed=("agency",),
            fields=("channels",),
            search=("agency__code", "agency__short"),
            order=("agency__rank", "pk"),
            made_as={"channels": _ways},
            removable=True,
        ),
        Section(
            "capabilities",
            lazy("Capabilities"),
            lazy("Capability"),
            Capability,
            columns=("code", "name", "name_en"),
            fixed=("code",),
            fields=NAMES,
            search=("code", *NAMES),
            order=("code",),
        ),
        Section(
            "units",
            lazy("Units"),
            lazy("Unit"),
            Unit,
            columns=("call_sign", "agency", "kind", "capabilities", "station", "example", "active"),
            fixed=("call_sign",),
            fields=(
                "agency",
                "kind",
                "kind_en",
                "capabilities",
                "crew",
                "station",
                "station_lat",
                "station_lng",
                "post",
                "example",
                "active",
            ),
            search=("call_sign", "kind", "station", "agency__short"),
            order=("agency__rank", "call_sign"),
            children=("equipment",),
            define=define_unit,
            made_as={
                "capabilities": _capabilities,
                "call_sign": lambda: forms.RegexField(
                    r"^[A-Z]{2,5}-\d{2,3}$", help_text=lazy("Letters, hyphen, number: AMB-07")
                ),
            },
            check=_check_point,
        ),
        Section(
            "areas",
            lazy("Areas"),
            lazy("Area"),
            Area,
            columns=("code", "name", "district", "aliases"),
            fixed=("code",),
            fields=(
                "name",
                "aliases",
                "district",
                "district_code",
                "lat",
                "lng",
                "area_km2",
                "postcode",
                "neighbours",
            ),
            search=("code", "name", "district", "postcode"),
            order=("district", "name"),
            made_as={"aliases": CommaList, "neighbours": CommaList},
            check=_check_area,
            saved=forget,
        ),
        Section(
            "landmarks",
            lazy("Landmarks"),
            lazy("Landmark"),
            Landmark,
            columns=("name", "area", "aliases", "precision"),
            fields=("name", "aliases", "area", "precision", "lat", "lng"),
            search=("name", "area__name"),
            order=("name",),
            made_as={"aliases": CommaList},
            removable=True,
            check=_check_point,
            saved=forget,
        ),
        *READINESS_SECTIONS,
        *COMPLAINT_SECTIONS,
        *NEIGHBOUR_SECTIONS,
        *WARNING_SECTIONS,
        *ADVICE_SECTIONS,
    )
}
