"""`sigap roads`: how the city's roads come onto this machine."""

import sys
from pathlib import Path

import click


@click.group("roads")
def roads_command() -> None:
    """The city's roads, by which travel times are reckoned."""
    import django

    django.setup()


@roads_command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_roads(file: Path) -> None:
    """Take the roads of an extract of OpenStreetMap (CITY.osm.pbf)."""
    from sigap.core.actors import system
    from sigap.places.actions import note_roads
    from sigap.places.models import Area

    from .graph import FARTHEST_M, Router
    from .kept import keep
    from .pbf import NotRoads, read_pbf

    try:
        roads = read_pbf(file)
    except NotRoads as fault:
        sys.exit(str(fault))
    whole = len(roads.tail)
    roads = roads.connected()
    areas = list(Area.objects.all())
    reached = sum(1 for area in areas if len(roads.near(area.lat, area.lng, 5 * FARTHEST_M)))
    if areas and reached * 2 < len(areas):
        sys.exit(
            f"{file.name} is of somewhere else: it has roads near {reached} of the city's "
            f"{len(areas)} areas. Nothing was changed."
        )
    Router(roads)  # what could not be asked is not kept
    keep(roads)
    note_roads(len(roads.tail), roads.junctions, actor=system("roads"))
    click.echo(
        f"{len(roads.tail)} pieces of road, {roads.metres.sum() / 1000:.0f} km, "
        f"{roads.junctions} junctions; near {reached} of {len(areas)} areas. "
        f"Left out, since no road leads there and back: {whole - len(roads.tail)} pieces."
    )
