"""Figures to take away as a file."""

from django.http import HttpResponse

KINDS = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "pdf": "application/pdf",
}


def attached(
    content: str | bytes, what: str, about: str, form: str, *, drill: bool = False
) -> HttpResponse:
    """A file with a name that says what it is of; a drill's says that too."""
    response = HttpResponse(content, content_type=KINDS[form])
    name = f"{'latihan-' if drill else ''}{what}-{about}.{form}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
