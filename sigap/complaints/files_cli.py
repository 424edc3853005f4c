"""What was sent along with complaints on the command line: `sigap attachments …`."""

import os

import click


@click.group("attachments")
def attachments_group() -> None:
    """Photos, voice notes and documents of complaints."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sigap.config.settings")
    django.setup()


@attachments_group.command()
def verify() -> None:
    """Check every kept file against its hash; name what is missing or changed."""
    from sigap.core.vault_cli import tell_faults

    from .files import KEPT
    from .models import Attachment

    kept = Attachment.objects.filter(erased_at=None).order_by("id")
    named = kept.values_list("name", "digest").iterator(chunk_size=500)
    tell_faults(KEPT.faults(named), kept.count(), "files")


@attachments_group.command()
def rekey() -> None:
    """Encrypt all files anew with the present key; after it the old keys can go."""
    from sigap.core.vault_cli import rekey_all

    from .files import KEPT

    rekey_all(KEPT, "files")
