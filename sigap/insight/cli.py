"""`sigap insight`: what the record lets one expect, on the command line."""

import os
from typing import Any

import click

from sigap.core.figures_cli import FORM, check_deployment, start


@click.group()
def insight() -> None:
    """What the city's own record lets one expect."""


@insight.command()
@click.option("--days", type=click.IntRange(1, 28), default=7, show_default=True)
@FORM
@click.option("--drill", is_flag=True, help="Of the drill's database, never the city's.")
@click.option("--keep", is_flag=True, help="Keep it, as the screens show it.")
@click.option("--by-night", is_flag=True, hidden=True, help="As the worker asks: out of the way.")
def demand(days: int, form: str, drill: bool, keep: bool, by_night: bool) -> None:
    """Print how many calls to expect in each hour from today on, with 80 and 95 % intervals."""
    if by_night:
        os.nice(19)  # calls go before
    start(drill)
    from .demand import outlook
    from .demand import report as demand_report

    check_deployment(None if by_night else drill)
    try:
        found = outlook.look_ahead(days)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    if keep or by_night:
        outlook.keep(found)
    if not by_night:
        render: Any = getattr(demand_report, f"as_{form}")
        click.echo(render(found), nl=False)
