"""Damaged files beside recordings: logs, sidecars, plans, rules, and the tables and journals of batches."""

import random
from functools import cache
from pathlib import Path

from tests.attribution.test_catalogue import RULE
from tests.attribution.test_own_rules import OWN
from tests.fuzz.damage import mutated
from tests.support.logs import inferences, ndjson
from tracekit.batch.journal import SCHEMA, Journal
from tracekit.batch.rows import results_table, stamped
from tracekit.batch.work import Outcome, failed_row
from tracekit.readers.logs import read_log
from tracekit.report.formats.tabular import TableFormat, encode

SAMPLES = Path(__file__).parents[2] / "sample_traces"
TERMS = {"tracekit": "1", "strict": False}


def logs(chance: random.Random, folder: Path) -> Path:
    """A log of a process that infers, damaged."""
    whole = ndjson(inferences(2, chance.randint(1, 6), [(1, 0x12)]))
    whole = b"Filtering the log data using a predicate\n" * chance.randrange(2) + whole
    return stored(folder / "x.ndjson", mutated(whole, chance))


def sidecars(chance: random.Random, folder: Path) -> Path:
    """The harness's account, damaged."""
    return stored(folder / "x.sidecar.json", mutated((SAMPLES / "all-ane/sidecar.json").read_bytes(), chance))


def plans(chance: random.Random, folder: Path) -> Path:
    """A compute plan, damaged."""
    return stored(folder / "x.plan.json", mutated((SAMPLES / "Leaves.plan.json").read_bytes(), chance))


def rules(chance: random.Random, folder: Path) -> Path:
    """Rules of one's own, damaged."""
    return stored(folder / "x.toml", mutated(chance.choice((RULE, OWN)).encode(), chance))


def tables(chance: random.Random, folder: Path) -> Path:
    """A table of a batch in one of its formats, damaged."""
    kind: TableFormat = chance.choice(("csv", "json", "parquet"))
    return stored(folder / f"x.{kind}", mutated(table(kind), chance))


def journals(chance: random.Random, folder: Path) -> Path:
    """What a batch left of what it did, damaged."""
    rows = [failed_row(1, "is damaged")]
    entries = [{"schema": SCHEMA, **TERMS}, {"process": 1, "machine": "m"}]
    entries += [
        {"path": name, "fingerprint": "f", "lost": "", "seconds": 0.1, "rows": stamped(rows, name, "f")}
        for name in ("a.trace", "b.trace", "c.trace")
    ]
    return stored(folder / "x.journal", mutated(ndjson(entries), chance))


@cache
def table(kind: TableFormat) -> bytes:
    """The table of three recordings, of which one could not be read."""
    ok = {"run": 1, "status": "ok", "answer": "yes", "samples": 5, "rows": 7, "weight": 1 << 40, "share_ANE": 0.25}
    rows = [*stamped([ok], "a.trace", "f"), *stamped([ok], "b,\n.trace", "g")]
    return encode(results_table([*rows, *stamped([failed_row(None, 'is "cut" off')], "c.trace", "h")]), kind)


def stored(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def read_damaged_log(path: Path) -> str:
    """Read a log; what of its lines is neither an entry nor counted."""
    log = read_log(path)
    there = [line for line in path.read_bytes().split(b"\n") if line.strip()]
    skipped = sum(notice.count for notice in log.notices if notice.code == "skipped-log-line")
    footers = sum(line.startswith((b"Filtering the log data using", b"Timestamp ", b'{"count":')) for line in there)
    lost = len(there) - log.lines - skipped
    return "" if 0 <= lost <= footers else f"{len(there)} lines, {log.lines} read, {skipped} skipped"


def read_damaged_journal(path: Path) -> str:
    """Go on with a journal: what it says is done can be put in a table, and what is added is found again."""
    with Journal(path, TERMS) as journal:
        before = len(journal.done)
        journal.add(Outcome("new.trace", []), "n", stamped([failed_row(1, "x")], "new.trace", "n"))
        results_table(row for rows in journal.done.values() for row in rows)
    with Journal(path, TERMS) as journal:
        return "" if len(journal.done) == before + 1 else f"{before} done before, and {len(journal.done)} after"
