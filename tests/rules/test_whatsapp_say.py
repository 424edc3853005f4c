"""What the city's number says fits Meta's limits, or says clearly why not."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigap.gateways.whatsapp.say import (
    AskPlace,
    Buttons,
    Choice,
    Image,
    Message,
    Rows,
    Template,
    Text,
    Unsendable,
    fitted,
    length,
    request,
)
from sim.whatsapp_limits import check_message

USER = "ID.1349120865530274191"


def choices(count: int, title: str = "Pilihan", **more: str) -> list[Choice]:
    """So many different things to tap."""
    return [Choice(f"id{n}", f"{title} {n}", **more) for n in range(count)]


LONGEST: list[Message] = [
    Text("a" * 4096),
    Buttons("a" * 1024, [Choice(f"{n}" * 256, f"{n}" * 20) for n in range(3)], footer="f" * 60),
    Rows(
        "a" * 4096,
        "b" * 20,
        [Choice(f"{n}" * 200, f"{n}" * 24, "d" * 72) for n in range(10)],
        footer="f" * 60,
    ),
    AskPlace("a" * 1024),
    Image("77", "c" * 1024),
    Template("laporan_selesai", "id", ["p" * 1024], ["puas", "belum"]),
    Template("selamat_datang"),
]


@pytest.mark.parametrize("message", LONGEST, ids=lambda m: type(m).__name__)
def test_the_longest_that_we_say_is_taken_at_the_far_end(message: Message) -> None:
    check_message(request(message, USER, reply_to="wamid.1", reference="r" * 512))


TOO_MUCH: dict[str, Callable[[], Any]] = {
    "text": lambda: Text("a" * 4097),
    "text of emoji": lambda: Text("🙏" * 2049),
    "nothing": lambda: Text(" \n"),
    "body": lambda: Buttons("a" * 1025, choices(1)),
    "no button": lambda: Buttons("a", []),
    "four buttons": lambda: Buttons("a", choices(4)),
    "button": lambda: Buttons("a", [Choice("x", "a" * 21)]),
    "same titles": lambda: Buttons("a", [Choice("x", "Ya"), Choice("y", "Ya")]),
    "same ids": lambda: Buttons("a", [Choice("x", "Ya"), Choice("x", "Tidak")]),
    "no title": lambda: Buttons("a", [Choice("x", "")]),
    "footer": lambda: Buttons("a", choices(1), "f" * 61),
    "list body": lambda: Rows("a" * 4097, "Pilih", choices(1)),
    "eleven rows": lambda: Rows("a", "Pilih", choices(11)),
    "row": lambda: Rows("a", "Pilih", [Choice("x", "a" * 25)]),
    "description": lambda: Rows("a", "Pilih", choices(1, description="d" * 73)),
    "list button": lambda: Rows("a", "a" * 21, choices(1)),
    "row ids": lambda: Rows("a", "Pilih", [Choice("x", "A"), Choice("x", "B")]),
    "place": lambda: AskPlace("a" * 1025),
    "caption": lambda: Image("77", "c" * 1025),
    "no picture": lambda: Image(""),
    "template name": lambda: Template("Laporan Selesai"),
    "language": lambda: Template("x", "Indonesia"),
    "empty parameter": lambda: Template("x", "id", [" "]),
}


@pytest.mark.parametrize("make", TOO_MUCH.values(), ids=TOO_MUCH.keys())
def test_what_whatsapp_would_refuse_is_refused_here_with_words(make: Callable[[], Any]) -> None:
    with pytest.raises(Unsendable) as refusal:
        make()
    assert refusal.value.code == "unsendable" and len(str(refusal.value)) > 10


def test_the_refusal_says_how_long_and_how_much_is_allowed() -> None:
    with pytest.raises(Unsendable) as refusal:
        Text("a" * 5000)
    assert refusal.value.details == {"part": "text", "found": 5000, "most": 4096}


def test_a_user_id_goes_into_recipient_and_a_number_into_to() -> None:
    by_id = request(Text("x"), USER)
    assert by_id["recipient"] == USER and "to" not in by_id
    both = request(Text("x"), USER, phone="+62 812-3345-1190")
    assert both["to"] == "6281233451190" and "recipient" not in both
    assert request(Text("x"), "6281233451190")["to"] == "6281233451190"
    for nobody in ("", "siti", "id.1", "ID."):
        with pytest.raises(Unsendable):
            request(Text("x"), nobody)


def test_only_a_template_needs_no_window() -> None:
    assert [m.needs_window for m in LONGEST] == [True] * 5 + [False] * 2


def test_line_breaks_in_a_templates_parameters_become_spaces() -> None:
    content = Template("x", "id", ["Jl. Dhoho\n\t     12"]).content()
    assert content["template"]["components"][0]["parameters"][0]["text"] == "Jl. Dhoho 12"


def test_a_title_is_cut_to_fit() -> None:
    assert fitted("Lampu penerangan jalan umum", 20) == "Lampu penerangan ja…"
    assert fitted("Lampu", 20) == "Lampu"


@given(st.text(min_size=1), st.integers(2, 30))
def test_a_cut_title_is_never_too_long(words: str, most: int) -> None:
    assert length(fitted(words, most)) <= most


@given(st.text(), st.lists(st.tuples(st.text(max_size=30), st.text(max_size=30)), max_size=5))
def test_whatever_is_let_through_here_is_taken_at_the_far_end(
    body: str, pairs: list[tuple[str, str]]
) -> None:
    tapped = [Choice(name, title) for name, title in pairs]
    for make in (
        lambda: Text(body),
        lambda: Buttons(body, tapped),
        lambda: Rows(body, "Pilih", tapped),
        lambda: Template("x", "id", [title for _name, title in pairs]),
    ):
        try:
            message = make()
        except Unsendable:
            continue
        made = request(message, USER)
        check_message(made)
        assert json.dumps(made)
