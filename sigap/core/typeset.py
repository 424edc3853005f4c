"""Papers as tagged PDF, set by Typst: from a source and its data, with nothing from outside."""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typst

from . import clock


def pdf(source: str, data: Mapping[str, Any]) -> bytes:
    """Set a paper. The source reads the data as `json(bytes(sys.inputs.data))`; it sees no other
    file and no network, and has the fonts that Typst brings along. It makes PDF/UA-1: it must set
    a title and a language, and name its pictures. Raises RuntimeError where it does not."""
    with tempfile.TemporaryDirectory() as folder:
        alone = Path(folder)
        paper = alone / "paper.typ"
        paper.write_text(source)
        return typst.compile(
            paper,
            root=alone,
            format="pdf",
            ignore_system_fonts=True,
            sys_inputs={"data": json.dumps(data)},
            pdf_standards=["ua-1"],
            package_path=alone,
            package_cache_path=alone,
            timestamp=int(clock.now().timestamp()),
        )
