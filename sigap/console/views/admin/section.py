"""What one kind of record of the configuration is: its address, its columns, its form."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.db import models
from django.utils.functional import Promise

from sigap.core.actions.configuration import define

Errors = dict[str, str]
Cleaned = Mapping[str, Any]


def no_errors(_cleaned: Cleaned, _parent: Any) -> Errors:
    """Nothing is wrong."""
    return {}


def _nothing() -> None:
    pass


@dataclass(frozen=True)
class Section:
    """One kind of record: its address, its columns, its form."""

    name: str
    title: str | Promise
    one: str | Promise
    model: type[models.Model]
    columns: tuple[str, ...]
    fields: tuple[str, ...]
    # What others refer to: given once, when the record is made.
    fixed: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    order: tuple[str, ...] = ("pk",)
    made_as: Mapping[str, Callable[[], forms.Field]] = field(default_factory=dict)
    parent: str = ""  # the field that names the record it belongs to
    parent_section: str = ""
    children: tuple[str, ...] = ()
    removable: bool = False
    check: Callable[[Cleaned, Any], Errors] = no_errors
    define: Callable[..., models.Model] = define
    saved: Callable[[], None] = _nothing
