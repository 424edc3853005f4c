"""A disk that is full to the last byte, under a whole centre.

Run apart, by `test_telephony_faults`: a small disk of its own has to be made.
"""

import contextlib
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from .centre import Centre, hear_each_other, on_the_line, talking
from .cities import City, set_up

pytestmark = pytest.mark.usefixtures("socket_enabled")
SIZE = "48m"


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A small disk."""
    folder = tmp_path_factory.mktemp("disk")
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "none", folder], check=True)
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture(scope="module")
def centre(disk: Path) -> Iterator[Centre]:
    """A centre with everything on that disk: database, recordings, events."""
    centre = Centre(set_up(City(disk / "data")))
    centre.set("gate.first_s", 1)
    centre.set("gate.second_s", 1)
    with centre.working():
        yield centre


@contextmanager
def full(disk: Path) -> Iterator[None]:
    """Not a byte more can be written."""
    waste = disk / "waste"
    with contextlib.suppress(OSError), waste.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            with contextlib.suppress(OSError):
                while file.write(bytes(size)):
                    pass
    with pytest.raises(OSError, match="No space"):
        (disk / "more").write_bytes(bytes(1 << 13))
    try:
        yield
    finally:
        waste.unlink()


@on_the_line
async def test_who_talks_while_the_disk_becomes_full_talks_on(centre: Centre, disk: Path) -> None:
    async with talking(centre) as (operator, found, call, leg):
        await hear_each_other(leg, call)
        with full(disk):
            answer = operator.command(f"/calls/{found['id']}/hold")
            assert answer.status_code >= 400, "nothing can be on record now"
            await hear_each_other(leg, call)
        operator.command(f"/calls/{found['id']}/end")
        await call.ended()
    await centre.becomes(state="wrap_up")
    centre.close(operator, found)
