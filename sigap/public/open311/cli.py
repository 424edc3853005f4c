"""`sigap open311`: the keys of programs that report for citizens."""

import click


@click.group("open311")
def open311() -> None:
    """Programs of others that report for citizens."""
    import django

    django.setup()


@open311.group("key")
def key_group() -> None:
    """Their keys. Each change is in the journal, the keys are not."""


@key_group.command("add")
@click.argument("name")
@click.option("--rate", default=60, show_default=True, type=click.IntRange(1, 1_000_000))
def add(name: str, rate: int) -> None:
    """Make a key, shown once; RATE requests a minute. Of a name that has one it is replaced."""
    from sigap.core.actors import system
    from sigap.core.errors import SigapError

    from .keys import new_key

    try:
        click.echo(new_key(name, rate=rate, actor=system("cli")))
    except SigapError as error:
        raise click.ClickException(str(error)) from error


@key_group.command("list")
def list_keys() -> None:
    """All programs: name, number, requests a minute, whether the key is good."""
    from ..models import ApiKey

    for key in ApiKey.objects.order_by("name"):
        state = "active" if key.active else "removed"
        click.echo("\t".join((key.name, f"key:{key.pk}", f"{key.rate}/minute", state)))


@key_group.command("remove")
@click.argument("name")
def remove(name: str) -> None:
    """Refuse a program from now on; what it has reported stays."""
    from sigap.core.actions.configuration import define
    from sigap.core.actors import system

    from ..models import ApiKey

    if not ApiKey.objects.filter(name=name).exists():
        raise click.ClickException(f"No such program: {name}. See: sigap open311 key list")
    define(ApiKey, key={"name": name}, active=False, actor=system("cli"))
    click.echo(f"{name}: removed")
