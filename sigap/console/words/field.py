"""What the journal says of crews in the field, in the language of whoever reads it."""

from typing import Any

from django.utils.translation import gettext as _

from sigap.dispatch.field.names import form_names, lines_of


def field_templates() -> dict[str, str]:
    """A sentence for each kind of journal row about them."""
    return {
        "unit.mayday": _("%(unit)s calls for help (mayday)"),
        "unit.mayday_over": _("%(unit)s calls its call for help off"),
        "unit.wants_caller": _("%(unit)s wants to speak with the caller"),
        "unit.on_board": _("On board of %(unit)s: %(count)s"),
        "field.report": _("%(unit)s reports: %(form)s"),
        "field.photo": _("%(unit)s sent a photo"),
    }


def form_in_words(body: dict[str, Any]) -> str:
    """A crew's form on one line: its name, and the numbers of its lines."""
    form = body.get("form", "")
    names, counts = dict(lines_of(form)), body.get("counts") or {}
    lines = ", ".join(f"{names.get(line, line)} {number}" for line, number in counts.items())
    return f"{form_names().get(form, form)} ({lines})" if lines else form_names().get(form, form)
