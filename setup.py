from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

HERE = Path(__file__).parent
VENDOR = HERE / "sigap" / "console" / "static" / "vendor" / "htmx.min.js"
LOCALE = HERE / "sigap" / "locale"


class BuildComplete(build_py):
    """Refuse to build a wheel that would lack what `make` fetches or compiles."""

    def run(self) -> None:
        if not self.editable_mode:
            catalogs = [po.with_suffix(".mo") for po in LOCALE.rglob("*.po")]
            missing = [path for path in (VENDOR, *catalogs) if not path.exists()]
            if missing:
                names = ", ".join(str(path.relative_to(HERE)) for path in missing)
                raise SystemExit(f"{names} missing: run `make dev` before building a wheel")
        super().run()


setup(cmdclass={"build_py": BuildComplete})
