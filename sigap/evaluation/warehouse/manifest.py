"""What a warehouse holds of each city: one small file that names every Parquet file that counts.

A file that no manifest names does not exist for a reader. Writing the manifest, by renaming it
into its place, is therefore the one moment at which an export has happened; a crash before it
leaves the state of the export before.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
from django.utils.translation import gettext as _

from sigap.core.errors import Invalid, Missing

from .tables import VERSION

FOLDER = "manifest"
# Read by people, by a query engine and by nobody else: as the city's other files.
MODE = 0o600


@dataclass(frozen=True)
class Part:
    """One Parquet file: its path below the warehouse, how many rows and bytes it must have."""

    path: str
    rows: int
    bytes: int


@dataclass(frozen=True)
class Manifest:
    """One city's part of a warehouse, as of the journal's row `last_seq` with the hash `head`."""

    city: str
    time_zone: str
    drill: bool
    first_seq: int
    last_seq: int
    head: str
    made_at: str
    tables: dict[str, list[Part]] = field(default_factory=dict)
    version: int = VERSION

    @property
    def paths(self) -> set[str]:
        """All files that it names."""
        return {part.path for parts in self.tables.values() for part in parts}


def read_all(root: Path) -> dict[str, Manifest]:
    """The manifests of a warehouse by city; Missing where there is none, Invalid where one
    cannot be used."""
    found = {}
    for path in sorted((root / FOLDER).glob("*.json")):
        manifest = _read(path)
        found[manifest.city] = manifest
    if not found:
        raise Missing(_("There is no warehouse in %(folder)s.") % {"folder": root})
    drills = {manifest.drill for manifest in found.values()}
    if len(drills) > 1:
        raise Invalid(_("A drill lies beside a city's real figures here. Remove one of them."))
    return found


def read_one(root: Path, city: str) -> Manifest | None:
    """The manifest of one city; None where nothing was exported yet."""
    path = root / FOLDER / f"{city}.json"
    return _read(path) if path.exists() else None


def _read(path: Path) -> Manifest:
    try:
        plain: dict[str, Any] = json.loads(path.read_bytes())
        if plain["version"] != VERSION:
            raise Invalid(
                _("%(file)s is of version %(version)s, this program reads %(wanted)s.")
                % {"file": path, "version": plain["version"], "wanted": VERSION}
            )
        tables = {name: [Part(**part) for part in parts] for name, parts in plain["tables"].items()}
        return replace(Manifest(**plain), tables=tables)
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise Invalid(_("%(file)s cannot be read.") % {"file": path}) from error


def commit(root: Path, manifest: Manifest) -> None:
    """Make it so: from now on readers see exactly what it names."""
    path = root / FOLDER / f"{manifest.city}.json"
    text = json.dumps(asdict(manifest), indent=1, sort_keys=True) + "\n"
    put(path, lambda to: to.write_text(text))


def put(path: Path, write: Any) -> None:
    """Let `write` make a file beside `path`, then rename it into its place: whole or not at
    all, also after a power cut."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.with_name(f".{path.name}.part")
    try:
        write(made)
        made.chmod(MODE)
        with made.open("rb") as file:
            os.fsync(file.fileno())
        made.replace(path)
    except BaseException:
        made.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def alone(root: Path, city: str) -> Iterator[None]:
    """Hold off another export of the same city."""
    (root / FOLDER).mkdir(parents=True, exist_ok=True)
    with (root / FOLDER / f".{city}.lock").open("w") as lock:
        try:
            flock(lock, LOCK_EX | LOCK_NB)
        except OSError as error:
            raise Invalid(_("Another export of this city is running.")) from error
        yield


def sweep(root: Path, city: str, kept: set[str]) -> None:
    """Remove what belongs to this city and is not in `kept`: outdated months, and what a
    crash left behind."""
    for path in root.glob(f"*/city={city}/**/*.parquet*"):
        if path.relative_to(root).as_posix() not in kept:
            path.unlink(missing_ok=True)


def check(root: Path, part: Part) -> Path:
    """The file of a part, when it is whole; Invalid, with its name, when it is not."""
    path = root / part.path
    try:
        sound = path.stat().st_size == part.bytes and pq.read_metadata(path).num_rows == part.rows
    except (OSError, pa.ArrowInvalid):
        sound = False
    if not sound:
        raise Invalid(
            _("%(file)s is missing or damaged. Export again to an empty folder.") % {"file": path}
        )
    return path
