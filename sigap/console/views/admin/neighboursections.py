"""What a city enters about neighbouring centres; see sections."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as lazy

from sigap.neighbours.actions import define_centre
from sigap.neighbours.models import Centre, TypeCode

from .fields import CommaList
from .section import Section


class Secret(forms.CharField):
    """Something that is entered and never shown: an empty field leaves what is kept as it is."""

    widget = forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=False)

    def __init__(self, **more: Any) -> None:
        text = lazy("Never shown again. Empty: stays as it is.")
        super().__init__(**{"required": False, "help_text": text, "max_length": 128, **more})


NEIGHBOUR_SECTIONS = (
    Section(
        "centres",
        lazy("Neighbouring centres"),
        lazy("Neighbouring centre"),
        Centre,
        columns=("name", "area", "phone", "url", "example", "active"),
        fixed=("code",),
        fields=(
            *("name", "name_en", "area", "places", "lat", "lng", "phone", "url", "known_as"),
            *("secret_out", "secret_in", "access_code", "example", "active"),
        ),
        search=("code", "name", "name_en", "area"),
        order=("name",),
        made_as={
            "places": CommaList,
            "secret_out": Secret,
            "secret_in": Secret,
            "access_code": Secret,
        },
        define=define_centre,
    ),
    Section(
        "typecodes",
        lazy("Neighbours' codes"),
        lazy("Code of a neighbour"),
        TypeCode,
        columns=("code", "type"),
        fixed=("code",),
        fields=("type",),
        search=("code", "type__name", "type__name_en"),
        order=("code",),
        removable=True,
    ),
)
