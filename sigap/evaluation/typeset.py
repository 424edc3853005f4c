"""The document as a PDF for people and for screen readers (PDF/UA-1), made by Typst: tags, a
language, an outline, descriptions of drawings."""

import json
from datetime import datetime
from pathlib import Path

from sigap.core.typeset import typeset

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
    return typeset(LAYOUT.read_bytes(), inputs, made=made)
