"""Sixty recordings, five of which cannot be read."""

import shutil
from pathlib import Path

import pytest

SAMPLES = Path(__file__).parents[2] / "sample_traces"
BROKEN = {
    "empty.xml": b"",
    "junk.xml": b"this is not XML at all, nor anything else\n",
    "cut.xml": (SAMPLES / "mlprogram-split.xcode26.5.xml").read_bytes()[:40_000],
    "other.json": b'{"schema": "something else"}\n',
    "kills-its-worker.folded": b"main;work 3\n",
}


@pytest.fixture(scope="session")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """55 that can be read, most of them small, and the five of ``BROKEN``."""
    folder = tmp_path_factory.mktemp("recordings")
    stack = "start;CoreML`-[MLModel predictionFromFeatures:error:];Espresso`E5RT::Ops::{}::ExecuteSync()"
    operations = ["AneInferenceOperation", "BnnsCpuInferenceOperation", "MpsGraphInferenceOperation"]
    for number in range(53):
        lines = [f"{stack.format(name)} {(number * place) % 97 + 1}\n" for place, name in enumerate(operations, 1)]
        (folder / f"run-{number:03}.folded").write_text("".join(lines))
    for number in range(2):
        shutil.copy(SAMPLES / "two-runs.xcode16.4.xml.gz", folder / f"two-{number}.xml.gz")
    for name, content in BROKEN.items():
        (folder / name).write_bytes(content)
    return folder
