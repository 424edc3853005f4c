"""Django looks for tables here; each lies beside what writes it."""

from .reports.models import Digest, Report

__all__ = ["Digest", "Report"]
