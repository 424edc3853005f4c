"""The yearly survey (IKM): entered by hand, imported, and shown with how many answered."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from sigap.complaints.survey.actions import enter_answers, import_answers, remove_answers
from sigap.complaints.survey.ikm import ELEMENTS
from sigap.complaints.survey.models import IkmAnswer
from sigap.core.actors import Actor
from sigap.core.errors import Forbidden, Invalid
from sigap.core.models import Journal
from sigap.evaluation.ikm import ikm_year, ikm_years

from .proofs import proves

Who = Callable[[str], Actor]
HEAD = "agency;service;u1;u2;u3;u4;u5;u6;u7;u8;u9;age;sex;education"
BEST = dict.fromkeys(ELEMENTS, "4")


def table(*rows: str, head: str = HEAD) -> str:
    return "\r\n".join(("\ufeff" + head, *rows, ""))


def test_the_value_is_of_all_answers_and_each_agency_has_its_own(actor: Who) -> None:
    who = actor("evaluator")
    enter_answers(2026, BEST, agency="dishub", actor=who)
    enter_answers(2026, BEST | {"u3": "1"}, agency="dinsos", age="30-39", sex="P", actor=who)
    enter_answers(2025, dict.fromkeys(ELEMENTS, "2"), actor=who)
    found = ikm_year(2026)
    assert found.total is not None
    assert (found.total.n, found.total.value, found.total.band) == (2, Decimal("95.83"), "A")
    slow = found.total.elements[2]
    assert (slow.mean, slow.value, slow.band) == (Decimal("2.50"), Decimal("62.50"), "D")
    values = {group.code: (group.n, group.value) for group in found.by_agency}
    assert values == {"dishub": (1, Decimal("100.00")), "dinsos": (1, Decimal("91.67"))}
    assert found.people["age"] == {"30-39": 1} and found.people["sex"] == {"P": 1}
    assert ikm_years() == [
        (2026, 2, Decimal("95.83"), "A"),
        (2025, 1, Decimal("50.00"), "D"),
    ]


@proves("survey.ikm_least")
def test_with_few_answers_it_says_that_they_are_too_few(
    actor: Who, browser_of: Callable[[str], Client], put: Callable[[str, float], None]
) -> None:
    put("survey.ikm_least", 2)
    enter_answers(2026, BEST, actor=actor("evaluator"))
    warning = "Kurang dari 2 jawaban", "Fewer than 2 answers"
    page = browser_of("evaluator").get("/ikm?year=2026").content.decode()
    assert any(words in page for words in warning)
    enter_answers(2026, BEST, actor=actor("evaluator"))
    page = browser_of("evaluator").get("/ikm?year=2026").content.decode()
    assert not any(words in page for words in warning) and "100,00" in page


def test_a_year_without_answers_has_no_value(browser_of: Callable[[str], Client]) -> None:
    assert ikm_year(2026).total is None
    assert browser_of("evaluator").get("/ikm").status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [{"u5": "0"}, {"u5": "5"}, {"u5": ""}, {"u5": "3,5"}, {"u5": "x"}],
)
def test_all_nine_are_answered_from_one_to_four(actor: Who, wrong: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        enter_answers(2026, BEST | wrong, actor=actor("evaluator"))
    assert not IkmAnswer.objects.exists()


def test_who_answered_is_known_by_coarse_codes_only(actor: Who) -> None:
    for wrong in ({"age": "34"}, {"sex": "Bu Sri"}, {"education": "Doktor"}, {"agency": "x"}):
        with pytest.raises(Invalid):
            enter_answers(2026, BEST, actor=actor("evaluator"), **wrong)
    with pytest.raises(Invalid):
        enter_answers(2026, BEST, actor=actor("evaluator"), service="Bu Sri")
    with pytest.raises(Forbidden):
        enter_answers(2026, BEST, actor=actor("dispatcher"))


def test_a_table_comes_in_whole_or_not_at_all(actor: Who) -> None:
    who = actor("evaluator")
    good = "dishub;kir;4;4;3;4;3;4;4;3;3;20-29;L;SMA"
    bad = table(good, "dishub;kir;4;4;9;4;3;4;4;3;3;;;", ";;4;4;4;4;4;4;4;4;4;tua;;")
    with pytest.raises(Invalid) as refusal:
        import_answers(2026, bad, actor=who)
    assert "3" in str(refusal.value) and "u3" in str(refusal.value) and "4" in str(refusal.value)
    assert not IkmAnswer.objects.exists()
    assert import_answers(2026, table(good, "", good), actor=who) == 2
    row = Journal.objects.get(kind="ikm.imported")
    assert row.body == {"year": 2026, "count": 2}


def test_the_same_table_again_adds_nothing_and_two_alike_people_are_two(actor: Who) -> None:
    who, same = actor("evaluator"), ";;4;4;4;4;4;4;4;4;4;;;"
    first, other = table(same, same), table(same, same, ";;1;1;1;1;1;1;1;1;1;;;")
    assert [import_answers(2026, first, actor=who) for _n in range(2)] == [2, 0]
    assert import_answers(2026, other, actor=who) == 3  # another agency's file may look alike
    assert import_answers(2025, first, actor=who) == 2


def test_with_a_number_of_their_own_no_respondent_counts_twice(actor: Who) -> None:
    who, head = actor("evaluator"), "id,u1,u2,u3,u4,u5,u6,u7,u8,u9"
    one, two = "081234567890,4,4,4,4,4,4,4,4,4", "R2,3,3,3,3,3,3,3,3,3"
    assert import_answers(2026, table(one, one, head=head), actor=who) == 1
    assert import_answers(2026, table(one, two, head=head), actor=who) == 1
    assert not IkmAnswer.objects.filter(line__contains="81234567890").exists()


@pytest.mark.parametrize(
    "text", ["", "a,b\n1,2\n", table(), "\x00\x01", "u1;u2\n4;4\n", '"' + HEAD, HEAD + '\n"4']
)
def test_what_is_no_such_table_is_refused(actor: Who, text: str) -> None:
    with pytest.raises(Invalid):
        import_answers(2026, text, actor=actor("evaluator"))


def test_the_page_takes_forms_and_files_and_takes_out_a_mistake(
    browser_of: Callable[[str], Client],
) -> None:
    evaluator = browser_of("evaluator")
    form = {"year": 2026, "agency": "dishub", "age": "20-29", **BEST}
    assert evaluator.post("/ikm/add", form).status_code == 302
    assert evaluator.post("/ikm/add", form | {"u9": ""}).status_code == 400
    file = SimpleUploadedFile("ikm.csv", table(";;4;4;4;4;4;4;4;4;4;;;").encode())
    answer = evaluator.post("/ikm/import", {"year": 2026, "file": file})
    assert answer.status_code == 302 and IkmAnswer.objects.count() == 2
    for content in (b"", b"\xff\xfe\x00", b"u1"):
        wrong = SimpleUploadedFile("x.csv", content)
        assert evaluator.post("/ikm/import", {"year": 2026, "file": wrong}).status_code == 400
    assert evaluator.get("/ikm?year=1").status_code == 400
    mistaken = IkmAnswer.objects.get(age="20-29")
    assert evaluator.post(f"/ikm/{mistaken.pk}/remove", {"year": 2026}).status_code == 302
    assert IkmAnswer.objects.count() == 1


def test_what_was_taken_out_is_in_the_record(actor: Who) -> None:
    one = enter_answers(2026, BEST, actor=actor("evaluator"))
    remove_answers(one.pk, actor=actor("evaluator"))
    kinds = [row.kind for row in Journal.objects.filter(subject=f"ikmanswer:{one.pk}")]
    assert kinds == ["ikm.entered", "ikm.removed"]


def test_a_table_whose_first_line_never_ends_is_told_and_no_fault(actor: Who) -> None:
    with pytest.raises(Invalid):
        import_answers(2026, "x" * 200_000 + "\n1", actor=actor("supervisor"))
