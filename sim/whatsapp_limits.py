"""What the Cloud API refuses of a message, from Meta's documents and not from the product."""

import re
from typing import Any

CONTENT_KINDS = ("text", "image", "interactive", "template")


class Wrong(Exception):
    """Refused with this code."""

    def __init__(self, code: int, what: str) -> None:
        super().__init__(what)
        self.code = code


def check_message(body: dict[str, Any]) -> None:
    """Raise Wrong for a request that Meta would refuse whoever it is sent to."""
    _need(body.get("messaging_product") == "whatsapp", 100, "messaging_product")
    _need(body.get("recipient_type", "individual") == "individual", 100, "recipient_type")
    _need(bool(body.get("to") or body.get("recipient")), 131008, "to")
    to = str(body.get("to", ""))
    if to[:1] == "+" or to[:1].isdecimal():  # with the country's code: 0812… is nobody's
        _need(re.fullmatch(r"\+?[1-9]\d{7,14}", to) is not None, 131009, "to")
    kind = body.get("type")
    _need(kind in CONTENT_KINDS, 131009, "type")
    assert isinstance(kind, str)
    part = body.get(kind)
    _need(isinstance(part, dict), 131008, kind)
    assert isinstance(part, dict)
    _within(body.get("biz_opaque_callback_data", ""), 512, "biz_opaque_callback_data", least=0)
    if "context" in body:
        _within(body["context"].get("message_id"), 256, "context")
    {"text": _text, "image": _image, "interactive": _interactive, "template": _template}[kind](part)


def _text(part: dict[str, Any]) -> None:
    _within(part.get("body"), 4096, "text.body")


def _image(part: dict[str, Any]) -> None:
    _need(bool(part.get("id")) != bool(part.get("link")), 131009, "image.id")
    _within(part.get("caption", ""), 1024, "image.caption", least=0)


def _interactive(part: dict[str, Any]) -> None:
    kind, action = part.get("type"), part.get("action", {})
    words = part.get("body", {}).get("text")
    _within(words, 4096 if kind == "list" else 1024, "body")
    if "footer" in part:
        _within(part["footer"].get("text"), 60, "footer")
    if kind == "button":
        replies = [button.get("reply", {}) for button in action.get("buttons", [])]
        _need(1 <= len(replies) <= 3, 131009, "buttons")
        _need(all(b.get("type") == "reply" for b in action["buttons"]), 131009, "button type")
        for reply in replies:
            _within(reply.get("title"), 20, "button title")
            _within(reply.get("id"), 256, "button id")
        _need(len({r["id"] for r in replies}) == len(replies), 131009, "button ids")
        _need(len({r["title"] for r in replies}) == len(replies), 131009, "button titles")
    elif kind == "list":
        _within(action.get("button"), 20, "list button")
        sections = action.get("sections", [])
        _need(1 <= len(sections) <= 10, 131009, "sections")
        _need(len(sections) == 1 or all(s.get("title") for s in sections), 131009, "section title")
        rows = [row for section in sections for row in section.get("rows", [])]
        _need(1 <= len(rows) <= 10, 131009, "rows")
        for row in rows:
            _within(row.get("title"), 24, "row title")
            _within(row.get("id"), 200, "row id")
            _within(row.get("description", ""), 72, "description", least=0)
        _need(len({row["id"] for row in rows}) == len(rows), 131009, "row ids")
    elif kind == "location_request_message":
        _need(action.get("name") == "send_location", 131009, "action")
    else:
        raise Wrong(131009, "interactive type")


def _template(part: dict[str, Any]) -> None:
    _need(re.fullmatch(r"[a-z0-9_]{1,512}", str(part.get("name"))) is not None, 132001, "name")
    _need(bool(part.get("language", {}).get("code")), 131008, "language")
    for component in part.get("components", []):
        _need(component.get("type") in ("header", "body", "button"), 131009, "component")
        if component["type"] == "button":
            _need(component.get("sub_type") == "quick_reply", 131009, "sub_type")
            _need(str(component.get("index")) in map(str, range(10)), 131009, "index")
            kinds = [one.get("type") for one in component.get("parameters", [])]
            _need(kinds == ["payload"], 131009, "payload")
        for one in component.get("parameters", []):
            words = one.get("text") or one.get("payload")
            _within(words, 1024, "parameter")
            plain = not re.search(r"[\n\t]| {5,}", words)
            _need(plain or one.get("type") != "text", 132012, "parameter")


def _within(words: Any, most: int, what: str, *, least: int = 1) -> None:
    _need(isinstance(words, str), 131008, what)
    # Emoji count twice, as JavaScript counts.
    size = len(words.encode("utf-16-le", "surrogatepass")) // 2
    _need(size >= least and (not least or bool(words.strip())), 131008, what)
    _need(size <= most, 131009, f"{what}: {size} of {most}")


def _need(right: bool, code: int, what: str) -> None:
    if not right:
        raise Wrong(code, what)
