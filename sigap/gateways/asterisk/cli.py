"""`sigap telephony`: drive Asterisk, and write its configuration."""

import asyncio
import signal
import sys
from contextlib import suppress
from pathlib import Path

import click


@click.group(name="telephony", invoke_without_command=True)
@click.pass_context
def telephony(context: click.Context) -> None:
    """Drive Asterisk: the gate, the queue, operators' telephones, recordings."""
    if context.invoked_subcommand is None:
        _start_django()
        from django.conf import settings

        if not settings.ENV.hook_token.get_secret_value():
            sys.exit("SIGAP_HOOK_TOKEN: set it; by it the server knows the telephone exchange.")
        with suppress(KeyboardInterrupt):
            asyncio.run(_drive())


@telephony.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), required=False)
def config(folder: Path | None) -> None:
    """Write Asterisk's whole configuration into FOLDER."""
    _start_django()
    from django.conf import settings

    from sigap.core.models import Deployment

    from .config import write

    served = Deployment.objects.first()
    if served is None:
        sys.exit("This database serves no city yet. Start with: sigap setup")
    folder = (folder or settings.ENV.telephony_folder()).resolve()
    for remark in write(folder, served.name):
        click.echo(remark, err=True)
    click.echo(f"Written to {folder}. Start Asterisk with: asterisk -C {folder}/asterisk.conf")


def _start_django() -> None:
    import django

    django.setup()


def _write_phones(folder: Path) -> bool:
    from django.db import Error, connection

    from .config import write_phones

    try:
        return write_phones(folder)
    except Error:
        connection.close()
        raise


async def _drive() -> None:
    from django.conf import settings

    from ..voice.client import Beside
    from .ari import Ari
    from .config import APP, address, ari_password, beyond_dial
    from .control import Control
    from .link import Link

    env = settings.ENV
    folder = env.telephony_folder().resolve()
    folder.mkdir(parents=True, exist_ok=True)
    url = env.server_url or f"http://127.0.0.1:{env.port}"
    token = env.hook_token.get_secret_value()
    async with (
        Ari(*address(env.ari_listen), APP, ari_password()) as ari,
        Link(url, token, env.exchange, folder / "events") as link,
        Beside(folder / "voice.sock") as beside,
    ):
        control = Control(
            ari,
            link,
            beside.voice,
            folder=folder,
            incoming=env.recordings().resolve() / "incoming",
            trunk=env.trunks[0].name if env.trunks else "",
            write_phones=lambda: _write_phones(folder),
            beyond=beyond_dial().removeprefix("PJSIP/") if env.second_centre else "",
        )
        running = asyncio.ensure_future(control.run())
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, running.cancel)
        with suppress(asyncio.CancelledError):
            await running
