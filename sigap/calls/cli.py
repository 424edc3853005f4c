"""The recordings on the command line: `sigap recordings …`."""

import os

import click


@click.group("recordings")
def recordings_group() -> None:
    """The recordings of calls."""


@recordings_group.command()
def verify() -> None:
    """Check every kept recording against its hash; name what is missing or changed."""
    _start()
    from sigap.core.vault_cli import tell_faults

    from .keeping import faults
    from .models import Recording

    tell_faults(faults(), Recording.objects.filter(state="stored").count(), "recordings")


@recordings_group.command()
def rekey() -> None:
    """Encrypt all recordings anew with the present key; after it the old keys can go."""
    _start()
    from sigap.core.vault_cli import rekey_all

    from . import vault

    rekey_all(vault.KEPT, "recordings")


def _start() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sigap.config.settings")
    django.setup()
