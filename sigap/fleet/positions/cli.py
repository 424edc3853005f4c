"""`sigap device`: what tells where units are, for whoever sets many of them up."""

import click


@click.group("device")
def device() -> None:
    """Phones and trackers that tell where units are. The journal has each change, no token."""
    import django

    django.setup()


@device.command("add")
@click.argument("unit")
@click.option("--kind", default="json", show_default=True, help="owntracks, traccar or json.")
@click.option("--label", default="", help="Where it is, not whose.")
@click.option("--identifier", default="", help="A tracker's number behind a Traccar server.")
def add(unit: str, kind: str, label: str, identifier: str) -> None:
    """Set up a device of the UNIT with this call sign; its token is shown once."""
    from sigap.core.actors import system
    from sigap.core.errors import SigapError

    from ..queries import unit as find
    from .actions import make_device

    told = {"kind": kind, "label": label[:40], "identifier": identifier}
    try:
        made, token = make_device(find(unit), **told, actor=system("cli"))
    except SigapError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"device:{made.pk}\t{token or identifier}")


@device.command("list")
def list_devices() -> None:
    """All devices: number, unit, kind, label, when it was heard last, what was wrong then."""
    from .models import Device

    for row in Device.objects.select_related("unit").order_by("unit__call_sign", "pk"):
        heard = row.last_at.isoformat(timespec="seconds") if row.last_at else "never"
        state = "active" if row.active else "revoked"
        told = (f"device:{row.pk}", row.unit.call_sign, row.kind, row.label, state, heard)
        click.echo("\t".join((*told, row.last_fault)))


@device.command("revoke")
@click.argument("number", type=int)
def revoke(number: int) -> None:
    """Listen to the device of this NUMBER no more; what it has told stays."""
    from sigap.core.actors import system
    from sigap.core.errors import SigapError

    from .actions import revoke_device

    try:
        click.echo(f"device:{revoke_device(number, actor=system('cli')).pk}: revoked")
    except SigapError as error:
        raise click.ClickException(str(error)) from error
