"""What the papers say exists: files, commands, targets, settings, figures, dependencies."""

import json
import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import click
import pytest

from sigap.config.cli import main
from sigap.config.environment import Environment
from sigap.core.actors import system
from sigap.core.parameters import PARAMETERS

from .syntax import ROOT

PAPERS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
MAKEFILE = (ROOT / "Makefile").read_text()
# What a reader outside has no use for, or must not need.
FOREIGN = re.compile(r"\.\./shared|/work/|/tmp/")

papers = pytest.mark.parametrize("paper", PAPERS, ids=lambda p: str(p.relative_to(ROOT)))


def links(text: str) -> Iterator[str]:
    """Where the links and pictures of a paper lead, addresses on the web left out."""
    for target in re.findall(r"\]\(([^)\s]+)\)", without_code(text)):
        if not target.startswith(("http://", "https://", "mailto:")):
            yield target


def leads(paper: Path, target: str) -> bool:
    """Whether a link of this paper leads to something in the project, its heading included."""
    name, _, anchor = target.partition("#")
    there = (paper.parent / name).resolve() if name else paper
    inside = there.exists() and there.is_relative_to(ROOT)
    return inside and (not anchor or anchor in anchors(there.read_text()))


def without_code(text: str) -> str:
    """A paper without its blocks of code, which may hold anything that looks like a link."""
    return re.sub(r"```.*?```", "", text, flags=re.DOTALL)


def anchors(text: str) -> set[str]:
    """The names by which the headings of a paper can be linked to."""
    heads = re.findall(r"^#+ (.+)$", without_code(text), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


def code(text: str) -> list[str]:
    """The pieces of a paper that are set as code: in a line, in a block, or indented."""
    blocks = re.findall(r"```\w*\n(.*?)```", text, flags=re.DOTALL)
    indented = re.findall(r"^ {4}.+$", without_code(text), flags=re.MULTILINE)
    return [*re.findall(r"`([^`\n]+)`", without_code(text)), *blocks, *indented]


def locked(name: str) -> str:
    """A dependency's name without its version, extras and conditions."""
    return re.split(r"[<>=!~;\[ ]", name, maxsplit=1)[0]


def block(paper: str, language: str) -> str:
    """The first block of this language in a paper."""
    found = re.search(rf"```{language}\n(.*?)```", (ROOT / paper).read_text(), re.DOTALL)
    assert found, f"{paper} has no block of {language}"
    return found[1]


def test_there_is_every_paper_that_a_reader_looks_for() -> None:
    wanted = {"README", "CHANGELOG", "SECURITY", "CONTRIBUTING", "docs/architecture"}
    wanted |= {"docs/operate", "docs/dependencies", "docs/states", "docs/settings"}
    assert wanted <= {str(p.relative_to(ROOT).with_suffix("")) for p in PAPERS}
    assert (ROOT / "LICENSE").is_file()
    assert (ROOT / PROJECT["readme"]).is_file()


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) < 150


def test_the_picture_is_small() -> None:
    assert (ROOT / "docs" / "dispatcher.png").stat().st_size < 300_000


@papers
def test_every_link_leads_somewhere(paper: Path) -> None:
    assert [target for target in links(paper.read_text()) if not leads(paper, target)] == []


@papers
def test_every_command_exists(paper: Path) -> None:
    assert [c for piece in code(paper.read_text()) for c in unknown_commands(piece)] == []


def unknown_commands(piece: str) -> list[str]:
    """The `sigap …` in a piece of code that the program does not know."""
    found = []
    name = r"[a-z0-9][a-z0-9-]*"
    words = rf"(?: (?:--?[\w-]+|{name}))*"
    called = re.findall(rf"(?:(?<![\w/=.-])|(?<=bin/))sigap ({name}{words})", piece)
    for words in (line.split() for line in called):
        command: click.Command = main
        context = click.Context(command)
        while isinstance(command, click.Group) and words and not words[0].startswith("-"):
            inner = command.get_command(context, words[0])
            if inner is None:
                found.append(f"sigap {' '.join(words)}")
                break
            command = inner
            words.pop(0)
        if command.name == "manage":  # Django's own, with options of its own
            continue
        known = {"--help", *(name for p in command.params for name in (*p.opts, *p.secondary_opts))}
        found += [f"{command.name} {w}" for w in words if w.startswith("-") and w not in known]
    return found


def test_a_command_that_does_not_exist_is_noticed() -> None:
    assert unknown_commands("sigap serve --web-only") == []
    assert unknown_commands("sigap load-pack kediri") == []
    assert unknown_commands("sigap import cad FILE.csv --map sffd") == []
    assert unknown_commands("runuser -- sigap polish") == ["sigap polish"]
    assert unknown_commands("sigap serve --quickly") == ["serve --quickly"]


@papers
def test_every_make_target_exists(paper: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", MAKEFILE, flags=re.MULTILINE))
    pieces = "\n".join(code(paper.read_text()))
    named = set(re.findall(r"(?:^|[\s'])make (?:-C \S+ )?([a-z]+)\b", pieces))
    assert named - targets == set()


@papers
def test_every_setting_exists(paper: Path) -> None:
    known = {f"SIGAP_{name.upper()}" for name in Environment.model_fields} | {"SIGAP_CONFIG"}
    named = set(re.findall(r"SIGAP_[A-Z_]*[A-Z]", paper.read_text()))
    assert {n for n in named - known if not n.startswith("SIGAP_TEST_")} == set()


@papers
def test_every_parameter_exists(paper: Path) -> None:
    rooms = {name.partition(".")[0] for name in PARAMETERS}
    named = set(
        re.findall(rf"`((?:{'|'.join(rooms)})\.[a-z_]+_(?:s|d|m|kmh|days))`", paper.read_text())
    )
    assert named - set(PARAMETERS) == set()


@papers
def test_every_file_of_the_code_that_is_named_exists(paper: Path) -> None:
    named = re.findall(
        r"`((?:sigap|sim|tests|bench|tools|docs|requirements)/[\w./-]*)`", paper.read_text()
    )
    named += [
        f"sigap/{p}"
        for p in re.findall(
            r"`((?:core|config|console|gateways|calls|packs)/[\w./]+)`", paper.read_text()
        )
    ]
    assert [n for n in named if not (ROOT / n).exists()] == []


@papers
def test_nothing_is_needed_that_a_reader_does_not_have(paper: Path) -> None:
    assert FOREIGN.findall(paper.read_text()) == []


@pytest.mark.django_db
def test_every_figure_to_watch_is_there() -> None:
    from django.http import HttpResponse
    from django.test import RequestFactory

    from sigap.config.health import metrics
    from sigap.config.worker import JOBS
    from sigap.core.actions.jobs import job_ended

    for job in JOBS:
        job_ended(job.name, every_s=job.every_s, done=0)
    request = RequestFactory().get("/metrics")
    request.actor = system("test")  # type: ignore[attr-defined]
    response = metrics(request)
    assert isinstance(response, HttpResponse)
    given = response.content.decode()
    text = (ROOT / "docs/operate.md").read_text()
    assert (
        set(re.findall(r"sigap_[a-z_]+(?=[`{])", text)) - set(re.findall(r"sigap_\w+", given))
        == set()
    )
    jobs = set(re.findall(r'job="(\w+)"', text)) | {"retention"}
    assert jobs - {job.name for job in JOBS} == set()


def test_the_settings_file_of_the_papers_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    given = tomllib.loads(block("docs/operate.md", "toml"))
    assert given.keys() <= Environment.model_fields.keys()
    read = Environment(**given)
    assert read.https and read.database()["HOST"] == "127.0.0.1"


def test_the_port_of_the_proxy_is_that_of_the_services() -> None:
    text = (ROOT / "docs/operate.md").read_text()
    served = set(re.findall(r"server 127\.0\.0\.1:(\d+);", block("docs/operate.md", "nginx")))
    started = set(re.findall(r"sigap-web@(\d+)", text))
    assert served == started


def test_every_direct_dependency_earns_its_place() -> None:
    package = json.loads((ROOT / "package.json").read_text())
    build = [
        line
        for path in (ROOT / "requirements").glob("*.in")
        for line in path.read_text().splitlines()
        if line and not line.startswith("#")
    ]
    extras = [name for names in PROJECT["optional-dependencies"].values() for name in names]
    python = [*PROJECT["dependencies"], *extras, *build]
    wanted = {locked(name) for name in python}
    wanted |= {*package["dependencies"], *package["devDependencies"]}
    rows = re.findall(
        r"^\| (\S+) \| (.+) \|$", (ROOT / "docs/dependencies.md").read_text(), re.MULTILINE
    )
    told = [name for name, _why in rows if name not in ("package", "---")]
    assert wanted - set(told) == set(), "without a line"
    assert set(told) - wanted == set(), "no longer used"
    assert len(told) == len(set(told))


# Found by a setting, by another package or by `make`, instead of being imported by name.
NOT_IMPORTED = {"uvloop", "httptools", "whitenoise", "argon2-cffi", "tzdata", "babel"}


def test_every_dependency_of_the_product_is_used() -> None:
    files = [p for room in ("sigap", "sim") for p in (ROOT / room).rglob("*.py")]
    code = "\n".join(p.read_text() for p in files)
    modules: dict[str, set[str]] = {}
    for module, packages in packages_distributions().items():
        for package in packages:
            modules.setdefault(package.lower().replace("_", "-"), set()).add(module)
    for name in {locked(d).lower() for d in PROJECT["dependencies"]} - NOT_IMPORTED:
        names = "|".join(modules[name])
        assert re.search(rf"(import|from|import_module\(\")\s*({names})\b", code), name


def test_every_package_is_on_the_map_of_the_code() -> None:
    text = (ROOT / "README.md").read_text()
    rooms = {p.parent.name for p in (ROOT / "sigap").glob("*/__init__.py")}
    assert {room for room in rooms if f"`sigap/{room}/`" not in text} == set()


def test_every_decision_is_listed_and_says_why() -> None:
    folder = ROOT / "docs" / "adr"
    listed = (folder / "README.md").read_text()
    decisions = sorted(folder.glob("0*.md"))
    assert [p.name for p in decisions if f"]({p.name})" not in listed] == []
    assert [int(p.name[:4]) for p in decisions] == list(range(1, len(decisions) + 1))
    for path in decisions:
        text = path.read_text()
        parts = ("**Context.**", "**Decision.**", "**Consequences.**")
        assert all(part in text for part in parts), path.name


def test_the_changelog_knows_this_version() -> None:
    assert f"## [{PROJECT['version']}]" in (ROOT / "CHANGELOG.md").read_text()
