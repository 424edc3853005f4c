"""What an action may answer instead of doing it.

Every error carries a short machine-readable `code`, the HTTP status that fits it and a
message in the user's language, which says what to do next.
"""

from typing import Any

# In a request's environment: why what was sent with it is not there to be read.
UNREAD = "sigap.unread"


class SigapError(Exception):
    """The base of every refusal that a user is told about."""

    status = 400
    code = "invalid"

    def __init__(self, message: Any, *, code: str | None = None, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.details = details

    def __str__(self) -> str:
        return str(self.message)


class Invalid(SigapError):
    """The input is not usable as it stands."""


class Forbidden(SigapError):
    """The actor may not do this."""

    status = 403
    code = "forbidden"


class Missing(SigapError):
    """No such call, incident, unit, ..."""

    status = 404
    code = "missing"


class Refused(SigapError):
    """The thing is not in a state that allows this."""

    status = 409
    code = "refused"


class Conflict(Refused):
    """Somebody changed the thing since the actor last saw it."""

    code = "conflict"


class NeedsConfirmation(Refused):
    """Allowed, but only when the actor says so once more (a second key press)."""

    code = "confirm"


class Busy(SigapError):
    """The database could not be had in time; nothing was written, try again."""

    status = 503
    code = "busy"
