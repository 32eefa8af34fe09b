"""Bundles as Instruments 8 to 11 wrote them: packed times, symbols by address in ``form.template``, no symbol files.

Numbers are packed as whole Python integers here, a bit at a time, and not as the reader takes them apart.
"""

import plistlib
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sample_traces.bundle import RunWriter, Sampled
from sample_traces.bundle_files import (
    IntKeyed,
    Object,
    Table,
    deflated,
    keyed_archive,
    store_path,
    tables_plist,
)

OLD_TOPOLOGY = {"point": (4, "XRT50_C22_TypeID", 9), "interval": (5, "XRTD50_CC22_R_TypeID", 18)}
_NEW_TOPOLOGY = {"point": "XRT64_CC32_R_TypeID", "interval": "XRTD64_CC32_R_TypeID"}


@dataclass(frozen=True)
class Owner:
    """An image of which symbols were kept."""

    path: str
    uuid: bytes | None = None

    def stored(self) -> Object:
        name = self.path.rsplit("/", 1)[-1]
        return Object("PFTOwnerData", {"$0": name, "$1": self.path} | ({"uuid": self.uuid} if self.uuid else {}))


@dataclass(frozen=True)
class OldSymbol:
    """A function: its name, its image, and each address that was seen with its line."""

    name: str
    owner: Owner
    lines: Mapping[int, int]
    source: str | None = None
    size: int = 64

    def stored(self) -> Object:
        pairs = [*self.lines.items(), (min(self.lines), self.size)]
        numbers = {f"${5 + at}": number for at, number in enumerate(number for pair in pairs for number in pair)}
        head: dict[str, object] = {
            "$0": self.name,
            "$1": self.source,
            "$2": self.owner.stored(),
            "$3": 0,
            "$4": len(self.lines),
        }
        return Object("PFTSymbolData", head | numbers)


@dataclass
class OldRun:
    """One run, as Instruments 8 (``is_described=False``), or 9 to 11, stored it."""

    writer: RunWriter = field(default_factory=RunWriter)
    is_described: bool = True
    threads: dict[int, tuple[int, str]] = field(default_factory=dict)
    """Owner and name of each thread, by its id."""

    def thread(self, tid: int, pid: int, name: str) -> int:
        self.threads[tid] = pid, name
        self.writer.process(pid, "")
        return self.writer.thread(tid, pid)

    def profile(self, samples: Sequence[Sampled]) -> None:
        for sample in samples:
            self.thread(sample.tid, *self.threads[sample.tid])
        self.writer.profile(samples)

    def files(self) -> dict[str, bytes]:
        tables, number = self.writer.tables, self.writer.number
        files = {name: data for name, data in self.writer.files().items() if "/stores/" not in name}
        files[f"run{number}/core/table-manager/tables.plist"] = tables_plist(tables, number)
        for index, table in enumerate(tables):
            for name, data in old_store(table, is_described=self.is_described).items():
                files[f"{store_path(number, index)}/{name}"] = data
        return files


def old_store(table: Table, *, is_described: bool) -> dict[str, bytes]:
    """The files of a table."""
    kind, topology, width = OLD_TOPOLOGY[table.topology]
    columns = [column for column in table.columns if isinstance(column.place, int)]
    size = width + sum(4 * int(column.place) for column in columns)
    parts = [struct.pack("<5I", 0x12340A0A, 3, 40, 0x1000, size), bytes(0x1000 - 20)]
    for values in table.rows:
        of = dict(zip((column.place for column in table.columns), values, strict=False))
        bits = int(of["time"])
        if table.topology == "point":
            bits += int(of.get("category1", 0)) << 50
        else:
            bits += int(of["duration"]) << 50 | int(of["category1"]) << 100 | int(of["category2"]) << 122
        parts.append(bits.to_bytes(width, "little"))
        fields = [value for value, column in zip(values, table.columns, strict=True) if isinstance(column.place, int)]
        parts += [
            value.to_bytes(4 * int(column.place), "little") for value, column in zip(fields, columns, strict=True)
        ]
    schema = table.files()["schema.xml"].decode().replace(_NEW_TOPOLOGY[table.topology], topology)
    files = {"schema.xml": schema.encode(), "bulkstore": b"".join(parts) + bytes(8192)}
    if is_described:
        names = [("topology", kind), *((column.mnemonic, column.place) for column in columns)]
        fields_of = [
            Object("XRFieldDescriptor", {"$0": {"_name": name, "_index": at, "_type": code, "_multi": 1}})
            for at, (name, code) in enumerate(names)
        ]
        described: dict[str, object] = {
            "_minEventSize": size,
            "_maxEventSize": size,
            "_variableSize": False,
            "_version": 1,
        }
        described |= {"_fields": fields_of, "_props": {"next_event_id": len(table.rows)}}
        files["bulkstore_descriptor"] = keyed_archive({"root": Object("XREventDescriptor", {"$0": described})})
    return files


def old_bundle(
    runs: Sequence[OldRun],
    symbols: Mapping[int, Sequence[OldSymbol]],
    *,
    record: Mapping[str, Any] | None = None,
    is_deflated: bool = False,
) -> dict[str, bytes]:
    """The files of a bundle; ``symbols`` are those of each process."""
    files = {"open.creq": plistlib.dumps({"com.apple.dt.ac.topology.XRT50_C22_TypeID": [1, "A message."]})}
    for run in runs:
        files |= {f"corespace/{name}": deflated(data) if is_deflated else data for name, data in run.files().items()}
    kept = {
        pid: Object(
            "PFTPersistentSymbols",
            {"$0": 9, "$4": len(known), **{f"${5 + at}": symbol.stored() for at, symbol in enumerate(known)}},
        )
        for pid, known in symbols.items()
    }
    records = {
        run.writer.number: {
            "symbolsByPid": IntKeyed(kept),
            "processDatas": [{"_pid": pid, "displayName": "Demo"} for pid in symbols],
            "threadsByTID": IntKeyed(
                {
                    tid: Object("XRThread", {"$0": tid, "$4": {"overrideName": f"{name}  {tid:#x}", "pid": pid}})
                    for tid, (pid, name) in run.threads.items()
                }
            ),
            **(record or {}),
        }
        for run in runs
    }
    form = {"com.apple.xray.run.data": Object("XRRunListData", {"$0": list(records), "$1": IntKeyed(records)})}
    return files | {"form.template": keyed_archive(form)}
