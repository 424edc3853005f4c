"""What a category asks beside the words: told to programs, and understood when they answer."""

from typing import Any

from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sigap.complaints.models import Category
from sigap.core.errors import Invalid

from .answers import Value

ASSET, MOST_ASSET = "asset", 32
MOST_ANSWER = 500


def definition(category: Category) -> Value:
    """The questions of a category, as the specification lists them."""
    return {
        "service_code": category.code,
        "attributes": [
            {
                "variable": True,
                "code": one["code"],
                "datatype": one["datatype"],
                "required": one["required"],
                "datatype_description": None,
                "order": order,
                "description": named(one),
                "values": [{"key": v["key"], "name": named(v)} for v in one["values"]],
            }
            for order, one in enumerate(category.attributes, start=1)
        ],
    }


def answers_of(category: Category, form: QueryDict) -> tuple[str, list[str]]:
    """What was answered: the number of the asset, and a line for each other answer; Invalid for
    one that is missing or not offered."""
    asset, lines = "", []
    for one in category.attributes:
        code = one["code"]
        given = [*form.getlist(f"attribute[{code}]"), *form.getlist(f"attribute[{code}][]")]
        given = [text.strip() for text in given if text.strip()]
        if not given and one["required"]:
            raise _wrong(code, _("is missing"))
        if len(given) > 1 and one["datatype"] != "multivaluelist":
            raise _wrong(code, _("was answered more than once"))
        if any(len(text) > MOST_ANSWER for text in given):
            raise _wrong(code, _("is too long"))
        if code == ASSET:
            asset = "".join(c for text in given for c in text if c.isprintable())
            if len(asset) > MOST_ASSET:
                raise _wrong(code, _("is too long"))
        elif given:
            lines.append(f"{one['name']}: {', '.join(_said(one, text) for text in given)}")
    return asset, lines


def named(row: Any) -> str:
    """What people call an attribute or an answer."""
    return str(row["name_en"] if get_language() == "en" else row["name"])


def _said(one: Any, text: str) -> str:
    """An answer in the city's words, which the desk reads."""
    if one["datatype"] == "number":
        try:
            float(text)
        except ValueError:
            raise _wrong(one["code"], _("is no number")) from None
    if not one["values"]:
        return text
    names = {value["key"]: str(value["name"]) for value in one["values"]}
    if text not in names:
        raise _wrong(one["code"], _("is not one of the values offered"))
    return names[text]


def _wrong(code: str, why: str) -> Invalid:
    return Invalid(f"attribute[{code}]: {why}", code="attribute")
