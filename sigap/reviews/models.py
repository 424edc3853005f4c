"""What people conclude from the record; each table lies beside what writes it."""

from .notes.models import ReviewNote
from .reports.models import Digest, Report

__all__ = ["Digest", "Report", "ReviewNote"]
