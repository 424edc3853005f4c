"""Accounts: who may sign in, with what, and in which roles."""

from typing import Any

import pyotp
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from .. import clock
from ..accounts import (
    cipher,
    forgotten_before,
    locked_for,
    spend_time_on_password,
    still_counted,
    throttle_keys,
    totp_step,
)
from ..actors import AGENCY_ROLES, Actor, Permission, Role, of_user, system
from ..errors import Invalid, SigapError
from ..journal import record, subject_of
from ..kinds.accounts import SignIn, UserChanged
from ..models import SignInThrottle, User
from ..transaction import transaction

# What `change_user` changes; password and second factor have actions of their own.
CHANGEABLE = {"name", "roles", "agency", "unit", "language", "is_active"}


class SignInFailed(SigapError):
    """The name, password or code was wrong, or it is too soon to try again."""

    status = 401
    code = "sign_in"


def create_user(
    username: str,
    *,
    name: str,
    password: str,
    roles: list[str],
    actor: Actor,
    agency: str = "",
    unit: str = "",
    must_change_password: bool = True,
) -> User:
    """Make an account. Agency staff must belong to an agency, crew to a unit."""
    actor.require(Permission.ADMINISTER)
    username = username.strip()
    with transaction():
        user = User(
            username=username,
            name=name.strip(),
            roles=_checked_roles(roles, agency, unit),
            agency=agency,
            unit=unit,
            must_change_password=must_change_password,
        )
        _set_password(user, password)
        _save_checked(user)
        body = UserChanged(user=user.pk, roles=user.roles)
        record("user.created", subject=subject_of(user), actor=actor, body=body)
        return user


def change_user(user: User, *, actor: Actor, **fields: Any) -> User:
    """Change name, roles, agency, unit, language or is_active; ends the person's sessions
    when rights change."""
    if unknown := set(fields) - CHANGEABLE:
        raise TypeError(f"not changed here: {unknown}")
    own = {"language"}
    if not (set(fields) <= own and actor.user_id == user.pk):
        actor.require(Permission.ADMINISTER)
    with transaction():
        user = User.objects.get(pk=user.pk)
        changed = [n for n, v in fields.items() if getattr(user, n) != v]
        if not changed:
            return user
        was_administrator = user.is_active and Role.ADMINISTRATOR in user.roles
        for field in changed:
            setattr(user, field, fields[field])
        user.roles = _checked_roles(user.roles, user.agency, user.unit)
        if set(changed) & {"roles", "agency", "unit", "is_active"}:
            user.epoch += 1
        if was_administrator:
            _keep_an_administrator(user)
        _save_checked(user)
        body = UserChanged(
            user=user.pk, roles=user.roles if "roles" in changed else None, fields=changed
        )
        record("user.changed", subject=subject_of(user), actor=actor, body=body)
        return user


def change_password(user: User, password: str, *, actor: Actor, old: str | None = None) -> None:
    """Set a new password: by the person with the old one, or by an administrator, who
    thereby makes it one to be changed at the next sign-in. Guesses at the old one wait, as
    they do at the sign-in."""
    own = actor.user_id == user.pk
    if own:
        _prove(user, old or "")
    with transaction():
        user = User.objects.get(pk=user.pk)
        if own:
            if user.check_password(password):
                raise Invalid(_("This is the old password: choose another one."), code="same")
            user.must_change_password = False
        else:
            actor.require(Permission.ADMINISTER)
            user.must_change_password = True
        _set_password(user, password)
        user.epoch += 1
        user.save()
        _changed(user, "password", actor)


def begin_second_factor() -> str:
    """A new secret for an authenticator app; it counts once a code proves that it arrived."""
    return pyotp.random_base32()


def confirm_second_factor(user: User, secret: str, code: str, *, actor: Actor) -> None:
    """Keep the secret when `code` is right for it; Invalid otherwise."""
    if actor.user_id != user.pk:
        actor.require(Permission.ADMINISTER)
    with transaction():
        user = User.objects.get(pk=user.pk)
        user.totp_secret, user.totp_last_step = cipher().encrypt(secret.encode()).decode(), 0
        step = totp_step(user, code)
        if step is None:
            raise Invalid(_("The code is not right. Check the clock of your phone."), code="code")
        user.totp_last_step = step
        user.save()
        _changed(user, "second_factor", actor)


def remove_second_factor(user: User, *, actor: Actor) -> None:
    """Take away a lost phone's second factor; the person sets up a new one at sign-in."""
    actor.require(Permission.ADMINISTER)
    with transaction():
        user = User.objects.get(pk=user.pk)
        user.totp_secret, user.epoch = "", user.epoch + 1
        user.save()
        _changed(user, "second_factor", actor)


def check_sign_in(username: str, password: str, *, address: str) -> User:
    """The person with this name and password. Raises SignInFailed, which never says which
    of the two was wrong; waits grow with failures of the name or the address."""
    _count_attempt(throttle_keys(username, address))
    user = User.objects.filter(username=username.strip(), is_active=True).first()
    if user is None:
        spend_time_on_password(password)
    if user is None or not user.check_password(password):
        _failed(user)
        raise SignInFailed(_("The name or the password is not right."))
    return user


def check_code(user: User, code: str, *, address: str) -> None:
    """Accept a second-factor code once; SignInFailed otherwise, with the same throttle."""
    _count_attempt(throttle_keys(user.username, address))
    with transaction():
        user = User.objects.get(pk=user.pk)
        step = totp_step(user, code)
        if step is not None:
            user.totp_last_step = step
            user.save(update_fields=["totp_last_step"])
    if step is None:
        _failed(user)
        raise SignInFailed(_("The code is not right."))


def signed_in(user: User, *, address: str) -> None:
    """Record a complete sign-in and forget the failures of the name before it. Those of the
    address stay: whoever guesses at many names may have one of their own."""
    name, place = throttle_keys(user.username, address)
    attempts = 2 if user.totp_secret else 1  # this sign-in's own
    with transaction():
        SignInThrottle.objects.filter(key=name).delete()
        SignInThrottle.objects.filter(key=place).update(
            failures=Greatest(F("failures") - attempts, 0)
        )
        actor = of_user(user)
        record("user.signed_in", subject=subject_of(user), actor=actor, body=SignIn(user=user.pk))


def signed_out(*, actor: Actor) -> None:
    """Record the end of a session."""
    with transaction():
        body = SignIn(user=actor.user_id)
        record("user.signed_out", subject=f"user:{actor.user_id}", actor=actor, body=body)


def forget_sign_ins() -> int:
    """Remove sessions that are over and failures that no longer count; returns how many."""
    with transaction():
        sessions, _each = Session.objects.filter(expire_date__lt=clock.now()).delete()
        failures, _each = SignInThrottle.objects.filter(last_at__lt=forgotten_before()).delete()
        return sessions + failures


def _count_attempt(keys: list[str]) -> None:
    """Count before the password is looked at, so that guesses sent at once count as many;
    a complete sign-in forgets them."""
    with transaction():
        wait = locked_for(keys)
        if wait:
            raise SignInFailed(
                _("Too many attempts. Try again in %(n)d seconds.") % {"n": wait.seconds + 1},
                code="throttled",
            )
        SignInThrottle.objects.filter(key__in=keys, last_at__lt=forgotten_before()).delete()
        for key in keys:
            row, _made = SignInThrottle.objects.get_or_create(
                key=key, defaults={"last_at": clock.now()}
            )
            row.failures, row.last_at = still_counted(row) + 1, clock.now()
            row.save()


def _prove(user: User, password: str) -> None:
    """Invalid unless this is the person's password; too many guesses must wait."""
    name, _address = throttle_keys(user.username, "")
    _count_attempt([name])
    if not User.objects.get(pk=user.pk).check_password(password):
        _failed(user)
        raise Invalid(_("The old password is not right."), code="password")
    with transaction():
        SignInThrottle.objects.filter(key=name).delete()


def _failed(user: User | None) -> None:
    with transaction():
        record(
            "user.sign_in_failed",
            subject=f"user:{user.pk if user else 0}",
            actor=system("sign_in"),
            body=SignIn(user=user.pk if user else None),
        )


def _save_checked(user: User) -> None:
    try:
        user.full_clean()
    except ValidationError as error:
        raise Invalid(" ".join(error.messages), code="fields") from error
    user.save()


def _set_password(user: User, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid(" ".join(error.messages), code="password") from error
    user.set_password(password)


def _checked_roles(roles: list[str], agency: str, unit: str) -> list[str]:
    unknown = [r for r in roles if r not in set(Role)]
    if unknown or not roles:
        raise Invalid(_("Choose at least one role."), code="roles")
    if any(r in AGENCY_ROLES for r in roles) and not agency:
        raise Invalid(_("Agency staff must belong to an agency."), code="agency")
    if Role.CREW in roles and not unit:
        raise Invalid(_("Crew must belong to a unit."), code="unit")
    return sorted(roles)


def _keep_an_administrator(user: User) -> None:
    others = User.objects.filter(is_active=True).exclude(pk=user.pk)
    stays = user.is_active and Role.ADMINISTRATOR in user.roles
    if not stays and not any(Role.ADMINISTRATOR in u.roles for u in others):
        raise Invalid(_("The last administrator cannot be removed."), code="last")


def _changed(user: User, field: str, actor: Actor) -> None:
    body = UserChanged(user=user.pk, fields=[field])
    record("user.changed", subject=subject_of(user), actor=actor, body=body)
