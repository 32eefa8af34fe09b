"""A folder for PATH that makes any system look like a Mac with Xcode, and running tracekit there."""

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

TOOLS = ("xctrace", "xcrun", "codesign", "DevToolsSecurity", "sysctl", "caffeinate")
HERE = Path(__file__).parent
# Compiled once: a recording starts fifteen of them.
PYTHON = f'"{sys.executable}" -I -S -X "pycache_prefix={HERE.parents[1] / "build" / "bytecode"}"'
START = f"import sys; sys.path.append({str(HERE)!r}); import fake_xctrace; sys.exit(fake_xctrace.main(sys.argv[1:]))"


@dataclass
class FakeMac:
    """A folder of fake tools, a folder to work in, and the environment that leads to both."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.bin.mkdir(parents=True, exist_ok=True)
        self.home.mkdir(exist_ok=True)
        for tool in TOOLS:
            path = self.bin / tool
            path.write_text(f'#!/bin/sh\nexec {PYTHON} -c "{START}" {tool} "$@"\n')
            path.chmod(0o755)
        self.environment = {
            "PATH": f"{self.bin}:{os.environ['PATH']}",
            "HOME": str(self.home),
            "TRACEKIT_CACHE_DIR": str(self.folder / "cache"),
            "FAKE_BIN": str(self.bin),
            "FAKE_ITERATION_S": "0.0001",
            "FAKE_SAVING_S": "0.01",
        } | self.environment

    @property
    def bin(self) -> Path:
        return self.folder / "bin"

    @property
    def home(self) -> Path:
        """Where tracekit is run."""
        return self.folder / "work"

    def variables(self, **more: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("FAKE_", "TRACEKIT_XCTRACE"))}
        return kept | self.environment | more

    def tracekit(self, *arguments: str, timeout: float = 60, **more: str) -> "subprocess.CompletedProcess[str]":
        """Run ``tracekit`` as a user does."""
        return subprocess.run(
            self.command(*arguments),
            cwd=self.home,
            env=self.variables(**more),
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "tracekit", *arguments]
