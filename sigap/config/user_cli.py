"""`sigap user`: accounts on the machine itself, for when no administrator can sign in."""

from typing import Any

import click


@click.group("user")
def user_group() -> None:
    """Let people in again when no administrator can. Each change is in the journal."""
    from .cli import start_django

    start_django()


@user_group.command("list")
def list_users() -> None:
    """All accounts: user name, roles, whether they may sign in, second factor."""
    from sigap.core.models import User

    for user in User.objects.order_by("username"):
        active = "active" if user.is_active else "inactive"
        factor = "second factor" if user.totp_secret else "-"
        click.echo("\t".join((user.username, ",".join(user.roles), active, factor)))


@user_group.command("reset-password")
@click.argument("username")
def reset_password(username: str) -> None:
    """Give a new password, shown once and to be changed at the next sign-in."""
    from sigap.core.accounts import one_time_password
    from sigap.core.actions.accounts import change_password
    from sigap.core.actors import system

    password = one_time_password()
    change_password(_user(username), password, actor=system("cli"))
    click.echo(password)


@user_group.command("remove-second-factor")
@click.argument("username")
def take_second_factor(username: str) -> None:
    """Take away a lost phone's second factor; a new one is set up at the next sign-in."""
    from sigap.core.actions.accounts import remove_second_factor
    from sigap.core.actors import system

    remove_second_factor(_user(username), actor=system("cli"))
    click.echo(f"{username}: removed")


def _user(username: str) -> Any:
    from sigap.core.models import User

    found = User.objects.filter(username=username).first()
    if found is None:
        raise click.ClickException(f"No such user name: {username}. See: sigap user list")
    return found
