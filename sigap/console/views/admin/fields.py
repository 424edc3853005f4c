"""Form fields for what is kept as JSON: comma lists, options and rule conditions as lines."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from sigap.core.codes import check_code

MOST_LINES = 60
DAY_S = 24 * 60 * 60

# What a number may be; the same name means the same everywhere.
BOUNDS: dict[str, tuple[int, int]] = {
    "seconds": (1, DAY_S),
    "percent": (0, 100),
    "crew": (1, 99),
    "min_crew": (0, 99),
    "count": (1, 99),
    "rank": (0, 9999),
    "weight": (1, 10),
    "duplicate_minutes": (1, 1440),
    "duplicate_metres": (1, 100_000),
    "area_km2": (0, 100_000),
    **dict.fromkeys(("lat", "station_lat"), (-90, 90)),
    **dict.fromkeys(("lng", "station_lng"), (-180, 180)),
}


def bind(field: forms.Field, name: str) -> None:
    """Keep the number of this name within its bounds, here and in the browser."""
    if name not in BOUNDS:
        return
    low, high = BOUNDS[name]
    field.validators += [MinValueValidator(low), MaxValueValidator(high)]
    field.widget.attrs |= {"min": low, "max": high}


class CommaList(forms.CharField):
    """A list of words, written with commas between."""

    def __init__(self, **more: Any) -> None:
        super().__init__(
            **{"required": False, "help_text": lazy("Several: put commas between."), **more}
        )

    def prepare_value(self, value: Any) -> Any:
        """The list as it is written."""
        return ", ".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """What was written, as a list without blanks and repeats."""
        words = [part.strip() for part in (value or "").split(",")]
        return list(dict.fromkeys(word for word in words if word))


class Several(forms.MultipleChoiceField):
    """Some of a list of codes, as boxes to tick."""

    widget = forms.CheckboxSelectMultiple


class _Lines(forms.CharField):
    widget = forms.Textarea(attrs={"rows": 5, "cols": 60, "spellcheck": "false"})

    def lines(self, value: Any) -> list[tuple[int, str]]:
        """The numbered lines that say something."""
        found = [(n, line.strip()) for n, line in enumerate((value or "").splitlines(), 1)]
        found = [(n, line) for n, line in found if line]
        if len(found) > MOST_LINES:
            raise ValidationError(_("At most %(n)d lines.") % {"n": MOST_LINES})
        return found


class Options(_Lines):
    """The answers of a choice question, one per line: code | Indonesian | English."""

    def __init__(self, **more: Any) -> None:
        help_text = lazy("Only for a choice. One answer per line: code | Indonesian | English")
        super().__init__(**{"required": False, "help_text": help_text, **more})

    def prepare_value(self, value: Any) -> Any:
        """The answers as lines."""
        if not isinstance(value, list):
            return value
        return "\n".join(" | ".join(option) for option in value)

    def to_python(self, value: Any) -> Any:
        """The lines as answers."""
        found: list[list[str]] = []
        for number, line in self.lines(value):
            parts = [part.strip() for part in line.split("|")]
            if len(parts) != 3 or not all(parts):  # noqa: PLR2004 - code and two names
                raise ValidationError(
                    _("Line %(n)d: write code | Indonesian | English.") % {"n": number}
                )
            try:
                check_code(parts[0])
            except ValidationError as error:
                raise ValidationError(_("Line %(n)d: this is no code.") % {"n": number}) from error
            if parts[0] in [option[0] for option in found]:
                raise ValidationError(_("Line %(n)d: this code stands twice.") % {"n": number})
            found.append(parts)
        return found


class Conditions(_Lines):
    """When a rule holds, one question per line: question = answer, answer."""

    def __init__(self, **more: Any) -> None:
        help_text = lazy("One question per line: question = answer, answer. All must hold.")
        super().__init__(**{"help_text": help_text, **more})

    def prepare_value(self, value: Any) -> Any:
        """The conditions as lines."""
        if not isinstance(value, dict):
            return value
        return "\n".join(f"{question} = {', '.join(found)}" for question, found in value.items())

    def to_python(self, value: Any) -> Any:
        """The lines as conditions."""
        found: dict[str, list[str]] = {}
        for number, line in self.lines(value):
            question, _sign, answers = line.partition("=")
            words = [w.strip() for w in answers.split(",") if w.strip()]
            if not question.strip() or not words:
                raise ValidationError(
                    _("Line %(n)d: write question = answer, answer.") % {"n": number}
                )
            if question.strip() in found:
                raise ValidationError(_("Line %(n)d: this question stands twice.") % {"n": number})
            found[question.strip()] = words
        return found
