"""Papers as tagged PDF, set by Typst: from a source and its data, with nothing from outside."""

import json
import tempfile
from collections.abc import Mapping
from typing import Any

import typst

from . import clock


def pdf(source: str, data: Mapping[str, Any]) -> bytes:
    """Set a paper. The source reads the data as `json(bytes(sys.inputs.data))`; it sees no file and
    no network, and has the fonts that Typst brings along. What it makes is PDF/UA-1: it must set
    a title and a language, and name its pictures. Raises RuntimeError where it does not."""
    with tempfile.TemporaryDirectory() as nothing:
        made = typst.compile(
            source.encode(),
            root=nothing,
            format="pdf",
            ignore_system_fonts=True,
            font_paths=[],
            sys_inputs={"data": json.dumps(data)},
            pdf_standards=["ua-1"],
            package_path=nothing,
            package_cache_path=nothing,
            timestamp=int(clock.now().timestamp()),
        )
    if not isinstance(made, bytes):
        raise RuntimeError("Typst made no single file")
    return made
