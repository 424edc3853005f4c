"""Papers as tagged PDF, set by Typst: from a layout and words, with nothing from outside."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal

import typst


def typeset(
    layout: bytes,
    words: Mapping[str, str],
    *,
    made: datetime,
    standard: Literal["ua-1", "a-3a"] = "ua-1",
) -> bytes:
    """Set a paper; the same words made at the same time give the same bytes. The layout reads its
    words as `sys.inputs`; its fonts are Typst's own. Both standards ask for tags: it must set a
    title and a language, and name its pictures. Raises RuntimeError where it does not."""
    return typst.compile(
        layout,
        format="pdf",
        ignore_system_fonts=True,
        sys_inputs=dict(words),
        pdf_standards=standard,
        timestamp=made.astimezone(UTC).replace(microsecond=0),  # Typst knows none
    )
