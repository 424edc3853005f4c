"""The documents that are made from the code, so that they cannot disagree with it."""

import inspect
import types
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import SecretStr
from pydantic.fields import FieldInfo

MADE = "<!-- Made by `sigap docs`; do not edit. -->"


def documents() -> dict[str, str]:
    """Every generated document by its path below the project's root."""
    return {
        "docs/states.md": states(),
        "docs/settings.md": settings(),
        "docs/parameters.md": parameters(),
        "docs/journal.md": journal(),
    }


def write_docs(root: Path) -> list[Path]:
    """Write all documents below `root`; returns their paths."""
    paths = []
    for name, text in documents().items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        paths.append(path)
    return paths


def states() -> str:
    """The state machines: a picture and a table of each."""
    from sigap.calls.machine import CALL, PARTY, REVIEW
    from sigap.complaints.chat.machine import CHAT
    from sigap.complaints.machine import COMPLAINT, REFERRAL
    from sigap.complaints.survey.machine import FOLLOW_UP, SURVEY
    from sigap.core.models import ALARM
    from sigap.dispatch.machine import ASSIGNMENT
    from sigap.fleet.machine import EQUIPMENT, UNIT
    from sigap.incidents.machine import INCIDENT
    from sigap.neighbours.machine import AID, HANDOVER, LOAN, SHARE
    from sigap.notify.machine import DELIVERY, NOTICE
    from sigap.proposals.machine import PROPOSAL
    from sigap.warnings.machine import ANNOUNCEMENT, WARNING

    parts = [
        _head("States", "What may follow what. A move that is not listed here is refused."),
    ]
    field = (INCIDENT, ASSIGNMENT, UNIT, EQUIPMENT, DELIVERY, NOTICE)
    desk = (COMPLAINT, REFERRAL, CHAT, SURVEY, FOLLOW_UP)
    between = (HANDOVER, AID, LOAN, SHARE)
    told = (WARNING, ANNOUNCEMENT, PROPOSAL)
    for machine in (CALL, PARTY, REVIEW, *field, *desk, *between, *told, ALARM):
        moves = [
            (state, command, after)
            for state, row in machine.table.items()
            for command, after in row.items()
        ]
        picture = [
            "```mermaid",
            "stateDiagram-v2",
            f"    [*] --> {machine.initial}",
            *(f"    {before} --> {after}: {command}" for before, command, after in moves),
            *(f"    {state} --> [*]" for state, row in machine.table.items() if not row),
            "```",
        ]
        rows = [
            (f"`{state}`", ", ".join(f"{c} → `{n}`" for c, n in row.items()) or "(end)")
            for state, row in machine.table.items()
        ]
        parts.append(
            "\n".join(
                [f"## {machine.name}", "", *picture, "", *_table(("state", "commands"), rows)]
            )
        )
    return "\n\n".join(parts) + "\n"


def settings() -> str:
    """What a machine's owner sets."""
    from .environment import Environment

    rows = [
        (f"`SIGAP_{name.upper()}`", _kind(field), _default(field), field.description or "")
        for name, field in Environment.model_fields.items()
    ]
    about = (
        "Set by environment, or in a TOML file named by `SIGAP_CONFIG` (there in small letters "
        "without `SIGAP_`). The environment wins. A wrong value or an unknown name stops the "
        "start. Lists are written as JSON in the environment."
    )
    return (
        "\n".join(
            [
                _head("Settings", about),
                "",
                *_table(("setting", "value", "default", "what for"), rows),
            ]
        )
        + "\n"
    )


def parameters() -> str:
    """The numbers that a city sets."""
    from sigap.core.parameters import PARAMETERS

    rows = [
        (f"`{name}`", f"{p.default:g}", f"{p.low:g} to {p.high:g}", p.unit, p.what)
        for name, p in PARAMETERS.items()
    ]
    about = "Changed by an administrator while the system runs; each change is in the journal."
    head = ("parameter", "default", "bounds", "unit", "what it does")
    return "\n".join([_head("Parameters", about), "", *_table(head, rows)]) + "\n"


def journal() -> str:
    """The kinds of journal rows and what each carries."""
    from sigap.core.kinds import KINDS

    kinds = [
        (f"`{kind}`", f"[{body.__name__}](#{body.__name__.lower()})")
        for kind, body in KINDS.items()
    ]
    about = (
        "One row per change, written in the transaction of the change, never changed or removed. "
        "Its columns: `seq`, `at`, `occurred_at` (where the act was before its record), `actor`, "
        "`kind`, `subject`, `case`, `before`, `after`, `body`, `hash`. A body holds codes, "
        "numbers and times only; words and telephone numbers are kept apart and can be erased."
    )
    parts = [_head("Journal", about), "\n".join(_table(("kind", "body"), kinds)), "## Bodies"]
    for body in dict.fromkeys(KINDS.values()):
        hints = get_type_hints(body, include_extras=True)
        rows = [(f"`{name}`", _named(hints[name])) for name in body.model_fields]
        doc = " ".join((inspect.getdoc(body) or "").split())
        table = ["", *_table(("field", "type"), rows)] if rows else []
        parts.append("\n".join([f"### {body.__name__}", "", doc, *table]))
    return "\n\n".join(parts) + "\n"


def _head(title: str, about: str) -> str:
    return f"# {title}\n\n{MADE}\n\n{about}"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    lines = [head, tuple("---" for _ in head), *rows]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]


def _kind(field: FieldInfo) -> str:
    """A setting's type in words."""
    kind: Any = field.annotation
    if get_origin(kind) is Literal:
        return ", ".join(f"`{choice}`" for choice in get_args(kind))
    bounds = {type(m).__name__: getattr(m, type(m).__name__.lower(), None) for m in field.metadata}
    low, high = bounds.get("Ge", bounds.get("Gt")), bounds.get("Le")
    words = {bool: "true or false", int: "number", float: "number", SecretStr: "secret text"}
    text = words.get(kind, "list of texts" if get_origin(kind) is list else "text")
    if kind is Path or Path in get_args(kind):
        text = "path"
    if low is not None:
        text += f", {'above ' if 'Gt' in bounds else ''}{low} to {high}"
    return text


def _default(field: FieldInfo) -> str:
    value = field.default
    if isinstance(value, SecretStr) or value in ("", None, []):
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`".replace("'", '"')


def _named(hint: Any) -> str:
    """A journal body's type in words."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return "code"
    if origin in (types.UnionType, Union):
        return " or ".join(_named(part) for part in inner)
    if origin is list:
        return f"list of {_named(inner[0])}s"
    if origin is dict:
        return f"{_named(inner[0])} to {_named(inner[1])}"
    simple = {int: "number", float: "number", bool: "yes or no", datetime: "time"}
    return simple.get(hint, "nothing")
