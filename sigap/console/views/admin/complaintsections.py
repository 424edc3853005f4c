"""What a city may change about complaints; see sections."""

from django import forms
from django.utils.translation import gettext_lazy as lazy

from sigap.complaints.models import (
    CLASSES,
    PUBLISH,
    AnswerTemplate,
    Category,
    DangerWords,
    WorkingDay,
)
from sigap.complaints.names import class_of_complaint_names
from sigap.complaints.sorting import forget

from .fields import CommaList
from .labels import CHOICES
from .section import Section


def _class() -> forms.Field:
    names = class_of_complaint_names()
    return forms.ChoiceField(choices=[(code, names[code]) for code in CLASSES])


def _publish() -> forms.Field:
    return forms.ChoiceField(choices=[(code, CHOICES[f"publish_{code}"]) for code in PUBLISH])


COMPLAINT_SECTIONS = (
    Section(
        "categories",
        lazy("Categories of complaints"),
        lazy("Category of complaints"),
        Category,
        columns=("name", "group", "agency", "publish", "active"),
        fixed=("code",),
        fields=(
            *("name", "name_en", "group", "agency", "complaint_class"),
            *("words", "publish", "rank", "active"),
        ),
        search=("code", "name", "name_en", "group"),
        order=("rank", "pk"),
        made_as={"words": CommaList, "complaint_class": _class, "publish": _publish},
        saved=forget,
    ),
    Section(
        "danger",
        lazy("Words of danger"),
        lazy("List of words of danger"),
        DangerWords,
        columns=("code", "phrases"),
        fixed=("code",),
        fields=("phrases",),
        search=("code",),
        order=("pk",),
        made_as={"phrases": CommaList},
        saved=forget,
    ),
    Section(
        "templates",
        lazy("Templates of answers"),
        lazy("Template of an answer"),
        AnswerTemplate,
        columns=("name", "agency", "category"),
        fields=("name", "body", "agency", "category"),
        search=("name", "body"),
        order=("name",),
        removable=True,
    ),
    Section(
        "days",
        lazy("Working days"),
        lazy("Working day or day off"),
        WorkingDay,
        columns=("day", "works", "name"),
        fixed=("day",),
        fields=("works", "name"),
        search=("name",),
        order=("-day",),
        removable=True,
    ),
)
