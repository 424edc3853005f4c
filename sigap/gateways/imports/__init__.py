"""Bringing in the records of an older system; see docs/import.md."""
