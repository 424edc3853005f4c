"""What records and their fields are called in lists, in titles and in the change log."""

from django.db import models
from django.utils.translation import gettext as _

from sigap.complaints.models import PUBLISH
from sigap.complaints.names import category_group_names
from sigap.core.names import in_language, named
from sigap.evaluation.definitions import group_names
from sigap.fleet.models import Agency, Capability

from .labels import CHOICES
from .section import Section


def title_of(section: Section, row: models.Model) -> str:
    """What a record is called; one without a name by what its list shows of it."""
    if any(hasattr(row, field) for field in ("name", "text", "code", "call_sign")):
        return named(row)
    names = code_names()
    return " · ".join(filter(None, (cell_of(row, column, names) for column in section.columns)))


def code_names() -> dict[str, dict[str, str]]:
    """What the codes in a column stand for."""
    capabilities = {c.code: named(c) for c in Capability.objects.all()}
    groups = category_group_names() | group_names()
    return {
        "group": groups,
        "kind": {code: str(name) for code, name in CHOICES.items()} | groups,
        "capabilities": capabilities,
        "capability": capabilities,
        "publish": {code: str(CHOICES[f"publish_{code}"]) for code in PUBLISH},
        "lead": dict(Agency.objects.values_list("code", "short")),
    }


def cell_of(row: models.Model, column: str, names: dict[str, dict[str, str]]) -> str:
    """A field of a record as a list shows it; `names` are those of `code_names`."""
    value = getattr(row, column)
    if hasattr(row, f"{column}_en"):
        return in_language(row, column)
    if column in names:
        codes = value if isinstance(value, list) else [value]
        return ", ".join(names[column].get(code, code) or "" for code in codes)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return "; ".join(f"{k} = {', '.join(v)}" for k, v in value.items())
    if column == "level":
        return f"A{value}"
    if column == "priority":
        return f"P{value}" if value else str(CHOICES["*"])
    if isinstance(value, models.Model):
        return str(getattr(value, "short", "") or named(value))
    if column in ("purpose", "clock", "statistic", "precision"):
        return str(CHOICES.get(value, value))
    return "" if value is None else str(value)
