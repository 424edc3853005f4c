"""A private Asterisk for the tests and the bench, which nothing else on the machine notices.

    python tools/asterisk.py

fetches Asterisk and every library it needs from Debian's unstable suite, by way of the mirror that
this machine's own apt uses, and unpacks them into one folder: SIGAP_ASTERISK_DIR, or
~/.cache/sigap/asterisk. Any user may run it. It is started by its own loader, beside the libraries
of the machine. Only the standard library is used here: this runs before anything is installed.
"""

import fcntl
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SUITE = "sid"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
UNREAD = ("doc", "man", "locale", "info", "lintian")  # parts of /usr/share that nothing runs from


class CannotInstall(Exception):
    """Why there is no Asterisk, in words for the person who asked for it."""


@dataclass(frozen=True)
class Source:
    """One archive that the machine's apt knows."""

    address: str
    suites: tuple[str, ...]
    components: tuple[str, ...]


def folder() -> Path:
    """Where the private Asterisk is, or is going to be."""
    chosen = os.environ.get("SIGAP_ASTERISK_DIR")
    return Path(chosen).expanduser().resolve() if chosen else Path.home() / ".cache/sigap/asterisk"


def is_installed(home: Path) -> bool:
    """Whether there is an Asterisk in this folder; one that is there is whole."""
    return (home / "usr/sbin/asterisk").is_file()


def program(home: Path) -> list[str]:
    """The command to which Asterisk's own arguments are added."""
    libraries = _libraries(home)
    loader = next(libraries.glob("ld-linux*.so.*"))
    return [str(loader), "--library-path", str(libraries), str(home / "usr/sbin/asterisk")]


def modules(home: Path) -> Path:
    """What asterisk.conf must name as `astmoddir`."""
    return _libraries(home) / "asterisk/modules"


def data(home: Path) -> Path:
    """The folder with documentation, rest-api, static-http and the sounds that come with it."""
    return home / "usr/share/asterisk"


def install(home: Path) -> None:
    """Put Asterisk into this folder unless it is there; all of it or nothing."""
    home.parent.mkdir(parents=True, exist_ok=True)
    with _alone(home.with_name(home.name + ".lock")):
        if is_installed(home):
            return
        for program_name in ("apt-get", "dpkg-deb", "tar"):
            if not shutil.which(program_name):
                raise CannotInstall(
                    f"it comes from Debian's packages, and {program_name} is missing"
                )
        part = home.with_name(home.name + ".part")
        shutil.rmtree(part, ignore_errors=True)  # of an installation that was cut off
        try:
            packages = _download(part / "apt")
            _say(f"Unpacking {len(packages)} packages")
            _unpack(packages, part / "root")
            _say(f"Trying {_version(part / 'root')}")
            shutil.rmtree(home, ignore_errors=True)
            (part / "root").rename(home)
        finally:
            shutil.rmtree(part, ignore_errors=True)


def mirror(sources: Iterable[Source], codename: str) -> str:
    """The address from which this machine gets Debian itself, among those of other archives."""
    found = list(sources)
    for suite in (codename, "stable", "testing", "unstable", "sid"):
        for source in found:
            if suite in source.suites and "main" in source.components:
                return source.address
    raise CannotInstall("this machine's apt sources name no Debian mirror")


def sources_in(path: Path) -> Iterator[Source]:
    """The package archives that a file of apt sources names, in either of the two notations."""
    text = re.sub(r"^\s*#.*\n?", "", path.read_text(errors="replace"), flags=re.MULTILINE)
    if path.suffix == ".sources":
        for stanza in re.split(r"\n\s*\n", text):
            fields = {
                name.lower(): value.split()
                for name, value in re.findall(r"^([\w-]+):((?:.*)(?:\n[ \t].*)*)", stanza, re.M)
            }
            if "deb" in fields.get("types", []) and fields.get("enabled") != ["no"]:
                for address in fields.get("uris", []):
                    suites, parts = fields.get("suites", []), fields.get("components", [])
                    yield Source(address, tuple(suites), tuple(parts))
    else:
        for line in text.splitlines():
            words = re.sub(r"\[.*?\]", "", line.partition("#")[0]).split()
            if len(words) > 2 and words[0] == "deb":
                yield Source(words[1], (words[2],), tuple(words[3:]))


def _download(apt: Path) -> list[Path]:
    """All packages of the closure, fetched and checked by apt with a state of its own."""
    for name in ("lists/partial", "cache/archives/partial", "state"):
        (apt / name).mkdir(parents=True)
    (apt / "status").touch()  # nothing counts as installed, so everything is fetched
    keys = f"signed-by={KEYRING} " if KEYRING.exists() else ""
    architecture = _output("dpkg", "--print-architecture").strip()
    address = mirror(_machine_sources(), _codename())
    (apt / "sources.list").write_text(f"deb [{keys}arch={architecture}] {address} {SUITE} main\n")
    (apt / "apt.conf").write_text(_apt_settings(apt))
    get = ("apt-get", "-c", str(apt / "apt.conf"), "-qq")
    _say(f"Reading the package lists of Debian {SUITE}")
    _online(*get, "update")
    _say("Downloading Asterisk and its libraries, about 80 MB")
    _online(*get, "-y", "--download-only", "--no-install-recommends", "install", "asterisk")
    return sorted((apt / "cache/archives").glob("*.deb"))


def _apt_settings(apt: Path) -> str:
    settings = {
        "Dir::Etc::SourceList": apt / "sources.list",
        "Dir::Etc::SourceParts": "/dev/null",
        "Dir::Etc::Preferences": "/dev/null",
        "Dir::Etc::PreferencesParts": "/dev/null",
        "Dir::State": apt / "state",
        "Dir::State::Lists": apt / "lists",
        "Dir::State::Status": apt / "status",
        "Dir::Cache": apt / "cache",
        "Dir::Log": apt,
        "APT::Sandbox::User": "root",  # do not change to a user who may not write here
        "APT::Update::Error-Mode": "any",  # a list that could not be fetched is an error
        "Debug::NoLocking": "1",
        "Acquire::Check-Valid-Until": "false",
        "Acquire::Languages": "none",
        "Acquire::Retries": "3",
        "Acquire::http::Timeout": "20",
    }
    # What the machine wants done after apt has run concerns its own packages.
    cleared = ("APT::Update::Post-Invoke", "APT::Update::Post-Invoke-Success", "DPkg::Post-Invoke")
    lines = [f'{name} "{value}";' for name, value in settings.items()]
    return "\n".join(lines + [f"#clear {name};" for name in cleared]) + "\n"


def _unpack(packages: Sequence[Path], root: Path) -> None:
    root.mkdir()
    tar = ["tar", "-x", "-C", str(root), "--no-same-owner", "--keep-directory-symlink"]
    tar += [f"--exclude=./usr/share/{name}" for name in UNREAD]
    for package in packages:
        command = ["dpkg-deb", "--fsys-tarfile", str(package)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as archive:
            done = subprocess.run(tar, stdin=archive.stdout, check=False)
        if done.returncode or archive.returncode:
            raise CannotInstall(f"{package.name} could not be unpacked: is the disk full?")


def _version(home: Path) -> str:
    try:
        return _output(*program(home), "-V").strip()
    except (StopIteration, OSError, subprocess.CalledProcessError) as error:
        raise CannotInstall(f"what was unpacked does not run: {error!r}") from error


def _libraries(home: Path) -> Path:
    """The folder of the one architecture that was unpacked."""
    return next((home / "usr/lib").glob("*-linux-gnu*"))


def _machine_sources() -> Iterator[Source]:
    apt = Path("/etc/apt")
    for path in (apt / "sources.list", *sorted((apt / "sources.list.d").glob("*"))):
        if path.is_file() and path.suffix in (".list", ".sources"):
            yield from sources_in(path)


def _codename() -> str:
    described = Path("/etc/os-release")
    text = described.read_text() if described.exists() else ""
    found = re.search(r"^VERSION_CODENAME=\"?([\w-]+)", text, re.MULTILINE)
    return found[1] if found else "stable"


def _online(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = "\n".join((done.stderr or done.stdout).strip().splitlines()[-5:])
        raise CannotInstall(f"Debian's mirror did not deliver; is there a network?\n{last}")


def _output(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One installation at a time; a second one waits, and finds the work done."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _say(step: str) -> None:
    print(step, file=sys.stderr, flush=True)


def main() -> None:
    """Install, and print the folder."""
    home = folder()
    try:
        install(home)
    except CannotInstall as error:
        sys.exit(f"Asterisk for the tests is not installed: {error}")
    print(home)


if __name__ == "__main__":
    main()
