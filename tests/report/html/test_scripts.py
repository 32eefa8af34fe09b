"""What a page's scripts do with more than a page of the samples has."""

import json
import subprocess
from pathlib import Path

from tests.support.tools import needed

ASSETS = Path(__file__).parents[3] / "tracekit" / "report" / "html" / "assets"


def run(script: str, program: str) -> object:
    """What a program says that runs after one of the page's scripts."""
    text = f"{(ASSETS / script).read_text('utf-8')}\nconsole.log(JSON.stringify({program}))"
    done = subprocess.run([needed("node"), "-"], input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_scale_of_half_a_million_predictions_is_that_of_the_steady_ones() -> None:
    columns = (
        "{ wall: new Float64Array(5e5).fill(2).fill(9, 0, 3).fill(4, 7, 8), warmup: new Uint8Array(5e5).fill(1, 0, 3) }"
    )
    assert run("latency.js", f"latencyScale([{{ columns: {columns} }}])") == {"most": 4 * 1.15, "count": 500_000}


def test_the_busiest_of_half_a_million_threads_is_the_first_with_most_weight() -> None:
    cells = "{ thread: [7, 499_999, 7, 8], weight: [2, 5, 3, 5] }"
    assert run("profile.js", f"busiestThread({{ threads: {{ length: 5e5 }}, cells: {cells} }})") == 7
