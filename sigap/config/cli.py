"""The `sigap` command. Each command is a short function here or in the room it is about."""

import importlib
import json
import os
import secrets
import socket
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from sigap.core.models import Deployment

# Commands that live in their own rooms, loaded when they are called.
ELSEWHERE = {
    "attachments": ("sigap.complaints.files_cli", "attachments_group"),
    "photos": ("sigap.dispatch.field.cli", "photos_group"),
    "classify": ("sigap.complaints.cli", "classify"),
    "insight": ("sigap.insight.cli", "insight"),
    "monev": ("sigap.evaluation.cli", "monev"),
    "recordings": ("sigap.calls.cli", "recordings_group"),
    "import": ("sigap.gateways.imports.cli", "import_group"),
    "open311": ("sigap.public.open311.cli", "open311"),
    "device": ("sigap.fleet.positions.cli", "device"),
    "telephony": ("sigap.gateways.asterisk.cli", "telephony"),
    "roads": ("sigap.dispatch.cli", "roads_command"),
    "sim": ("sim.cli", "sim_command"),
    "user": ("sigap.config.user_cli", "user_group"),
    "voice": ("sigap.gateways.voice.cli", "voice_command"),
    "warehouse": ("sigap.evaluation.warehouse.cli", "warehouse"),
    "whatsapp": ("sigap.gateways.whatsapp.cli", "whatsapp"),
}


class Commands(click.Group):
    """The commands of this file and those of the rooms."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, for the help."""
        return sorted({*super().list_commands(ctx), *ELSEWHERE})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command with this name."""
        if cmd_name in ELSEWHERE:
            module, name = ELSEWHERE[cmd_name]
            command: click.Command = getattr(importlib.import_module(module), name)
            return command
        return super().get_command(ctx, cmd_name)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a database that cannot be had is told in one line."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            from django.db import Error, OperationalError

            if not isinstance(error, Error):
                raise
            # Only these texts cannot repeat what somebody stored.
            why = str(error) if isinstance(error, OperationalError) else type(error).__name__
            sys.exit(f"The database cannot be used: {why.partition(chr(10))[0]}")


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="sigap")
def main() -> None:
    """Emergency calls, dispatch and public complaints for a city."""
    # Databases, keys and logs hold personal data: nobody else on the machine reads them.
    os.umask(0o077)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sigap.config.settings")


def start_django() -> None:
    """Read the settings and load the apps: first line of each command that needs them."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sigap.config.settings")
    django.setup()


@main.command(
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
    add_help_option=False,
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage(arguments: tuple[str, ...]) -> None:
    """Django's own commands (migrate, makemigrations, dbshell, ...)."""
    from django.core.management import execute_from_command_line

    execute_from_command_line(["sigap manage", *arguments])


class Password(click.ParamType[str]):
    """A password that is strong enough; a prompt asks again until it is."""

    name = "text"

    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        """The password itself, or the reason why not."""
        start_django()
        from django.contrib.auth.password_validation import validate_password
        from django.core.exceptions import ValidationError
        from django.utils import translation

        try:
            with translation.override("en"):
                validate_password(value)
        except ValidationError as error:
            self.fail(" ".join(error.messages), param, ctx)
        return str(value)


class Pack(click.ParamType[str]):
    """A city pack without faults, for a database that serves no city yet: known before
    anything else is asked."""

    name = "text"

    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        """The pack's name or folder, or what is wrong with it."""
        start_django()
        from sigap.packs.load import find_pack
        from sigap.packs.read import PackError, read_pack

        if served := _served():
            sys.exit(f"This database serves {served.name} already. Start with: sigap serve")
        try:
            read_pack(find_pack(value))
        except PackError as error:
            self.fail(str(error), param, ctx)
        return str(value)


@main.command()
@click.option(
    "--pack",
    default="kediri",
    prompt="City pack",
    type=Pack(),
    help="A built-in city pack, or a folder.",
)
@click.option("--username", prompt="User name of the first administrator")
@click.option("--name", prompt="Full name")
@click.password_option(
    prompt="Password (at least 10 characters, none that is common)", type=Password()
)
def setup(pack: str, username: str, name: str, password: str) -> None:
    """Make the database, load a city pack, create the first administrator."""
    start_django()
    from sigap.core.actions.accounts import create_user
    from sigap.core.actors import Role, system
    from sigap.core.errors import SigapError
    from sigap.core.transaction import transaction
    from sigap.packs.load import find_pack, load_pack
    from sigap.packs.read import PackError

    _migrate()
    by = system("setup")
    try:
        # Both or neither, so that it can be run again after a refused password.
        with transaction():
            loaded = load_pack(find_pack(pack), actor=by, drill=False)
            create_user(
                username,
                name=name,
                password=password,
                roles=[Role.ADMINISTRATOR],
                actor=by,
                must_change_password=False,
            )
    except (PackError, SigapError) as error:
        sys.exit(str(error))
    click.echo(f"{loaded.city.city}: ready. Start with: sigap serve")


@main.command("load-pack")
@click.argument("pack")
@click.confirmation_option(
    prompt="What the city changed on records that the pack also has is set back. Go on?"
)
def load_newer_pack(pack: str) -> None:
    """Bring in a newer version of the city's pack: a built-in one, or a folder."""
    start_django()
    from sigap.core.actors import system
    from sigap.core.errors import SigapError
    from sigap.packs.load import find_pack, load_pack
    from sigap.packs.read import PackError

    _check_migrated()
    if not (served := _served()):
        sys.exit("This database serves no city yet. Run: sigap setup")
    try:
        loaded = load_pack(find_pack(pack), actor=system("setup"), drill=served.drill)
    except (PackError, SigapError) as error:
        sys.exit(str(error))
    click.echo(f"{loaded.city.city}: up to date with the pack.")


@main.command()
@click.option("--web-only", is_flag=True, help="Without the jobs; `sigap worker` runs them.")
def serve(web_only: bool) -> None:
    """Serve the city. On SQLite one process does all."""
    if web_only:
        os.environ["SIGAP_WEB_ONLY"] = "1"
    start_django()
    from django.conf import settings

    if web_only:
        click.echo("Without the jobs: calls ring while `sigap worker` runs beside this.", err=True)
    _check_migrated()
    if not (served := _served()):
        sys.exit("This database serves no city yet. Run: sigap setup")
    if served.drill != settings.ENV.drill:
        sys.exit("A drill's database is served by `sigap drill` only, and a city's never is.")
    listening = _listen()
    click.echo(f"{served.name}: http://{settings.ENV.host}:{settings.ENV.port}")
    _serve(listening)


@main.command()
def worker() -> None:
    """Run the jobs beside `sigap serve --web-only` (PostgreSQL)."""
    start_django()
    from sigap.config.worker import Worker

    _check_migrated()
    Worker().run()


@main.command()
def drill() -> None:
    """Serve a simulated shift on its own database: nothing of it counts."""
    os.environ["SIGAP_DRILL"] = "1"
    os.environ.setdefault("SIGAP_HOOK_TOKEN", secrets.token_urlsafe(24))
    start_django()
    from django.conf import settings

    from sigap.core.actors import system
    from sigap.packs.load import find_pack, load_pack
    from sigap.packs.read import read_pack
    from sim import live
    from sim.complaints import file_for_drill
    from sim.people import hire_for_drill
    from sim.readiness import ready_for_drill

    served = _served()
    if served and not served.drill:
        sys.exit("This database is a city's. A drill needs one of its own.")
    listening = _listen()  # first, or the simulated city would speak to whoever listens there
    _migrate()
    by, path = system("setup"), find_pack("kediri")
    if not served:
        click.echo("Loading the city …")
        load_pack(path, actor=by, drill=True)
    pack = read_pack(path)
    _hire_roles(by)
    hire_for_drill(pack, settings.SECRET_KEY, actor=by)
    file_for_drill(actor=by)
    ready_for_drill(actor=by)
    url = f"http://127.0.0.1:{settings.ENV.port}"
    stop = threading.Event()
    token = settings.ENV.hook_token.get_secret_value()
    simulation = threading.Thread(
        target=live.run, args=(url, token, settings.SECRET_KEY, pack, stop), daemon=True
    )
    simulation.start()
    click.echo(f"LATIHAN: {url}")
    try:
        _serve(listening)
    finally:
        stop.set()


@main.group()
def journal() -> None:
    """The append-only record."""


@journal.command()
@click.option("--head", default="", help="A head that was noted earlier: it must be in the chain.")
def verify(head: str) -> None:
    """Check the hash chain and the published days; name the first that is not sound."""
    start_django()
    from sigap.core import days
    from sigap.core import journal as record
    from sigap.core.models import Journal

    _check_migrated()
    found = record.verify()
    if found.broken_seq is not None:
        sys.exit(
            f"BROKEN at row {found.broken_seq}: {found.why}. {found.rows} rows before it hold."
        )
    click.echo(f"{found.rows} rows are sound. Head: {found.head}")
    published = days.verify_days()
    if published.broken_seq is not None:
        sys.exit(f"BROKEN at row {published.broken_seq}: {published.why}.")
    click.echo(f"{published.rows} published days hold.")
    known = not head or head.lower() in (record.GENESIS, found.head)
    if not known and not Journal.objects.filter(hash=head.lower()).exists():
        sys.exit("BROKEN: no row has that head: the end of the record was cut off or replaced.")
    if record.is_unguarded():
        sys.exit("The database would let rows be changed: the journal's triggers are missing.")


@main.group()
def areas() -> None:
    """The city's map."""


@areas.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_areas(file: Path) -> None:
    """Take the official boundaries from a GeoJSON file."""
    start_django()
    from sigap.core.actors import system
    from sigap.core.errors import SigapError
    from sigap.places.actions import import_boundaries

    try:
        data = json.loads(file.read_bytes())
        click.echo(str(import_boundaries(data, actor=system("import"))))
    except (SigapError, ValueError) as error:
        sys.exit(str(error))


@main.command()
def docs() -> None:
    """Write the documents that are made from the code."""
    start_django()
    from sigap.config.docs import write_docs

    for path in write_docs(Path(__file__).resolve().parents[2]):
        click.echo(str(path.name))


def _hire_roles(by: Any) -> None:
    """One person per role, whom the drill's first page signs in with one click."""
    from sigap.core.actions.accounts import create_user
    from sigap.core.actors import AGENCY_ROLES, Role
    from sigap.core.models import User
    from sigap.core.names import role_names

    for role, name in role_names().items():
        if not User.objects.filter(username=role.value).exists():
            create_user(
                role.value,
                name=name,
                password=secrets.token_urlsafe(24),
                roles=[role.value],
                agency="psc119" if role in AGENCY_ROLES else "",
                unit="AMB-01" if role == Role.CREW else "",
                actor=by,
                must_change_password=False,
            )


def _migrate() -> None:
    from django.conf import settings
    from django.core.management import call_command

    settings.ENV.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    call_command("migrate", verbosity=0)


def _served() -> "Deployment | None":
    """Which city the database serves; None also where it is empty yet."""
    from django.db import Error, connection

    from sigap.core.queries import deployment

    try:
        return deployment()
    except Error:
        connection.close()
        return None


def _check_migrated() -> None:
    from django.db import Error, connection
    from django.db.migrations.executor import MigrationExecutor

    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Error as error:
        sys.exit(f"The database does not answer: {type(error).__name__}. See SIGAP_DATABASE_URL.")
    if not executor.loader.applied_migrations:
        sys.exit("This database serves no city yet. Run: sigap setup")
    if missing:
        sys.exit("The database is older than the program. Run: sigap manage migrate")


def _listen() -> socket.socket:
    """Take the address, before anything is begun that would have to be ended again."""
    from django.conf import settings

    env = settings.ENV
    try:
        family = socket.AF_INET6 if ":" in env.host else socket.AF_INET
        return socket.create_server((env.host, env.port), family=family, backlog=2048)
    except OSError as error:
        sys.exit(f"SIGAP_HOST, SIGAP_PORT: cannot listen there: {error.strerror}")


def _serve(listening: socket.socket) -> None:
    import uvicorn
    from django.conf import settings

    env = settings.ENV
    config = uvicorn.Config(
        "sigap.config.asgi:application",
        lifespan="on",  # without the inbox and the stream there is nothing to serve
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(env.trusted_proxies),
        forwarded_allow_ips=env.trusted_proxies,
        # Open event streams would otherwise hold up the stop for ever.
        timeout_graceful_shutdown=3,
    )
    server = uvicorn.Server(config)
    with suppress(KeyboardInterrupt):
        server.run(sockets=[listening])
    if not server.started:
        sys.exit("The server did not start.")


if __name__ == "__main__":
    sys.exit(main())
