"""Positions of phones and trackers: the doors they come in by, and the buffer before the table."""
