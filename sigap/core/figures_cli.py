"""What the commands that print the city's figures share: which database, and faults in one line."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import click

FORM = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "csv", "json"]),
    default="text",
    show_default=True,
)


def start(drill: bool) -> None:
    """Load the apps, with the drill's settings where it is about the drill."""
    import django
    from django.apps import apps

    if drill and not apps.ready:
        os.environ["SIGAP_DRILL"] = "true"
    django.setup()


def check_deployment(drill: bool | None) -> None:
    """A drill's figures must not be taken for the city's, nor the other way round. None: those of
    whichever this database is of."""
    from django.utils.translation import gettext as _

    from .queries import deployment

    served = deployment()
    if served is None:
        raise click.ClickException(_("This database serves no city yet. Run `sigap setup` first."))
    if served.drill and drill is False:
        raise click.ClickException(
            _("This is the database of a drill, which never counts. To see it, add --drill.")
        )
    if drill and not served.drill:
        raise click.ClickException(_("This is the city's own database, not a drill's."))


@contextmanager
def told() -> Iterator[None]:
    """A refusal in one line."""
    from .errors import SigapError

    try:
        yield
    except SigapError as error:
        raise click.ClickException(str(error)) from error
