"""The session of a signed-in person, and where it leads."""

from django.http import HttpRequest
from django.middleware.csrf import rotate_token
from django.utils.http import url_has_allowed_host_and_scheme

from sigap.core import clock
from sigap.core.accounts import needs_second_factor
from sigap.core.actors import Role
from sigap.core.models import Shift, User

# Where each role works; of several roles the first one here counts.
SCREENS = {
    Role.SUPERVISOR: "/supervisor",
    Role.DISPATCHER: "/dispatch",
    Role.CALL_TAKER: "/calls",
    Role.AGENCY_HEAD: "/agency/complaints",
    Role.AGENCY: "/agency",
    Role.CREW: "/crew",
    Role.ADMINISTRATOR: "/admin",
    Role.EVALUATOR: "/monev",
}
AT_A_DESK = (Role.DISPATCHER, Role.CALL_TAKER)


def begin(request: HttpRequest, user: User, *, owes: str) -> None:
    """Begin a session under a new key: one that was planted before is worth nothing."""
    now = clock.now().timestamp()
    request.session.clear()
    request.session.cycle_key()
    request.session.update({"user_id": user.pk, "epoch": user.epoch, "seen": now, "began": now})
    if owes:
        request.session["owes"] = owes
    rotate_token(request)


def owed_by(user: User) -> str:
    """What the person must do before anything else: "password", "second-factor" or ""."""
    if user.must_change_password:
        return "password"
    return "second-factor" if needs_second_factor(user) and not user.totp_secret else ""


def home_of(user: User) -> str:
    """The screen where this person's work begins."""
    role = next((r for r in SCREENS if r in user.roles), None)
    if role in AT_A_DESK and not Shift.objects.filter(user=user, ended_at=None).exists():
        return "/start"
    return SCREENS[role] if role else "/account/language"


def local(address: str) -> str:
    """`address` where it stays on this site, else ""."""
    safe = address.startswith("/") and url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    return address if safe else ""
