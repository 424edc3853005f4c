"""Hearing whether somebody speaks on a line: a process of its own beside the telephony's."""
