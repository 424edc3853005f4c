"""The pack of Kota Kediri, and what a broken pack says about itself."""

import itertools
import shutil
from collections import Counter
from pathlib import Path

import pytest

from sigap.incidents.triage import Proposal, propose
from sigap.packs.read import PackError, read_pack
from sigap.packs.schema import IncidentType, Pack

KEDIRI = Path(__file__).parents[2] / "sigap" / "packs" / "kediri"


@pytest.fixture(scope="module")
def kediri() -> Pack:
    return read_pack(KEDIRI)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(KEDIRI, tmp_path / "city"))


def edit(folder: Path, name: str, old: str, new: str) -> None:
    file = folder / name
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def problems(folder: Path) -> tuple[str, ...]:
    with pytest.raises(PackError) as caught:
        read_pack(folder)
    return caught.value.problems


def test_the_pack_of_kediri_reads(kediri: Pack) -> None:
    assert kediri.city.service == "Lapor Mbak Wali 112"
    assert len(kediri.areas) == 46
    assert {area.district for area in kediri.areas} == {"Mojoroto", "Kota", "Pesantren"}
    assert 20 <= len(kediri.types) <= 26
    assert all(2 <= len(kind.question) <= 4 for kind in kediri.types)


def test_only_the_four_reliable_landmarks_have_a_point(kediri: Pack) -> None:
    assert {mark.name for mark in kediri.landmarks if mark.precision == "exact"} == {
        "RS Baptis Kediri",
        "Stasiun Kediri",
        "Terminal Tamanan",
        "Pasar Campurejo",
    }


def test_the_fleet_is_marked_as_an_example_and_can_meet_every_plan(kediri: Pack) -> None:
    assert kediri.fleet.example
    able = Counter((u.agency, c) for u in kediri.fleet.unit for c in u.capabilities)
    steps = [step for plan in kediri.plans for step in plan.step]
    assert [step for step in steps if able[step.agency, step.capability] < step.count] == []


def test_every_type_has_a_plan_for_every_priority_and_p1_sends_no_less(kediri: Pack) -> None:
    for kind in kediri.types:
        plans = {plan.priority: plan for plan in kediri.plans if plan.type == kind.code}
        sent = {}
        for priority in (1, 2, 3, 4):
            plan = plans.get(priority) or plans[0]
            sent[priority] = sum(step.count for step in plan.step)
        assert sent[1] == max(sent.values()), kind.code


def all_answers(kind: IncidentType) -> list[dict[str, str]]:
    """Every way to answer the questions of a type, leaving any of them out."""
    choices = [[None, *question.answers] for question in kind.question]
    codes = [question.code for question in kind.question]
    return [
        {code: answer for code, answer in zip(codes, given, strict=True) if answer is not None}
        for given in itertools.product(*choices)
    ]


def proposal(kind: IncidentType, answers: dict[str, str]) -> Proposal:
    return propose(kind.rule, answers, default=Proposal(kind.priority, kind.siren, ""))


def priority_of(kind: IncidentType, answers: dict[str, str]) -> int:
    return proposal(kind, answers).priority


def test_an_unsure_answer_is_as_urgent_as_the_worst_clear_one(kediri: Pack) -> None:
    for kind in kediri.types:
        for question in kind.question:
            clear = [answer for answer in question.answers if answer != "unsure"]
            if clear == list(question.answers):
                continue
            for answers in all_answers(kind):
                unsure = priority_of(kind, answers | {question.code: "unsure"})
                worst = min(priority_of(kind, answers | {question.code: code}) for code in clear)
                assert unsure <= worst, (kind.code, question.code, answers)


def test_only_a_clear_answer_to_every_threat_lowers_the_priority(kediri: Pack) -> None:
    for kind in kediri.types:
        assert priority_of(kind, {}) == kind.priority
        threats = {
            question
            for rule in kind.rule
            for question, accepted in rule.when.items()
            if rule.priority <= kind.priority and "unsure" in accepted
        }
        for rule in kind.rule:
            if rule.priority > kind.priority:
                clear = {code for code, accepted in rule.when.items() if "unsure" not in accepted}
                assert threats <= clear, rule.code


def test_every_rule_can_be_the_first_to_match(kediri: Pack) -> None:
    for kind in kediri.types:
        reached = {proposal(kind, answers).rule for answers in all_answers(kind)}
        assert reached - {""} == {rule.code for rule in kind.rule}


def test_a_traffic_accident_with_a_trapped_victim_is_p1(kediri: Pack) -> None:
    accident = next(kind for kind in kediri.types if kind.code == "kecelakaan_lalin")
    found = proposal(accident, {"condition": "light", "trapped": "yes"})
    assert (found.rule, found.priority, found.siren) == ("KLL-2", 1, True)


def test_a_citys_own_pack_may_be_anywhere_and_saved_by_a_spreadsheet(copy: Path) -> None:
    areas = copy / "areas.csv"
    areas.write_bytes(b"\xef\xbb\xbf" + areas.read_bytes().replace(b"\n", b"\r\n"))
    assert read_pack(copy) == read_pack(KEDIRI)


def test_a_directory_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert "no such directory" in problems(tmp_path / "nowhere")[0]


def test_every_missing_file_is_named_at_once(copy: Path) -> None:
    (copy / "plans.toml").unlink()
    (copy / "areas.csv").unlink()
    assert set(problems(copy)) == {"areas.csv: missing", "plans.toml: missing"}


@pytest.mark.parametrize(
    ("name", "old", "new", "where", "what"),
    [
        ("agencies.toml", "[[agency]]", "[[agency", "agencies.toml:", "line 3"),
        ("pack.toml", "Asia/Jakarta", "Asia/Kediri", "pack.toml: timezone", "unknown time zone"),
        ("pack.toml", '"Gayam"', '"Gurah"', "pack.toml: names_also_outside", "Gurah"),
        ("types.toml", "lead =", "leed =", 'type "kecelakaan_lalin" > leed', "not permitted"),
        ("types.toml", 'lead = "bpbd"', 'lead = "sar"', "> lead", 'no agency "sar"'),
        ("types.toml", "{ trapped = ", "{ stuck = ", 'rule "KLL-2" > when > stuck', "no such"),
        ("types.toml", 'trapped = ["yes"', 'trapped = ["ya"', "when > trapped", '"ya" is not one'),
        ("types.toml", '"KLL-2"', '"KLL-1"', 'rule "KLL-1"', "twice"),
        ("plans.toml", '"banjir"', '"banjr"', '"banjr"', "no such type"),
        ("plans.toml", '"banjir"\npriority = 0', '"banjir"\npriority = 3', '"banjir"', "P2, P4"),
        ("plans.toml", '"bls"', '"blz"', "plan number 1", 'no capability "blz"'),
        ("plans.toml", '"psc119"', '"psc"', "plan number 1", 'no agency "psc"'),
        ("plans.toml", "count = 1", "count = 0", "step number 1 > count", "greater than"),
        ("fleet.toml", '"AMB-02"', '"AMB-01"', 'unit "AMB-01"', "twice"),
        ("fleet.toml", 'agency = "pln"', 'agency = "pnl"', 'unit "PLN-01" > agency', '"pnl"'),
        ("fleet.toml", '["als", "bls"]', '["alz"]', 'unit "AMB-01" > capabilities', '"alz"'),
        ("targets.toml", '"medical"', '"medic"', "target number 5", "medic"),
        ("targets.toml", "percent = 90", "percent = 0", "targets.toml: target", "share"),
        ("reasons.toml", "vehicle_fault", "no_crew", 'decline "no_crew"', "twice"),
        ("dispositions.toml", "valid = true", 'valid = "oui"', '"handled" > valid', "boolean"),
        ("areas.csv", "postcode", "kodepos", "areas.csv: line 1", "columns"),
        ("areas.csv", "-7.818652", "south", "areas.csv: line 2: lat", "number"),
        ("areas.csv", "-7.818652", "-8.9", "areas.csv: line 2: Bandar Lor", "bbox"),
        ("areas.csv", ",35.71.01.1002;", ",", "areas.csv: line 3: Bandar Kidul", "neighbour"),
        ("areas.csv", ",64118,", ",641180000", "areas.csv: line 3", "columns"),
        ("landmarks.csv", "35.71.03.1001", "35.71.03.1099", "line 2: RS Baptis", "not in areas"),
        ("landmarks.csv", ",exact", ",area", "landmarks.csv: line 2", "neither"),
    ],
)
def test_a_fault_is_named_with_its_file_and_place(
    copy: Path, name: str, old: str, new: str, where: str, what: str
) -> None:
    edit(copy, name, old, new)
    assert any(
        line.startswith(name) and where in line and what in line for line in problems(copy)
    ), problems(copy)
