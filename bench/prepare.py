"""Fills a bench's database through the product's own actions, in a process of its own.

python -m bench.prepare PASSWORD people 4
python -m bench.prepare PASSWORD board INCIDENTS UNITS
python -m bench.prepare PASSWORD crews 200
python -m bench.prepare PASSWORD devices (prints the token of each)
"""

import sys
from collections.abc import Callable
from typing import Any

from sigap.config.cli import start_django


def main(password: str, what: str, *numbers: str) -> None:
    """Make what is asked for."""
    start_django()
    known: dict[str, Callable[..., None]] = {"people": people, "board": board}
    known |= {"devices": devices, "crews": crews}
    known[what](password, *map(int, numbers))


def people(password: str, number: int) -> None:
    """A dispatcher and so many call takers, on shift."""
    from sigap.core.actions.accounts import create_user
    from sigap.core.actions.shifts import start_shift
    from sigap.core.actors import Role, of_user, system

    wanted = [("bench-dispatcher", Role.DISPATCHER)]
    wanted += [(f"bench-{n}", Role.CALL_TAKER) for n in range(number)]
    for name, role in wanted:
        user = create_user(
            name,
            name=name,
            password=password,
            roles=[role.value],
            actor=system("bench"),
            must_change_password=False,
        )
        start_shift(role=role.value, desk=name[-8:], actor=of_user(user))


def board(_password: str, incidents: int, units: int) -> None:
    """Open incidents all over the city, and so many units, half of them on a job."""
    from sigap.core.actors import system
    from sigap.core.transaction import transaction
    from sigap.dispatch.actions import send_units
    from sigap.fleet.models import Unit
    from sigap.incidents.actions import open_incident
    from sigap.incidents.models import IncidentType
    from sigap.places.models import Area

    by = system("bench")
    types = list(IncidentType.objects.filter(active=True).order_by("rank", "id"))
    areas = list(Area.objects.order_by("code"))
    with transaction():
        _more_units(units, by)
        signs = list(Unit.objects.filter(active=True).values_list("call_sign", flat=True))
        for n in range(incidents):
            area = areas[n % len(areas)]
            made = open_incident(
                types[n % len(types)].code,
                address=f"Jalan Uji {n}",
                lat=area.lat + (n % 7 - 3) * 0.0005,
                lng=area.lng + (n % 5 - 2) * 0.0005,
                location_source="map",
                actor=by,
            )
            if n < len(signs) // 2:
                send_units(made.pk, [signs[n]], actor=by, choice="radio")


def devices(_password: str) -> None:
    """A tracker for each unit: its call sign and its token, a line each."""
    from sigap.core.actors import system
    from sigap.core.transaction import transaction
    from sigap.fleet.models import Unit
    from sigap.fleet.positions.actions import make_device

    with transaction():
        for unit in Unit.objects.filter(active=True).order_by("pk"):
            _device, token = make_device(unit, kind="owntracks", actor=system("bench"))
            print(unit.call_sign, token)


def crews(password: str, number: int) -> None:
    """So many units, each with an account of its crew (`crew-0`, …) and a job of its own."""
    from sigap.core.actions.accounts import create_user
    from sigap.core.actors import system
    from sigap.core.transaction import transaction
    from sigap.dispatch.actions import send_units
    from sigap.fleet.models import Unit
    from sigap.incidents.actions import open_incident

    by = system("bench")
    with transaction():
        _more_units(number, by)
    units = list(Unit.objects.filter(active=True).order_by("pk")[:number])
    for n, unit in enumerate(units):
        create_user(
            f"crew-{n}",
            name=f"Crew {n}",
            password=password,
            roles=["crew"],
            unit=unit.call_sign,
            actor=by,
            must_change_password=False,
        )
    with transaction():
        for n, unit in enumerate(units):
            made = open_incident("kecelakaan_lalin", address=f"Jalan Uji {n}", actor=by)
            send_units(made.pk, [unit.call_sign], confirmed=True, actor=by, choice="radio")


def _more_units(wanted: int, by: Any) -> None:
    """Copies of the example fleet under other names, until there are enough."""
    from sigap.core.actions.configuration import define
    from sigap.fleet.models import Unit

    same = ("agency", "kind", "kind_en", "capabilities", "crew", "station")
    fleet = list(Unit.objects.filter(active=True).order_by("call_sign"))
    for n in range(wanted - len(fleet)):
        model = fleet[n % len(fleet)]
        define(
            Unit,
            key={"call_sign": f"{model.call_sign}-{n // len(fleet) + 1}"},
            actor=by,
            station_lat=(model.station_lat or 0) + n % 9 * 0.0004,
            station_lng=(model.station_lng or 0) - n % 7 * 0.0004,
            **{name: getattr(model, name) for name in same},
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
