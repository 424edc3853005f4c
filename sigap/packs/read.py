"""Reads the files of a city pack.

`read_pack` takes any directory, so a city can keep its own pack outside the program. It either
returns a complete, cross-checked `Pack` or raises `PackError` listing every problem with the file
and the line or key where it stands.
"""

import csv
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import Field, ValidationError

from .checks import faults
from .reasons import Reasons, Row
from .schema import (
    Advice,
    Agency,
    Area,
    Capability,
    Category,
    Centre,
    City,
    Criterion,
    Danger,
    Disposition,
    Fleet,
    IncidentType,
    Landmark,
    Pack,
    PhoneBookEntry,
    Plan,
    Readiness,
    Target,
)


class PackError(Exception):
    """A pack that cannot be used; `problems` has one line for each fault."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problems))


class _AgencyFile(Row):
    agency: Annotated[tuple[Agency, ...], Field(min_length=1)]


class _CapabilityFile(Row):
    capability: Annotated[tuple[Capability, ...], Field(min_length=1)]


class _TypeFile(Row):
    type: Annotated[tuple[IncidentType, ...], Field(min_length=1)]


class _PlanFile(Row):
    plan: Annotated[tuple[Plan, ...], Field(min_length=1)]


class _DispositionFile(Row):
    disposition: Annotated[tuple[Disposition, ...], Field(min_length=1)]


class _QualityFile(Row):
    question: Annotated[tuple[Criterion, ...], Field(min_length=1)]


class _PhoneBookFile(Row):
    entry: tuple[PhoneBookEntry, ...] = ()


class _NeighbourFile(Row):
    centre: tuple[Centre, ...] = ()


class _CategoryFile(Row):
    category: tuple[Category, ...] = ()


class _AdviceFile(Row):
    advice: tuple[Advice, ...] = ()


class _TargetFile(Row):
    target: tuple[Target, ...] = ()


R = TypeVar("R", bound=Row)


def read_pack(path: Path) -> Pack:
    """Read and cross-check the pack in a directory.

    Raises PackError naming the file and the line or key of every problem found.
    """
    path = Path(path)
    if not path.is_dir():
        raise PackError([f"{path}: no such directory"])
    problems: list[str] = []
    city = _read_toml(path / "pack.toml", City, problems)
    areas = _read_csv(path / "areas.csv", Area, problems)
    landmarks = _read_csv(path / "landmarks.csv", Landmark, problems)
    agencies = _read_toml(path / "agencies.toml", _AgencyFile, problems)
    capabilities = _read_toml(path / "capabilities.toml", _CapabilityFile, problems)
    types = _read_toml(path / "types.toml", _TypeFile, problems)
    plans = _read_toml(path / "plans.toml", _PlanFile, problems)
    fleet = _read_toml(path / "fleet.toml", Fleet, problems)
    readiness: Readiness | None = Readiness()
    if (path / "readiness.toml").exists():  # older packs have none
        readiness = _read_toml(path / "readiness.toml", Readiness, problems)
    dispositions = _read_toml(path / "dispositions.toml", _DispositionFile, problems)
    reasons = _read_toml(path / "reasons.toml", Reasons, problems)
    targets = _read_toml(path / "targets.toml", _TargetFile, problems)
    quality = _read_toml(path / "quality.toml", _QualityFile, problems)
    phone_book = _read_toml(path / "phonebook.toml", _PhoneBookFile, problems)
    neighbours = _read_toml(path / "neighbours.toml", _NeighbourFile, problems)
    categories = _read_toml(path / "categories.toml", _CategoryFile, problems)
    danger = _read_toml(path / "danger.toml", Danger, problems)
    advice: _AdviceFile | None = _AdviceFile()
    if (path / "advice.toml").exists():  # older packs have none
        advice = _read_toml(path / "advice.toml", _AdviceFile, problems)
    if (
        problems
        or city is None
        or agencies is None
        or capabilities is None
        or types is None
        or plans is None
        or fleet is None
        or readiness is None
        or dispositions is None
        or reasons is None
        or targets is None
        or quality is None
        or phone_book is None
        or neighbours is None
        or categories is None
        or danger is None
        or advice is None
    ):
        raise PackError(problems)
    pack = Pack(
        city=city,
        areas=tuple(row for _, row in areas),
        landmarks=tuple(row for _, row in landmarks),
        agencies=agencies.agency,
        capabilities=capabilities.capability,
        types=types.type,
        plans=plans.plan,
        fleet=fleet,
        readiness=readiness,
        dispositions=dispositions.disposition,
        reasons=reasons,
        targets=targets.target,
        quality=quality.question,
        phone_book=phone_book.entry,
        neighbours=neighbours.centre,
        categories=categories.category,
        danger=danger,
        advice=advice.advice,
    )
    if problems := list(faults(pack, areas, landmarks)):
        raise PackError(problems)
    return pack


def _read_toml(path: Path, model: type[R], problems: list[str]) -> R | None:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        problems.append(f"{path.name}: missing")
        return None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(f"{path.name}: {error}")
        return None
    try:
        return model.model_validate(data)
    except ValidationError as error:
        problems.extend(
            f"{path.name}: {_where(data, item['loc'])}: {item['msg']}" for item in error.errors()
        )
        return None


def _where(data: Any, location: Sequence[int | str]) -> str:
    """A validation location as a reader would say it: `type "banjir" > rule "BJR-1" > priority`."""
    parts: list[str] = []
    for key in location:
        if isinstance(key, int):
            data = data[key] if isinstance(data, list) and key < len(data) else None
            name = None
            if isinstance(data, dict):
                name = data.get("code") or data.get("call_sign") or data.get("type")
            label = f'"{name}"' if name else f"number {key + 1}"
            parts[-1:] = [f"{parts[-1]} {label}"] if parts else [label]
        else:
            data = data.get(key) if isinstance(data, dict) else None
            parts.append(key)
    return " > ".join(parts) or "file"


_LISTS = {"neighbours", "aliases"}


def _read_csv(path: Path, model: type[R], problems: list[str]) -> list[tuple[int, R]]:
    """The rows of a CSV file, each with its line number."""
    rows: list[tuple[int, R]] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            expected = list(model.model_fields)
            if list(reader.fieldnames or ()) != expected:
                problems.append(f"{path.name}: line 1: the columns must be {','.join(expected)}")
                return rows
            for record in reader:
                line = f"{path.name}: line {reader.line_num}"
                if None in record or None in record.values():
                    problems.append(f"{line}: expected {len(expected)} columns")
                    continue
                try:
                    rows.append((reader.line_num, model.model_validate(_cells(record))))
                except ValidationError as error:
                    problems.extend(
                        f"{line}: {_where(record, item['loc'])}: {item['msg']}"
                        for item in error.errors()
                    )
    except FileNotFoundError:
        problems.append(f"{path.name}: missing")
    except (UnicodeDecodeError, csv.Error) as error:
        problems.append(f"{path.name}: {error}")
    else:
        if not rows and not problems:
            problems.append(f"{path.name}: no rows")
    return rows


def _cells(record: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in record.items():
        if key in _LISTS:
            values[key] = [part.strip() for part in value.split(";") if part.strip()]
        else:
            values[key] = value.strip() or None
    return values
