"""The form of a section, made from its entry: it reads and checks, it never saves."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.db import models
from django.forms.models import ModelFormMetaclass
from django.utils.translation import gettext as _

from sigap.core.errors import Invalid
from sigap.core.names import named
from sigap.fleet.models import Agency

from .fields import bind
from .labels import CHOICES, LABELS
from .section import Section

if TYPE_CHECKING:
    _ModelForm = forms.ModelForm[models.Model]
else:
    _ModelForm = forms.ModelForm


class Editing(_ModelForm):
    """A form with our own words, whose fixed fields cannot change once the record is made."""

    section: Section
    parent: models.Model | None

    def __init__(self, section: Section, *args: Any, parent: Any = None, **more: Any) -> None:
        self.section, self.parent = section, parent
        super().__init__(*args, **more)
        for name, field in self.fields.items():
            field.label = str(LABELS.get(name, name))
            field.error_messages["unique"] = _("There is one with this already.")
            bind(field, name)
            if isinstance(field, forms.ModelChoiceField):
                field.label_from_instance = _label  # type: ignore[method-assign, assignment]
            elif isinstance(field, forms.ChoiceField):
                field.choices = [(v, CHOICES.get(str(n), n)) for v, n in field.choices]  # type: ignore[union-attr, misc]
            if name in section.fixed and self.instance.pk is not None:
                field.disabled = True

    def _get_validation_exclusions(self) -> set[str]:
        """The record that it belongs to counts too where nothing may be there twice."""
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded - {self.section.parent}

    def clean(self) -> dict[str, Any]:
        """The section's own rules, after those of the single fields."""
        cleaned = super().clean() or {}
        parent = self.parent or getattr(self.instance, self.section.parent or "pk", None)
        for name, message in self.section.check(cleaned, parent).items():
            self.add_error(name, message)
        return cleaned

    def refuse(self, error: Invalid) -> None:
        """Show what the action refused beside the field that it is about."""
        fields = error.details.get("fields") or {"__all__": [str(error)]}
        for name, messages in fields.items():
            self.add_error(name if name in self.fields else None, list(messages))


def form_class(section: Section) -> type[Editing]:
    """The form class of a section, with the fields that the entry makes itself."""
    names = [*section.fixed, *section.fields]
    taken = {NON_FIELD_ERRORS: {"unique_together": _taken(section)}}
    meta = type("Meta", (), {"model": section.model, "fields": names, "error_messages": taken})
    made = {name: make() for name, make in section.made_as.items()}
    return ModelFormMetaclass("SectionForm", (Editing,), {"Meta": meta, **made})  # type: ignore[return-value]


def _taken(section: Section) -> str:
    """What is said where there is such a record already, in our names for its fields."""
    unique = section.model._meta.total_unique_constraints
    names = [name for constraint in unique for name in constraint.fields if name in LABELS]
    fields = ", ".join(str(LABELS[name]) for name in names if name != section.parent)
    return _("There is one with the same already: %(fields)s.") % {"fields": fields}


def _label(row: models.Model) -> str:
    return row.short if isinstance(row, Agency) else named(row)
