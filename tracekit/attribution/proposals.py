"""Rules to start from, for engine classes of a list of symbols that no rule knows."""

import json
import re

import pandas as pd


def proposed_rules(classes: pd.DataFrame, image: str, source: str) -> str:
    """Rules for the classes that no rule knows, as TOML for ``--rules``; the engine is guessed from the name."""
    unknown = classes[classes["rule"] == ""]
    lines = ["# Proposed by `tracekit symbols`. Engines are guessed from names: check each before you trust it.\n"]
    for name in unknown["name"]:
        engine = _guess(name)
        phase = {"CPU": "execute", "unknown": "other"}.get(engine, "dispatch")
        rows = {
            "id": f"new-{re.sub(r'[^a-z0-9]+', '-', name.lower()).strip('-')}",
            "role": "engine",
            "engine": engine,
            "phase": phase,
            "symbol": f"{re.escape(name)}(::|$)",
            **({"image": re.escape(image)} if image else {}),
            "source": f"proposed from {source}",
        }
        body = "".join(f"{key} = {toml_text(value)}\n" for key, value in rows.items())
        example = f"{image}`{name}::__launch" if image else f"{name}::__launch"
        lines.append(f"[[rule]]\n{body}examples = [{toml_text(example)}]\n")
    return "\n".join(lines)


def _guess(name: str) -> str:
    lowered = name.lower()
    if re.search(r"(?<![A-Za-z])ane|ANE|Ane(?![a-z])", name):
        return "ANE"
    if re.search(r"mps|metal|gpu", lowered):
        return "GPU"
    return "CPU" if re.search(r"cpu|bnns", lowered) else "unknown"


def toml_text(text: str) -> str:
    """A TOML string. JSON's is one, but for characters that nobody sees; names from a file may hold anything."""
    plain = json.dumps(text.encode("utf-8", "replace").decode(), ensure_ascii=False)
    return "".join(each if each.isprintable() else f"\\U{ord(each):08x}" for each in plain)
