"""Sigap: emergency calls, dispatch and public complaints for an Indonesian city."""

__version__ = "0.1.0"
