"""What arrives from WhatsApp: every kind is understood, and nothing that is sent is an error."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigap.gateways.whatsapp.door import letters_in
from sigap.gateways.whatsapp.messages import Heard, Media, Notice, Receipt, read

NOW = datetime(2026, 11, 2, 1, 0, 30, tzinfo=UTC)
AT = datetime(2026, 11, 2, 1, 0, 12, tzinfo=UTC)
STAMP = str(int(AT.timestamp()))
USER, NUMBER = "ID.1349120865530274191", "6281233451190"
CONTACT = {"profile": {"name": "Siti", "username": "siti"}, "wa_id": NUMBER, "user_id": USER}
FILE = {"id": "77", "mime_type": "image/jpeg", "sha256": "ab" * 32}


def delivered(*values: dict[str, Any], field: str = "messages") -> bytes:
    """A body as Meta sends it."""
    changes = [{"field": field, "value": value} for value in values]
    entry = [{"id": "1", "changes": changes}]
    return json.dumps({"object": "whatsapp_business_account", "entry": entry}).encode()


def told(message: Any, contact: Any = CONTACT) -> Heard:
    """A message as it is understood."""
    value = {"metadata": {"phone_number_id": "9"}, "contacts": [contact], "messages": [message]}
    [(_name, letter)] = letters_in(delivered(value))
    heard = read(letter, NOW)
    assert isinstance(heard, Heard)
    return heard


def message(kind: str, part: Any = None, **more: Any) -> dict[str, Any]:
    """One message."""
    bare = {"id": "wamid.1", "from": NUMBER, "timestamp": STAMP, "type": kind}
    return bare | ({kind: part} if part is not None else {}) | more


def status(word: str, **more: Any) -> dict[str, Any]:
    """One status."""
    bare = {"id": "wamid.9", "status": word, "timestamp": STAMP, "recipient_user_id": USER}
    return {"statuses": [bare | more]}


def test_a_text_says_who_when_and_what() -> None:
    heard = told(message("text", {"body": "Lampu jalan mati 🌙"}, context={"id": "wamid.0"}))
    assert heard == Heard(
        id="wamid.1",
        who=USER,
        at=AT,
        kind="text",
        text="Lampu jalan mati 🌙",
        reply_to="wamid.0",
        name="Siti",
        phone="+6281233451190",
        number_id="9",
    )


def test_the_key_is_the_user_id_and_else_the_number() -> None:
    text = {"body": "x"}
    assert told(message("text", text), {"wa_id": NUMBER}).who == NUMBER
    hidden = {"id": "wamid.1", "from_user_id": USER, "type": "text", "text": text}
    assert (told(hidden, {}).who, told(hidden, {}).phone) == (USER, "")
    assert told(hidden | {"from_user_id": None}, {"user_id": USER}).who == USER


def test_each_of_several_people_in_one_delivery_has_their_own_words() -> None:
    other = {"profile": {"name": "Budi"}, "wa_id": "628999", "user_id": "ID.2"}
    messages = [
        message("text", {"body": "dua"}, id="wamid.2", **{"from": "628999"}),
        message("text", {"body": "satu"}),
    ]
    letters = letters_in(delivered({"contacts": [CONTACT, other], "messages": messages}))
    heard = [read(letter, NOW) for _name, letter in letters]
    assert [(h.who, h.text) for h in heard if isinstance(h, Heard)] == [
        ("ID.2", "dua"),
        (USER, "satu"),
    ]


@pytest.mark.parametrize("kind", ["image", "audio", "video", "document", "sticker"])
def test_a_file_is_named_with_its_checksum_and_caption(kind: str) -> None:
    heard = told(message(kind, FILE | {"caption": "di sini", "filename": "a.jpg", "voice": True}))
    assert heard.media == Media("77", "image/jpeg", "ab" * 32, "di sini", "a.jpg", voice=True)
    assert (heard.kind, heard.text) == (kind, "di sini")


def test_a_pin_has_a_point_and_the_words_of_its_place() -> None:
    pin = {"latitude": -7.8228, "longitude": "112.0119", "name": "Pasar", "address": "Jl. Dhoho"}
    heard = told(message("location", pin))
    assert (heard.point, heard.place) == ((-7.8228, 112.0119), "Pasar, Jl. Dhoho")


@pytest.mark.parametrize("lat", [95, "NaN", None, "Infinity", True, [1]])
def test_a_pin_that_cannot_be_keeps_its_words_only(lat: Any) -> None:
    pin = {"latitude": lat, "longitude": 112.0}
    assert told(message("location", pin)).kind == "unsupported"
    assert told(message("location", pin | {"name": "Pasar"})).place == "Pasar"


@pytest.mark.parametrize(
    ("given", "choice", "text"),
    [
        ({"type": "button_reply", "button_reply": {"id": "yes", "title": "Ya"}}, "yes", "Ya"),
        ({"type": "list_reply", "list_reply": {"id": "pju", "title": "Lampu"}}, "pju", "Lampu"),
    ],
)
def test_what_is_tapped_is_a_choice(given: dict[str, Any], choice: str, text: str) -> None:
    heard = told(message("interactive", given))
    assert (heard.kind, heard.choice, heard.text) == ("choice", choice, text)


def test_the_button_of_a_template_is_a_choice_and_a_form_is_its_answers() -> None:
    heard = told(message("button", {"payload": "p", "text": "Sudah"}))
    assert (heard.kind, heard.choice, heard.text) == ("choice", "p", "Sudah")
    form = {"type": "nfm_reply", "nfm_reply": {"name": "flow", "response_json": '{"a":1}'}}
    assert told(message("interactive", form)).text == '{"a":1}'


def test_a_reaction_an_edit_and_a_withdrawal_name_the_message_that_they_are_about() -> None:
    heard = told(message("reaction", {"message_id": "wamid.0", "emoji": "👍"}))
    assert (heard.kind, heard.reply_to, heard.text) == ("reaction", "wamid.0", "👍")
    anew = {"type": "text", "text": {"body": "Jl. Hasanudin"}}
    heard = told(message("edit", {"original_message_id": "wamid.0", "message": anew}))
    assert (heard.kind, heard.reply_to, heard.text) == ("edit", "wamid.0", "Jl. Hasanudin")
    heard = told(message("revoke", {"original_message_id": "wamid.0"}))
    assert (heard.kind, heard.reply_to) == ("revoke", "wamid.0")


def test_other_peoples_numbers_in_a_shared_contact_are_not_read() -> None:
    heard = told(message("contacts", [{"phones": [{"phone": "+62811111"}]}]))
    assert heard.kind == "contacts" and "62811111" not in repr(heard)


def test_a_new_number_is_the_same_person_under_another_key() -> None:
    system = {"type": "user_changed_number", "wa_id": "6281299990000", "user_id": "ID.new"}
    heard = told(message("system", system | {"previous_user_id": USER}), {})
    assert (heard.kind, heard.who, heard.was) == ("moved", "ID.new", USER)
    assert (heard.phone, heard.was_phone) == ("+6281299990000", "+6281233451190")
    heard = told({"id": "w", "type": "system", "system": system | {"previous_user_id": "ID.0"}}, {})
    assert (heard.was, heard.was_phone) == ("ID.0", "")


def test_only_the_user_id_may_change_and_older_versions_know_only_numbers() -> None:
    changed = {"type": "user_changed_user_id", "user_id": "ID.new", "previous_user_id": USER}
    heard = told({"id": "w", "type": "system", "system": changed}, {})
    assert (heard.kind, heard.who, heard.was, heard.phone) == ("moved", "ID.new", USER, "")
    old = {"type": "customer_changed_number", "new_wa_id": "6281299990000", "customer": NUMBER}
    heard = told(message("system", old), {})
    assert (heard.who, heard.was) == ("6281299990000", NUMBER)


@pytest.mark.parametrize(
    "strange",
    [
        message("unsupported", errors=[{"code": 131051, "title": "x"}]),
        message("hologram", {"depth": 3}),
        message("text"),
        message("text", "no object"),
        message("image", {"mime_type": "image/jpeg"}),
        message("location", [1, 2]),
        message("interactive", {"type": "dance"}),
        message("system", {"type": "weather"}),
        message("edit", {"message": 7}),
        {"type": 7},
        {},
    ],
)
def test_what_is_not_known_is_kept_as_unsupported_with_its_sender(strange: dict[str, Any]) -> None:
    heard = told(strange)
    assert heard.kind in ("unsupported", "edit")
    if "from" in strange:
        assert heard.who == USER


def test_the_code_of_what_is_unsupported_is_kept() -> None:
    assert told(message("unsupported", errors=[{"code": 131051}])).code == 131051


@pytest.mark.parametrize("stamp", ["", "soon", "0", "99999999999999", None, -1, "NaN", {}])
def test_a_time_that_cannot_be_is_when_it_came_in(stamp: Any) -> None:
    assert told(message("text", {"body": "x"}, timestamp=stamp)).at == NOW


def test_a_message_of_a_week_ago_keeps_its_time() -> None:
    old = NOW - timedelta(days=6)
    assert told(message("text", {"body": "x"}, timestamp=str(int(old.timestamp())))).at == old


def test_text_is_kept_as_written_but_for_what_no_database_takes() -> None:
    body = "<b>=cmd|' /C calc'!A0</b> \u202eمرحبا 👨‍👩‍👧\x00\ud83d"
    assert told(message("text", {"body": body})).text == body[:-2] + "?"
    assert len(told(message("text", {"body": "a" * 100_000})).text) == 8192


def test_receipts_are_told_apart_by_message_and_status() -> None:
    body = delivered(status("delivered"), status("sent"), status("read"))
    letters = letters_in(body)
    assert len({name for name, _letter in letters}) == 3
    assert letters_in(delivered(status("sent")))[0] == letters[1]
    ranks = [
        r.rank for r in (read(letter, NOW) for _n, letter in letters) if isinstance(r, Receipt)
    ]
    assert ranks[1] < ranks[0] < ranks[2]


def test_a_failure_outweighs_sent_and_yields_to_what_came_after_all() -> None:
    words = ("sent", "failed", "delivered", "read", "played")
    letters = [letters_in(delivered(status(word)))[0][1] for word in words]
    ranks = [r.rank for r in (read(letter, NOW) for letter in letters) if isinstance(r, Receipt)]
    assert ranks == sorted(set(ranks)) and len(ranks) == 5


def test_a_receipt_says_why_it_failed_what_it_cost_and_what_we_had_called_it() -> None:
    price = {"billable": True, "category": "utility"}
    given = status(
        "failed", errors=[{"code": 131047}], pricing=price, biz_opaque_callback_data="d7"
    )
    [(_name, letter)] = letters_in(delivered(given))
    receipt = read(letter, NOW)
    assert isinstance(receipt, Receipt)
    assert (receipt.code, receipt.reference, receipt.who) == (131047, "d7", USER)
    assert (receipt.billable, receipt.category) == (True, "utility")
    [(_name, letter)] = letters_in(delivered(status("teleported")))
    unknown = read(letter, NOW)
    assert isinstance(unknown, Receipt) and unknown.rank == 0


def test_what_happens_to_the_account_is_a_notice() -> None:
    value = {"event": "REJECTED", "message_template_name": "x"}
    [(name, letter)] = letters_in(delivered(value, field="message_template_status_update"))
    assert read(letter, NOW) == Notice("message_template_status_update", "REJECTED")
    assert name.startswith("sha256:")
    [(_name, letter)] = letters_in(delivered({"errors": [{"code": 130429}]}))
    assert read(letter, NOW) == Notice("messages", "", 130429)


@pytest.mark.parametrize(
    "body", [b"[]", b"{}", b"null", b'"x"', b'{"entry":[{"changes":7}]}', b"1"]
)
def test_a_body_without_messages_is_kept_once(body: bytes) -> None:
    assert len(letters_in(body)) == 1 and letters_in(body) == letters_in(body)


@pytest.mark.parametrize("wamid", ["", None, 7, "x" * 300, "wamid.\x00", "wamid.é"])
def test_a_message_without_a_name_that_can_be_kept_is_known_again_all_the_same(wamid: Any) -> None:
    bodies = [
        delivered({"contacts": [CONTACT], "messages": [message("text", {"body": b}, id=wamid)]})
        for b in ("satu", "satu", "dua")
    ]
    names = [letters_in(body)[0][0] for body in bodies]
    assert names[0] == names[1] and names[0].startswith("sha256:")
    assert isinstance(wamid, str) and wamid or names[2] != names[0]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
PARTS = ["id", "type", "text", "image", "location", "interactive", "system", "errors", "context"]
PARTS += ["from", "timestamp", "contacts", "reaction", "edit", "button", "profile", "user_id"]


@given(
    st.dictionaries(st.sampled_from(PARTS), anything),
    st.dictionaries(st.sampled_from(["profile", "wa_id", "user_id"]), anything),
    st.sampled_from(["text", "image", "location", "interactive", "system", "edit", "contacts"]),
)
def test_nothing_that_anybody_sends_is_an_error(
    sent: dict[str, Any], contact: dict[str, Any], kind: str
) -> None:
    for given_message in (sent, sent | {"type": kind}):
        heard = told(given_message, contact)
        assert "\x00" not in heard.text and heard.text.encode() is not None
    value = {"statuses": [sent], "contacts": [contact]}
    for _name, letter in letters_in(delivered(value)):
        assert isinstance(read(letter, NOW), Receipt)


@pytest.mark.parametrize("code", ["1e999", "NaN", '"x"', "null", "[]", "true"])
def test_a_code_that_is_none_loses_nothing_of_a_message(code: str) -> None:
    given = {"id": "wamid.9", "from": NUMBER, "type": "strange", "text": {"body": "Tolong"}}
    letter = json.dumps({"message": given | {"errors": [{"code": "CODE"}]}})
    heard = read(letter.replace('"CODE"', code), NOW)
    assert isinstance(heard, Heard)
    assert (heard.kind, heard.code, heard.text) == ("unsupported", 0, "Tolong")
