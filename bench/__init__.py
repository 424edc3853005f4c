"""Measurements against the published targets; `python -m bench` runs them all."""
