"""What people conclude from the record."""

from .notes.models import ReviewNote

__all__ = ["ReviewNote"]
