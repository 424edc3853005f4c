"""`sigap roads calibrate`: what the city's own trips say of its roads."""

import sys

import click

from sigap.places.roads.cli import roads_command


@roads_command.command("calibrate")
@click.option("--keep", "keep", is_flag=True, help="Reckon with it from now on.")
def calibrate(*, keep: bool) -> None:
    """Learn from the city's own trips how fast units drive."""
    from sigap.core.actors import system
    from sigap.places.actions import keep_speeds
    from sigap.places.queries import speeds
    from sigap.places.roads.kept import read_now
    from sigap.places.roads.speeds import FEWEST_TRIPS, measure

    from .trips import trips

    roads = read_now()
    if roads is None:
        sys.exit("There are no roads yet: sigap roads import CITY.osm.pbf")
    driven = trips(roads)
    found = measure(driven, speeds())
    if found is None:
        sys.exit(f"{len(driven)} trips of {FEWEST_TRIPS} that are needed: nothing was changed.")
    for kind, kmh in found.speeds.kinds.items():
        click.echo(f"{kind:<15}{speeds().kinds[kind]:6.1f} → {kmh:5.1f} km/h")
    for period, factor in found.speeds.periods.items():
        click.echo(f"{period:<15}{speeds().periods[period]:6.2f} → {factor:5.2f}")
    click.echo(
        f"{found.trips} trips; middle error {found.error_before:.0%} before, "
        f"{found.error_after:.0%} after."
    )
    if keep:
        keep_speeds(found, actor=system("roads"))
        click.echo("Kept.")
