"""What the commands about kept files say, whichever folder they are of."""

import sys
from collections.abc import Iterable

import click

from .vault import Unreadable, Vault


def tell_faults(faults: Iterable[tuple[str, str]], count: int, things: str) -> None:
    """Name each file that is missing or changed, then end with how many of `count` are."""
    found = 0
    for name, fault in faults:
        found += 1
        click.echo(f"{name}: {fault}", err=True)
    if found:
        sys.exit(f"{found} faults among {count} {things}.")
    click.echo(f"{count} {things} are sound.")


def rekey_all(vault: Vault, things: str) -> None:
    """Encrypt all files anew with the present key, and say which could not be."""
    done, left = 0, 0
    for name, _path in list(vault.kept()):
        try:
            vault.rekey(name)
            done += 1
        except (Unreadable, OSError) as fault:
            left += 1
            click.echo(f"{name}: {fault}", err=True)
    click.echo(f"{done} {things} are encrypted with the present key.")
    if left:
        sys.exit(f"{left} could not be: keep the old keys.")
