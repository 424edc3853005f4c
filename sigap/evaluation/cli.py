"""`sigap monev`: the evaluation of a period on the command line."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from sigap.core.figures_cli import FORM, check_deployment, start, told

if TYPE_CHECKING:
    from .period import Period

DAY = click.DateTime(["%Y-%m-%d"])


FIRST = click.option("--from", "first", type=DAY, help="First day, e.g. 2025-04-01.")
LAST = click.option("--to", "last", type=DAY, help="Last day, included.")
DRILL = click.option("--drill", is_flag=True, help="The drill's database, never the city's.")


@click.group(invoke_without_command=True)
@FIRST
@LAST
@click.option("--agency", default="", metavar="CODE", help="Clocks of this agency's units only.")
@FORM
@DRILL
@click.pass_context
def monev(
    ctx: click.Context,
    first: datetime | None,
    last: datetime | None,
    agency: str,
    form: str,
    drill: bool,
) -> None:
    """Print the class table, the clocks and the targets of a period."""
    if ctx.invoked_subcommand:
        return
    start(drill)
    from . import report
    from .evaluate import evaluate

    with told():
        found = evaluate(_period(first, last, drill), agency)
    render: Any = {"text": report.as_text, "csv": report.as_csv, "json": report.as_json}[form]
    click.echo(render(found), nl=False)


@monev.command("feed")
@FIRST
@LAST
@click.option("--format", "form", type=click.Choice(["json", "csv"]), default="json")
@click.option(
    "--part",
    type=click.Choice(["calls", "incidents", "complaints"]),
    default="incidents",
    show_default=True,
    help="Which records; only for CSV.",
)
@DRILL
def feed_command(
    first: datetime | None, last: datetime | None, form: str, part: str, drill: bool
) -> None:
    """Print the records of a period for the national feed, without personal data."""
    start(drill)
    from .feed import feed_csv, feed_json

    with told():
        period = _period(first, last, drill)
        click.echo(feed_json(period) if form == "json" else feed_csv(period, part), nl=False)


@monev.command("paper")
@FIRST
@LAST
@click.option("--agency", default="", metavar="CODE", help="Clocks of this agency's units only.")
@click.option("-o", "--output", type=click.File("wb"), required=True, help="The PDF; - prints it.")
@DRILL
def paper_command(
    first: datetime | None, last: datetime | None, agency: str, output: BinaryIO, drill: bool
) -> None:
    """Make the report of a period as a PDF, without findings and signature."""
    start(drill)
    from django.conf import settings
    from django.utils import translation

    from sigap.core.queries import site

    from .chapters import report_of
    from .typeset import as_pdf

    with told(), translation.override(settings.LANGUAGE_CODE):
        output.write(as_pdf(report_of(_period(first, last, drill), agency), base=site()))


def _period(first: datetime | None, last: datetime | None, drill: bool) -> "Period":
    from .period import period_of

    if first is None or last is None:
        raise click.UsageError("Missing option '--from' or '--to'.")
    check_deployment(drill)
    return period_of(first.date(), last.date())
