"""What happens to accounts: rights, sign-ins, shifts."""

from ..codes import Code
from .body import Body


class UserChanged(Body):
    """Which rights or sign-in facts of a person's account changed."""

    user: int
    roles: list[Code] | None = None
    fields: list[Code] = []


class SignIn(Body):
    """A sign-in, its failure or its end; the user is None when the name is unknown."""

    user: int | None = None
    role: Code = ""


ACCOUNT_KINDS: dict[str, type[Body]] = {
    "user.created": UserChanged,
    "user.changed": UserChanged,
    "user.signed_in": SignIn,
    "user.sign_in_failed": SignIn,
    "user.signed_out": SignIn,
    "shift.started": SignIn,
    "shift.ended": SignIn,
}
