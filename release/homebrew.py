"""Write Homebrew's formula for a release.

    python release/homebrew.py --write                 release/tracekit.rb anew, after a change of version
    python release/homebrew.py --archive dist/tracekit_ane-0.1.0.tar.gz --url https://…/tracekit_ane-0.1.0.tar.gz \
        --homepage https://… > Formula/tracekit.rb      what a tap takes, with the archive's address and hash

It is for a tap: dependencies come from the Python Package Index as wheels, in the versions of constraints.txt, into an
environment of the formula's own. So nothing is compiled, and nobody keeps a second list of a hundred archives. The
committed formula is the same without an address, which only a release has. Not run on a Mac yet.
"""

import argparse
import hashlib
import tomllib
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
COMMITTED: Final = ROOT / "release" / "tracekit.rb"

_PYTHON: Final = "3.13"
_NOT_FOR_EVERYBODY: Final = ("dev", "dask")
_UNKNOWN: Final = "https://example.invalid"
"""Where nothing is: a name that is kept for that (RFC 2606)."""

_FORMULA: Final = """\
class Tracekit < Formula
  desc "{description}"
  homepage "{homepage}"
  url "{url}"
  version "{version}"
  sha256 "{sha256}"
  license "{license}"

  depends_on "python@{python}"

  def install
    system Formula["python@{python}"].opt_bin/"python{python}", "-m", "venv", libexec
    system libexec/"bin/pip", "install", "--prefer-binary", "--constraint", buildpath/"constraints.txt",
                              "#{{buildpath}}[{extras}]"
    bin.install_symlink libexec/"bin/tracekit"
  end

  test do
    assert_match "Neural Engine", shell_output("#{{bin}}/tracekit demo -o #{{testpath}}/report.html")
    assert_path_exists testpath/"report.html"
  end
end
"""


def formula(archive: bytes = b"", url: str = "", homepage: str = _UNKNOWN) -> str:
    """The formula that installs a source archive from ``url``; without one, the formula of the next release."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    version = _version()
    return _FORMULA.format(
        description=project["description"].partition(" An answer")[0],
        homepage=homepage,
        url=url or f"{_UNKNOWN}/{project['name'].replace('-', '_')}-{version}.tar.gz",
        version=version,
        sha256=hashlib.sha256(archive).hexdigest() if archive else "0" * 64,
        license=project["license"],
        python=_PYTHON,
        extras=",".join(name for name in project["optional-dependencies"] if name not in _NOT_FOR_EVERYBODY),
    )


def _version() -> str:
    return (ROOT / "tracekit" / "_version.py").read_text("utf-8").split('"')[1]


def main() -> None:
    """Print the formula, or write the committed one."""
    parser = argparse.ArgumentParser(description="Write Homebrew's formula for a release.")
    parser.add_argument("--write", action="store_true", help="write release/tracekit.rb anew")
    parser.add_argument("--archive", type=Path, help="the source archive, as `uv build --sdist` makes it")
    parser.add_argument("--url", help="where that archive can be fetched")
    parser.add_argument("--homepage")
    given = parser.parse_args()
    if given.write:
        COMMITTED.write_text(formula(), encoding="utf-8")
        return
    if not (given.archive and given.url and given.homepage):
        parser.error("--archive, --url and --homepage belong together")
    print(formula(given.archive.read_bytes(), given.url, given.homepage), end="")


if __name__ == "__main__":
    main()
