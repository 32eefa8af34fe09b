"""Write Homebrew's formula for a release.

    python release/homebrew.py dist/tracekit_ane-0.1.0.tar.gz --url https://…/tracekit_ane-0.1.0.tar.gz \
        --homepage https://… > Formula/tracekit.rb

It is for a tap: dependencies come from the Python Package Index as wheels, into an environment of the formula's own,
so that nothing is compiled and nobody keeps a list of thirty archives. Not run on a Mac yet.
"""

import argparse
import hashlib
import tomllib
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]

_PYTHON: Final = "3.13"
_NOT_FOR_EVERYBODY: Final = ("dev", "dask")

_FORMULA: Final = """\
class Tracekit < Formula
  desc "{description}"
  homepage "{homepage}"
  url "{url}"
  sha256 "{sha256}"
  license "{license}"

  depends_on "python@{python}"

  def install
    system Formula["python@{python}"].opt_bin/"python{python}", "-m", "venv", libexec
    system libexec/"bin/pip", "install", "--prefer-binary", "#{{buildpath}}[{extras}]"
    bin.install_symlink libexec/"bin/tracekit"
  end

  test do
    assert_match "Neural Engine", shell_output("#{{bin}}/tracekit demo -o #{{testpath}}/report.html")
    assert_path_exists testpath/"report.html"
  end
end
"""


def formula(archive: bytes, url: str, homepage: str) -> str:
    """The formula that installs a source archive from ``url``."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return _FORMULA.format(
        description=project["description"].partition(" An answer")[0],
        homepage=homepage,
        url=url,
        sha256=hashlib.sha256(archive).hexdigest(),
        license=project["license"],
        python=_PYTHON,
        extras=",".join(name for name in project["optional-dependencies"] if name not in _NOT_FOR_EVERYBODY),
    )


def main() -> None:
    """Print the formula."""
    parser = argparse.ArgumentParser(description="Write Homebrew's formula for a release.")
    parser.add_argument("archive", type=Path, help="the source archive, as `uv build --sdist` makes it")
    parser.add_argument("--url", required=True, help="where that archive can be fetched")
    parser.add_argument("--homepage", required=True)
    given = parser.parse_args()
    print(formula(given.archive.read_bytes(), given.url, given.homepage), end="")


if __name__ == "__main__":
    main()
