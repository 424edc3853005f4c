"""What the map stands on: the settings of its ground, and ranges of a PMTiles file."""

import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext as _

from sigap.core.errors import Invalid, Missing

# Tiles are small; a reader that asks for more gets this much and asks again.
MOST_BYTES = 4 * 1024 * 1024
_RANGE = re.compile(r"bytes=(\d{1,15})-(\d{0,15})$")


def map_settings() -> dict[str, Any]:
    """What the map's script must know beyond the live data."""
    return {
        "tiles": settings.ENV.tile_url,
        "pmtiles": "/map/ground.pmtiles" if settings.ENV.pmtiles else "",
    }


def ground_part(file: Path | None, wanted: str) -> HttpResponse:
    """The bytes that a `Range` header asks for (206), with what caching needs.

    Only ranges are served: the whole file may be as large as a country.
    """
    if file is None:
        raise Missing(_("No map file is set."))
    found = _RANGE.match(wanted)
    if not found:
        raise Invalid(_("Ask for a range of bytes."), code="range")
    facts = file.stat()
    first = int(found[1])
    last = min(int(found[2] or facts.st_size), facts.st_size - 1, first + MOST_BYTES - 1)
    if first >= facts.st_size or last < first:
        response = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{facts.st_size}"
        return response
    with file.open("rb") as opened:
        opened.seek(first)
        content = opened.read(last - first + 1)
    response = HttpResponse(content, status=206, content_type="application/vnd.pmtiles")
    response["Content-Range"] = f"bytes {first}-{last}/{facts.st_size}"
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = f'"{facts.st_mtime_ns:x}-{facts.st_size:x}"'
    response["Cache-Control"] = "private, max-age=3600"
    return response
