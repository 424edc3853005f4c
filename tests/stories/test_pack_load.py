"""Bringing a city in: once, again, and after the city made its own choices."""

from collections.abc import Callable
from pathlib import Path
from shutil import copytree

import pytest

from sigap.core.actions.configuration import define, deploy
from sigap.core.actors import Actor, system
from sigap.core.errors import Forbidden, Invalid
from sigap.core.journal import tip_seq, verify
from sigap.core.models import Deployment, Journal, ReasonCode
from sigap.dispatch.models import PlanStep, ResponsePlan
from sigap.evaluation.models import Target
from sigap.fleet.models import Agency, Capability, Unit
from sigap.incidents.models import Disposition, IncidentType, PriorityRule, Question
from sigap.packs.load import find_pack, load_pack
from sigap.packs.read import PackError, read_pack
from sigap.places.models import Area, Landmark
from sigap.places.queries import city

SETUP = system("setup")
KEDIRI = find_pack("kediri")


def load(path: Path = KEDIRI, actor: Actor = SETUP) -> None:
    load_pack(path, actor=actor, drill=False)


def test_all_of_the_pack_is_there() -> None:
    pack = read_pack(KEDIRI)
    reasons = [getattr(pack.reasons, purpose) for purpose in type(pack.reasons).model_fields]
    counted = {
        Area: len(pack.areas),
        Landmark: len(pack.landmarks),
        IncidentType: len(pack.types),
        Question: sum(len(t.question) for t in pack.types),
        PriorityRule: sum(len(t.rule) for t in pack.types),
        Disposition: len(pack.dispositions),
        ReasonCode: sum(len(r) for r in reasons),
        Agency: len(pack.agencies),
        Capability: len(pack.capabilities),
        Unit: len(pack.fleet.unit),
        ResponsePlan: len(pack.plans),
        PlanStep: sum(len(p.step) for p in pack.plans),
        Target: len(pack.targets),
    }
    assert {model.__name__: model.objects.count() for model in counted} == {
        model.__name__: n for model, n in counted.items()
    }
    assert all(counted.values())


def test_loading_again_writes_nothing() -> None:
    before = tip_seq()
    load()
    assert tip_seq() == before
    assert Deployment.objects.count() == 1


def test_loading_again_sets_back_what_the_city_changed_and_says_so(
    actor: Callable[[str], Actor],
) -> None:
    define(
        IncidentType,
        key={"code": "kecelakaan_lalin"},
        actor=actor("administrator"),
        name="Tabrakan",
        duplicate_minutes=45,
    )
    before = tip_seq()
    load()
    (row,) = Journal.objects.filter(seq__gt=before)
    assert (row.kind, row.body) == ("config.changed", {"fields": ["duplicate_minutes", "name"]})
    assert IncidentType.objects.get(code="kecelakaan_lalin").name == "Kecelakaan lalu lintas"


def test_what_the_city_added_stays(actor: Callable[[str], Actor]) -> None:
    define(
        ReasonCode,
        key={"purpose": "decline", "code": "flooded_road"},
        actor=actor("administrator"),
        name="Jalan banjir",
        name_en="Road flooded",
    )
    load()
    assert ReasonCode.objects.filter(code="flooded_road").exists()


def test_a_unit_that_is_at_work_is_not_set_back(actor: Callable[[str], Actor]) -> None:
    from sigap.fleet.actions import set_availability

    set_availability("AMB-01", "withdraw", reason="damaged", actor=actor("crew"))
    load()
    assert Unit.objects.get(call_sign="AMB-01").state == "unavailable"


def test_a_change_names_its_fields_and_never_their_values(actor: Callable[[str], Actor]) -> None:
    define(
        Landmark,
        key={"name": "Rumah Bu Sri", "area": Area.objects.all()[0]},
        actor=actor("administrator"),
        aliases=["rumah pojok"],
    )
    row = Journal.objects.latest("seq")
    assert row.body == {"fields": ["aliases"]}
    assert row.subject.startswith("landmark:")


@pytest.mark.parametrize("role", ["supervisor", "dispatcher", "agency"])
def test_only_an_administrator_changes_the_city(role: str, actor: Callable[[str], Actor]) -> None:
    with pytest.raises(Forbidden):
        define(Agency, key={"code": "psc119"}, actor=actor(role), name="X")


def test_a_wrong_record_is_refused_with_the_names_of_its_fields(
    actor: Callable[[str], Actor],
) -> None:
    with pytest.raises(Invalid) as refusal:
        define(
            IncidentType,
            key={"code": "not a code"},
            actor=actor("administrator"),
            name="",
            name_en="x" * 500,
            group="medical",
            priority=9,
        )
    assert {"code", "name", "name_en", "priority"} <= set(refusal.value.details["fields"])
    assert not IncidentType.objects.filter(code="not a code").exists()


def test_a_pack_with_a_fault_brings_nothing_in(tmp_path: Path) -> None:
    copy = Path(copytree(KEDIRI, tmp_path / "city"))
    types = copy / "types.toml"
    types.write_text(types.read_text().replace('"Kecelakaan lalu lintas"', '"Tabrakan"', 1))
    (copy / "plans.toml").write_text("[[plan]]\n")
    before = tip_seq()
    with pytest.raises(PackError):
        load(copy)
    assert tip_seq() == before
    assert not IncidentType.objects.filter(name="Tabrakan").exists()


def test_a_citys_own_folder_is_a_pack_too(tmp_path: Path) -> None:
    copy = Path(copytree(KEDIRI, tmp_path / "city"))
    types = copy / "types.toml"
    types.write_text(types.read_text().replace('"Kecelakaan lalu lintas"', '"Tabrakan"', 1))
    load(copy)
    assert IncidentType.objects.get(code="kecelakaan_lalin").name == "Tabrakan"
    assert verify().broken_seq is None


def test_a_database_serves_one_city_for_good() -> None:
    with pytest.raises(Invalid):
        deploy(city="blitar", name="Blitar", pack={}, drill=True, actor=SETUP)
    served = Deployment.objects.get()
    assert (served.city, served.drill) == ("kediri", False)


def test_the_map_knows_the_areas_that_were_loaded() -> None:
    cells = city().cells
    assert cells is not None
    area = Area.objects.all()[0]
    assert cells.area_at(area.lat, area.lng, tolerance_m=0) == area.code


@pytest.mark.parametrize("name", ["kediri", "../packs/kediri", "nowhere", ".", ""])
def test_only_a_plain_name_is_a_built_in_pack(name: str) -> None:
    assert (find_pack(name) == KEDIRI) == (name == "kediri")
