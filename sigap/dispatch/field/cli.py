"""Crews' photos on the command line: `sigap photos …`."""

import os
import sys

import click


@click.group("photos")
def photos_group() -> None:
    """Photos that crews took in the field."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sigap.config.settings")
    django.setup()


@photos_group.command()
def verify() -> None:
    """Check every kept photo against its hash; name what is missing or changed."""
    from sigap.core.vault import Unreadable

    from .files import KEPT
    from .models import FieldPhoto

    kept = FieldPhoto.objects.filter(kept_at__isnull=False, erased_at=None).order_by("id")
    found = 0
    for name, digest in kept.values_list("name", "digest").iterator(chunk_size=500):
        try:
            KEPT.read(name, digest)
        except Unreadable as fault:
            found += 1
            click.echo(f"{name}: {fault}", err=True)
    if found:
        sys.exit(f"{found} faults among {kept.count()} photos.")
    click.echo(f"{kept.count()} photos are sound.")


@photos_group.command()
def rekey() -> None:
    """Encrypt all photos anew with the present key; after it the old keys can go."""
    from sigap.core.vault import Unreadable

    from .files import KEPT

    done, left = 0, 0
    for name, _path in list(KEPT.kept()):
        try:
            KEPT.rekey(name)
            done += 1
        except (Unreadable, OSError) as fault:
            left += 1
            click.echo(f"{name}: {fault}", err=True)
    click.echo(f"{done} photos are encrypted with the present key.")
    if left:
        sys.exit(f"{left} could not be: keep the old keys.")
