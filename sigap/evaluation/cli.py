"""`sigap monev`: the evaluation of a period on the command line."""

import os
from datetime import datetime
from typing import Any

import click

DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.option("--from", "first", type=DAY, required=True, help="First day, e.g. 2025-04-01.")
@click.option("--to", "last", type=DAY, required=True, help="Last day, included.")
@click.option("--agency", default="", metavar="CODE", help="Clocks of this agency's units only.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "csv", "json"]),
    default="text",
    show_default=True,
)
@click.option("--drill", is_flag=True, help="Evaluate the drill's database, never the city's.")
def monev(first: datetime, last: datetime, agency: str, form: str, drill: bool) -> None:
    """Print the class table, the clocks and the targets of a period."""
    start(drill)
    from sigap.core.errors import SigapError

    from . import report
    from .evaluate import evaluate
    from .period import period_of

    check_deployment(drill)
    try:
        found = evaluate(period_of(first.date(), last.date()), agency)
    except SigapError as error:
        raise click.ClickException(str(error)) from error
    render: Any = {"text": report.as_text, "csv": report.as_csv, "json": report.as_json}[form]
    click.echo(render(found), nl=False)


def start(drill: bool) -> None:
    """Load the apps, with the drill's settings where it is about the drill."""
    import django
    from django.apps import apps

    if drill and not apps.ready:
        os.environ["SIGAP_DRILL"] = "true"
    django.setup()


def check_deployment(drill: bool) -> None:
    """A drill's figures must not be taken for the city's, nor the other way round."""
    from django.utils.translation import gettext as _

    from sigap.core.queries import deployment

    served = deployment()
    if served is None:
        raise click.ClickException(_("This database serves no city yet. Run `sigap setup` first."))
    if served.drill and not drill:
        raise click.ClickException(
            _("This is the database of a drill, which never counts. To see it, add --drill.")
        )
    if drill and not served.drill:
        raise click.ClickException(_("This is the city's own database, not a drill's."))
