"""Makes an empty database the simulated city: its pack, its name, its people."""

import secrets

from sigap.core.actions.accounts import create_user
from sigap.core.actions.configuration import deploy
from sigap.core.actors import Actor, Role, system
from sigap.core.errors import Invalid
from sigap.core.models import User
from sigap.core.queries import deployment
from sigap.packs.load import find_pack, load_pack
from sigap.packs.read import read_pack
from sigap.packs.schema import Pack

from .browser import drill_password
from .city import people
from .live import CALL_TAKERS, DISPATCHER
from .presets import Preset


def crew_name(call_sign: str) -> str:
    """The user name of a unit's crew."""
    return f"crew-{call_sign.lower()}"


def set_up(preset: Preset) -> Pack:
    """Deploy the preset's city as a simulated one, not a drill, with everybody who works
    there. Raises Invalid where the database serves a city already."""
    if deployment() is not None:
        raise Invalid("This database serves a city already; give an empty one.", code="deployed")
    setup, path = system("sim"), find_pack(preset.pack)
    pack = read_pack(path)
    deploy(
        city=pack.city.code,
        name=preset.name,
        pack=pack.city.model_dump(mode="json"),
        drill=False,
        actor=setup,
    )
    load_pack(path, actor=setup, drill=False)
    hire(preset, pack, actor=setup)
    return pack


def hire(preset: Preset, pack: Pack, *, actor: Actor) -> None:
    """An account for everybody in the plan. Nobody knows the passwords: an administrator
    sets one where somebody wants to look at a screen."""
    for name, role in people(preset).items():
        _account(name, role, actor=actor)
    for unit in pack.fleet.unit:
        _account(crew_name(unit.call_sign), Role.CREW.value, unit=unit.call_sign, actor=actor)


def hire_for_drill(pack: Pack, secret: str, *, actor: Actor) -> None:
    """The drill's simulated colleagues and crews, with passwords that its driver can make
    again from the server's secret. Safe to repeat."""
    wanted = [(name, Role.CALL_TAKER, "") for name in CALL_TAKERS]
    wanted.append((DISPATCHER, Role.DISPATCHER, ""))
    wanted += [(crew_name(u.call_sign), Role.CREW, u.call_sign) for u in pack.fleet.unit]
    for name, role, unit in wanted:
        if not User.objects.filter(username=name).exists():
            _account(name, role, unit=unit, password=drill_password(secret, name), actor=actor)


def _account(
    name: str, role: str, *, actor: Actor, unit: str = "", password: str | None = None
) -> None:
    create_user(
        name,
        name=f"{name} (simulasi)",
        password=password or secrets.token_urlsafe(24),
        roles=[role],
        unit=unit,
        must_change_password=password is None,
        actor=actor,
    )
