"""What a code is: the short name by which commands, journal and configuration mean a type, a
reason, a place or a unit. What an administrator may make here works everywhere."""

import re
from typing import Annotated, Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from pydantic import StringConstraints

LETTERS = "A-Za-z0-9_.:+/-"
# In commands and in the journal; empty where none is given.
Code = Annotated[str, StringConstraints(pattern=f"^[{LETTERS}]{{0,64}}$")]


def CodeField(**more: Any) -> "models.CharField[str, str]":  # noqa: N802 - reads as a field
    """The column of a code that the city gives."""
    return models.CharField(**{"max_length": 32, "validators": [check_code], **more})


def check_code(text: str) -> None:
    """Refuse what is no code, in a form or a city pack."""
    if not re.fullmatch(f"[{LETTERS}]+", text):
        raise ValidationError(_("A code has only letters from A to Z, digits and _ . : + / -"))
