"""Crews' photos on the command line: `sigap photos …`."""

import os

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
    from sigap.core.vault_cli import tell_faults

    from .files import KEPT
    from .models import FieldPhoto

    kept = FieldPhoto.objects.filter(kept_at__isnull=False, erased_at=None).order_by("id")
    named = kept.values_list("name", "digest").iterator(chunk_size=500)
    tell_faults(KEPT.faults(named), kept.count(), "photos")


@photos_group.command()
def rekey() -> None:
    """Encrypt all photos anew with the present key; after it the old keys can go."""
    from sigap.core.vault_cli import rekey_all

    from .files import KEPT

    rekey_all(KEPT, "photos")
