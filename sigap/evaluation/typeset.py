"""The document as a PDF for people and for screen readers (PDF/UA-1), made by Typst: tags, a
language, an outline, descriptions of drawings. Its fonts are Typst's own and nothing is fetched;
the same document gives the same bytes."""

import json
from datetime import UTC, datetime
from pathlib import Path

import typst

from .paper import Paper, Standing, shown

LAYOUT = Path(__file__).parent / "templates" / "evaluation" / "paper.typ"


def as_pdf(paper: Paper, standing: Standing | None = None, *, base: str | None) -> bytes:
    """The PDF. `base` is the site at which its links find the records; None: it has no links."""
    words = shown(paper, standing, base=base)
    made = datetime.fromisoformat(paper.made_at)
    inputs = {
        "paper": json.dumps(words, ensure_ascii=False),
        **{part: str(getattr(made, part)) for part in ("year", "month", "day")},
    }
    return typst.compile(
        LAYOUT.read_bytes(),
        ignore_system_fonts=True,
        sys_inputs=inputs,
        pdf_standards="ua-1",
        timestamp=made.astimezone(UTC),
    )
