"""`sigap warehouse`: the city's record as Parquet, and the evaluation over it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click

from sigap.core.figures_cli import FORM, check_deployment, start, told

from ..cli import DAY

FOLDER = click.Path(file_okay=False, path_type=Path)


@click.group()
def warehouse() -> None:
    """Parquet for years of evaluation, here or for a province."""


@warehouse.command()
@click.option("--folder", type=FOLDER, help="Where to (a folder `warehouse` beside the database).")
@click.option("--drill", is_flag=True, help="Export the drill's database, never the city's.")
def export(folder: Path | None, drill: bool) -> None:
    """Add what is new: journal rows, and months of which anything changed."""
    with _told(drill):
        from . import export as writing

        check_deployment(drill)
        done = writing.export(folder or _folder(drill))
    click.echo(
        f"{done.city}: {done.new_rows} new journal rows, up to {done.last_seq}. "
        f"Files of facts: {done.written} written, {done.kept} as before. Head: {done.head}"
    )


@warehouse.command()
@click.option("--from", "first", type=DAY, required=True, help="First day, e.g. 2025-04-01.")
@click.option("--to", "last", type=DAY, required=True, help="Last day, included.")
@click.option("--folder", type=FOLDER, help="Where it was exported to.")
@click.option("--city", default="", metavar="CODE", help="One city of several.")
@click.option(
    "--engine", type=click.Choice(["duckdb", "spark"]), default="duckdb", show_default=True
)
@click.option("--master", default="", metavar="URL", help="Where Spark is; else this machine.")
@click.option("--memory", default="", metavar="SIZE", help="What the engine may take, e.g. 1g.")
@click.option("--from-journal", is_flag=True, help="Classes and clocks from journal rows alone.")
@click.option(
    "--margin",
    type=click.IntRange(0, 1200),
    metavar="MONTHS",
    help="Read the journal only so many months before and after.",
)
@FORM
@click.option("--drill", is_flag=True, help="Evaluate the drill's export.")
def monev(
    first: datetime,
    last: datetime,
    folder: Path | None,
    city: str,
    engine: str,
    master: str,
    memory: str,
    from_journal: bool,
    margin: int | None,
    form: str,
    drill: bool,
) -> None:
    """Print the class table, the clocks and the targets of a period."""
    with _told(drill):
        from . import printed
        from .figures import evaluate

        found = evaluate(
            folder or _folder(drill),
            first,
            last,
            city=city,
            engine=engine,
            master=master,
            memory=memory,
            from_journal=from_journal,
            margin=margin,
        )
        printed.check_drill(found, drill)
        click.echo(printed.FORMS[form](found), nl=False)


@warehouse.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--folder", type=FOLDER, help="Where it was exported to.")
@click.option("--city", default="", metavar="CODE", help="One city of several.")
@click.option("--drill", is_flag=True, help="Of the drill's export.")
def cube(file: Path, folder: Path | None, city: str, drill: bool) -> None:
    """Write one Parquet FILE of counts by month, agency, type and clock, without any case."""
    with _told(drill):
        from .handed import write_cube

        rows = write_cube(folder or _folder(drill), file, city)
    click.echo(f"{file}: {rows} rows.")


@contextmanager
def _told(drill: bool) -> Iterator[None]:
    """Start what the command needs; what is wrong is told in one line."""
    start(drill)
    try:
        with told():
            yield
    except ModuleNotFoundError as error:
        raise click.ClickException(
            f"{error.name} is not installed; the extra `warehouse` brings it."
        ) from error


def _folder(drill: bool) -> Path:
    from django.conf import settings

    beside: Path = settings.ENV.data_dir
    return beside / ("warehouse-drill" if drill else "warehouse")
