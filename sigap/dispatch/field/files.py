"""Where crews' photos are kept: whole ones, and the pieces of those that are still coming."""

from pathlib import Path

from django.conf import settings

from sigap.core.vault import Vault


def _folder() -> Path:
    return settings.ENV.attachments() / "field"


KEPT = Vault(_folder, b"field-photo", ".fernet")
MOST_BYTES = 12 * 1024 * 1024  # what a camera makes where the browser could not shrink it
MOST_PIECE = 128 * 1024


def piece_name(name: str, offset: int) -> str:
    """The file of the piece that begins there."""
    return f"{name}-{offset}"
