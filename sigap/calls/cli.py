"""The recordings on the command line: `sigap recordings …`."""

import os
import sys

import click


@click.group("recordings")
def recordings_group() -> None:
    """The recordings of calls."""


@recordings_group.command()
def verify() -> None:
    """Check every kept recording against its hash; name what is missing or changed."""
    _start()
    from .keeping import faults
    from .models import Recording

    found = 0
    for name, fault in faults():
        found += 1
        click.echo(f"{name}: {fault}", err=True)
    sound = Recording.objects.filter(state="stored").count()
    if found:
        sys.exit(f"{found} faults among {sound} recordings.")
    click.echo(f"{sound} recordings are sound.")


@recordings_group.command()
def rekey() -> None:
    """Encrypt all recordings anew with the present key; after it the old keys can go."""
    _start()
    from sigap.core.vault import Unreadable

    from . import vault

    done, left = 0, 0
    for name, _path in list(vault.KEPT.kept()):
        try:
            vault.KEPT.rekey(name)
            done += 1
        except (Unreadable, OSError) as fault:
            left += 1
            click.echo(f"{name}: {fault}", err=True)
    click.echo(f"{done} recordings are encrypted with the present key.")
    if left:
        sys.exit(f"{left} could not be: keep the old keys.")


def _start() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sigap.config.settings")
    django.setup()
