"""Reading an export for the tests in this folder, with nothing of tracekit: a reader must not vouch for its samples."""

import gzip
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

FOLDER = Path(__file__).parents[2] / "sample_traces"
EXPORTS = sorted(path.name for path in FOLDER.glob("*.xml*") if not path.name.endswith(".toc.xml"))
NAMES = sorted(path.name.removesuffix(".truth.json") for path in FOLDER.glob("*.truth.json"))


@dataclass(frozen=True)
class Row:
    """One row, with every reference resolved; ``frames`` are (name, address), leaf first, None for no backtrace."""

    run: int
    time_ns: int
    thread: str
    tid: int
    pid: int
    core: int
    weight_ns: int
    frames: tuple[tuple[str, int], ...] | None


@cache
def text(name: str) -> str:
    content = (FOLDER / name).read_bytes()
    return (gzip.decompress(content) if name.endswith(".gz") else content).decode()


@cache
def document(name: str) -> ET.Element:
    return ET.fromstring(text(name))


def truth(name: str) -> dict[str, Any]:
    return json.loads((FOLDER / f"{name}.truth.json").read_text())


@cache
def rows(name: str) -> tuple[Row, ...]:
    root = document(name)
    by_id = {element.get("id"): element for element in root.iter() if element.get("id")}

    def resolve(element: ET.Element) -> ET.Element:
        return by_id[element.get("ref")] if element.get("ref") else element

    def number(element: ET.Element | None) -> int:
        assert element is not None
        return int(resolve(element).text or "")

    def frames(stack: ET.Element) -> tuple[tuple[str, int], ...] | None:
        if stack.tag == "sentinel":
            return None
        stack = resolve(stack)
        inner = stack.find("backtrace")
        stack = stack if inner is None else resolve(inner)
        named = [resolve(frame) for frame in stack.findall("frame")]
        if named:
            return tuple((frame.get("name", ""), int(frame.get("addr", ""), 16)) for frame in named)
        fragments = [resolve(fragment) for fragment in stack.findall("text-addresses")]
        return tuple(("", int(address)) for fragment in fragments for address in (fragment.text or "").split())

    found = []
    for run, node in enumerate(root.findall("node"), start=1):
        for time, thread, process, core, _, weight, stack in node.findall("row"):
            thread = resolve(thread)
            found.append(
                Row(
                    run,
                    number(time),
                    thread.get("fmt", ""),
                    number(thread.find("tid")),
                    number(resolve(process).find("pid")),
                    number(core),
                    number(weight),
                    frames(stack),
                )
            )
    return tuple(found)
