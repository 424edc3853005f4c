"""Keep the Indonesian translations in step with the texts in the code.

python tools/messages.py          add new texts, drop those no longer used
python tools/messages.py --check  fail unless every text is translated
"""

import os
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
PRODUCT = ROOT / "sigap"
LOCALE = "id"

KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
LAZY = {f"{name}_lazy": places for name, places in KEYWORDS.items() if name != "_"}
PYTHON_KEYWORDS = KEYWORDS | LAZY | {"gettext_noop": None, "lazy": None}
SCRIPT_KEYWORDS = {name: places for name, places in KEYWORDS.items() if name != "_"}
# Texts also stand inside template strings: `${gettext("type")}: …`.
OPTIONS = {"encoding": "utf-8", "parse_template_string": True}


def template_as_python(path: Path) -> bytes:
    # Imported here because Django must have settings before it reads a template.
    from django.utils.translation.template import templatize

    text = templatize(path.read_text(encoding="utf-8"), origin=str(path))
    # What is left of the markup keeps its indentation, which Python would refuse.
    return "\n".join(line.strip() for line in text.split("\n")).encode()


def sources(domain: str) -> Iterator[tuple[Path, str, bytes]]:
    if domain == "djangojs":
        for path in PRODUCT.glob("*/static/**/*.js"):
            if "vendor" not in path.parts:
                yield path, "javascript", path.read_bytes()
        return
    for path in PRODUCT.rglob("*.py"):
        if "migrations" not in path.parts:
            yield path, "python", path.read_bytes()
    for path in PRODUCT.rglob("templates/**/*"):
        if path.suffix in {".html", ".txt", ".xml", ".svg"}:
            yield path, "python", template_as_python(path)


def texts_in_code(domain: str) -> Catalog:
    found = Catalog()
    keywords = SCRIPT_KEYWORDS if domain == "djangojs" else PYTHON_KEYWORDS
    for path, method, content in sorted(sources(domain)):
        place = str(path.relative_to(ROOT))
        for line, text, comments, context in extract(
            method, BytesIO(content), keywords, ["Translators:"], OPTIONS
        ):
            found.add(text, None, [(place, line)], auto_comments=comments, context=context)
    return found


def as_file(catalog: Catalog) -> bytes:
    output = BytesIO()
    write_po(
        output, catalog, width=100, sort_output=True, ignore_obsolete=True, include_lineno=False
    )
    return output.getvalue()


def translated(message: Message) -> bool:
    string = message.string or ""
    return bool(string) if isinstance(string, str) else all(string)


def new_catalog(domain: str) -> Catalog:
    catalog = Catalog(
        locale=LOCALE,
        domain=domain,
        header_comment="# Indonesian texts of Sigap, kept in step by `make messages`.",
        project="Sigap",
        fuzzy=False,
    )
    # Instead of the placeholders that Babel would write.
    catalog.version = catalog.msgid_bugs_address = ""
    catalog.last_translator = catalog.language_team = ""
    # Babel does not know that Indonesian nouns have no plural.
    catalog.mime_headers = [("Plural-Forms", "nplurals=1; plural=0;")]
    return catalog


def problems(before: Catalog, after: Catalog) -> Iterator[str]:
    known = {(message.id, message.context) for message in before if message.id}
    wanted = {(message.id, message.context) for message in after if message.id}
    for text, _context in sorted(known - wanted, key=str):
        yield f"no longer used: {text!r}"
    for text in before.obsolete:
        yield f"no longer used: {text!r}"
    for message in after:
        if not message.id:
            continue
        if (message.id, message.context) not in known:
            yield f"missing: {message.id!r}"
        elif message.fuzzy:
            yield f"to be confirmed: {message.id!r}"
        elif not translated(message):
            yield f"untranslated: {message.id!r}"
        else:
            for error in message.check(after):
                yield f"{error}: {message.id!r}"


def update(domain: str, *, check: bool) -> bool:
    path = PRODUCT / "locale" / LOCALE / "LC_MESSAGES" / f"{domain}.po"
    place = path.relative_to(ROOT)

    def stored() -> Catalog:
        if not path.exists():
            return new_catalog(domain)
        return read_po(BytesIO(path.read_bytes()), locale=LOCALE, domain=domain)

    catalog = stored()
    catalog.update(texts_in_code(domain), no_fuzzy_matching=True, update_creation_date=False)
    found = [f"{place}: {problem}" for problem in problems(stored(), catalog)]
    if check:
        print(*found, sep="\n", end="\n" if found else "")
        return not found
    content = as_file(catalog)
    if len(catalog) and (not path.exists() or path.read_bytes() != content):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    left = sum(not translated(message) for message in catalog if message.id)
    print(f"{place}: {len(catalog)} texts, {left} to translate")
    return True


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sigap.config.settings")
    results = [update(domain, check=bool(arguments)) for domain in ("django", "djangojs")]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
