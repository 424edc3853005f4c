"""`sigap import calls` and `sigap import cad`."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click


@click.group("import")
def import_group() -> None:
    """Bring in the records of an older system; safe to run twice."""


def _options(command: Callable[..., None]) -> Callable[..., None]:
    file = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    for option in (
        click.option("--dry-run", is_flag=True, help="Check everything, write nothing."),
        click.option(
            "--report",
            type=click.Path(dir_okay=False, writable=True, path_type=Path),
            help="Write every refused or flagged line to this CSV file.",
        ),
        click.option("--encoding", default="utf-8", show_default=True, help="Of the file."),
    ):
        command = option(command)
    return file(command)


@import_group.command("calls")
@click.option("--map", "name", default="", metavar="FILE", help="TOML file that names columns.")
@_options
def calls(file: Path, name: str, dry_run: bool, report: Path | None, encoding: str) -> None:
    """Import a call log (CSV). Columns and maps: docs/import.md."""
    _start()
    from .calls import import_calls
    from .mapping import read_call_map

    _import(import_calls, read_call_map, file, name, dry_run, report, encoding)


@import_group.command("cad")
@click.option(
    "--map", "name", required=True, metavar="MAP", help="A built-in map (sffd) or a TOML file."
)
@_options
def cad(file: Path, name: str, dry_run: bool, report: Path | None, encoding: str) -> None:
    """Import a dispatch log (CSV), one line per unit and incident."""
    _start()
    from .cad import import_cad
    from .mapping import read_cad_map

    _import(import_cad, read_cad_map, file, name, dry_run, report, encoding)


def _start() -> None:
    import django

    django.setup()
    from sigap.core.queries import deployment

    served = deployment()
    if served is None:
        raise click.ClickException("This database serves no city yet. Run: sigap setup")
    if served.drill:
        raise click.ClickException("This is the database of a drill: nothing real belongs there.")


def _import(
    prepare: Any,
    read_map: Any,
    file: Path,
    name: str,
    dry_run: bool,
    report: Path | None,
    encoding: str,
) -> None:
    """Exit status 0: every line was taken or is here already. 1: a line, or all, was refused."""
    from pydantic import ValidationError
    from tqdm import tqdm

    from sigap.core.actors import system
    from sigap.core.errors import SigapError

    from .mapping import explain
    from .outcome import Outcome

    outcome = Outcome(dry_run=dry_run)
    try:
        try:
            used = read_map(name)
        except ValidationError as error:
            raise explain(error) from None
        run = prepare(file, used, outcome, encoding=encoding, actor=system("import"))
        with run.table, tqdm(total=run.table.bytes, unit="B", unit_scale=True, disable=None) as bar:
            run.run(lambda position: bar.update(position - bar.n))
    except SigapError as error:
        if outcome.read:
            click.echo("\n".join(outcome.lines()))
        raise click.ClickException(str(error)) from error
    if report:
        outcome.write(report)
    click.echo("\n".join(outcome.lines()))
    sys.exit(1 if outcome.refused else 0)
