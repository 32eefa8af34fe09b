"""Files that cannot be read, each with the one sentence that says why. Files are named as the sentence begins."""

import gzip
import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tests.readers.export.documents import COLUMNS, ROW, STACK, document, node, row, schema, time_profile, toc, toc_run

KNOWN = (
    "tracekit reads .trace bundles, xctrace exports (.xml, .xml.gz, a folder or zip of them), "
    "Instruments' Deep Copy text, `sample` output, folded stacks, crash reports, `bt all` of LLDB and spindump reports."
)
EXPORT_WITH = (
    "Export with: xctrace export --input run.trace --xpath '/trace-toc/run/data/table[@schema=\"time-profile\"]'."
)
DO_NOT_EDIT = "Export again with xctrace; do not edit the file."
CUT_OFF = "Was the export cut off? Export again."
DTD = "the XML has a document type declaration, which xctrace never writes; it is not read."
EXPORT_AGAIN = "Was the file cut or edited? Rows refer to earlier ones; export it again."
PROFILE = time_profile(ROW, row())


class Bad(NamedTuple):
    """A file (or a folder, where ``content`` makes one) and the sentence it must give."""

    name: str
    content: bytes | Callable[[Path], None]
    sentence: str

    def make(self, folder: Path) -> str:
        """Write it; the path to open, from within ``folder``."""
        if callable(self.content):
            self.content(folder / self.name)
        else:
            (folder / self.name).write_bytes(self.content)
        return self.name


def without_parsers_words(sentence: str) -> str:
    """The sentence with … for what libxml2 says, which differs from version to version."""
    return re.sub(r"malformed XML: .+?\. (?=Was the|Export again)", "malformed XML: …. ", sentence)


def doctype(declarations: str) -> str:
    return f"<!DOCTYPE trace-query-result {declarations}>\n"


def with_doctype(declarations: str, used: str) -> bytes:
    head, _, rest = PROFILE.partition("\n")
    return f"{head}\n{doctype(declarations)}{rest}".replace(">Running<", f">{used}<").encode()


LAUGHS = (
    '[<!ENTITY a "haha">'
    + "".join(f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefghi", "bcdefghij", strict=True))
    + "]"
)


def zipped(members: dict[str, bytes], spoil: Callable[[bytes], bytes] = lambda data: data) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return spoil(stream.getvalue())


def encrypted(data: bytes) -> bytes:
    """With the flag that says so set, in the member and in the directory."""
    local, central = data.index(b"PK\x03\x04"), data.index(b"PK\x01\x02")
    spoiled = bytearray(data)
    spoiled[local + 6] |= 1
    spoiled[central + 8] |= 1
    return bytes(spoiled)


def folder_of(**files: bytes) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        path.mkdir()
        for name, data in files.items():
            (path / name.replace("_", ".")).write_bytes(data)

    return make


def nothing_read(what: str) -> str:
    return f"x.xml: no row of time-profile could be read; row 1 of time-profile (line 3): {what}. {EXPORT_AGAIN}"


def damaged(what: str, text: str, instead: str) -> tuple[str, Bad]:
    """A profile of one row, in which ``instead`` stands for ``text``."""
    assert text in ROW, text
    name = f"{text[:30]} → {instead[-60:]}"
    return name, Bad("x.xml", time_profile(ROW.replace(text, instead)).encode(), nothing_read(what))


NOT_AN_EXPORT = {
    "an empty file": Bad("x.xml", b"", "x.xml: the file is empty."),
    "blanks": Bad("x.xml", b" \n\t\r\n", "x.xml: the file is empty."),
    "binary junk": Bad("x.bin", bytes(range(256)) * 9, f"x.bin: the format is not known. {KNOWN}"),
    "prose": Bad("x.txt", b"Dear sir,\nplease find enclosed\n", f"x.txt: the format is not known. {KNOWN}"),
    "nothing of that name": Bad("x.xml", lambda _: None, "x.xml: there is no such file or folder."),
    "a folder without exports": Bad(
        "x",
        folder_of(notes_txt=b"hello", Info_plist=b"<plist/>", other_xml=b"<html/>"),
        f"x: holds no exported table and no trace bundle. {KNOWN}",
    ),
    "an empty folder": Bad("x", folder_of(), f"x: holds no exported table and no trace bundle. {KNOWN}"),
    "a folder of recordings": Bad(
        "it's [1]",
        folder_of(a_zip=b"", b_zip=b"", c_trace=b"", notes_txt=b""),
        "it's [1]: holds no exported table and no trace bundle. A folder is one recording; for each that lies in it: "
        """tracekit batch 'it'"'"'s [[]1]/*.trace' 'it'"'"'s [[]1]/*.zip'.""",
    ),
    "a zip without exports": Bad(
        "x.zip", zipped({"a.txt": b"1"}), f"x.zip: holds no exported table and no trace bundle. {KNOWN}"
    ),
    "another root": Bad(
        "x.xml",
        b'<?xml version="1.0"?>\n<plist version="1.0"><dict/></plist>',
        f"x.xml: the XML is a <plist>, not a <trace-query-result> as xctrace exports it. {EXPORT_WITH}",
    ),
    "the right root inside another": Bad(
        "x.xml",
        f"<backup>{PROFILE.partition(chr(10))[2]}</backup>".encode(),
        f"x.xml: the XML is a <backup>, not a <trace-query-result> as xctrace exports it. {EXPORT_WITH}",
    ),
    "a root in a namespace": Bad(
        "x.xml",
        b'<trace-query-result xmlns="urn:x"/>',
        f"x.xml: the XML is a <{{urn:x}}trace-query-result>, not a <trace-query-result> as xctrace exports it. "
        f"{EXPORT_WITH}",
    ),
}
MALFORMED = {
    "cut off in a tag": Bad(
        "x.xml", PROFILE[: PROFILE.index("<core") + 3].encode(), f"x.xml: line 3: malformed XML: …. {CUT_OFF}"
    ),
    "cut off in a name": Bad(
        "x.xml", PROFILE[: PROFILE.index("Main")].encode(), f"x.xml: line 3: malformed XML: …. {CUT_OFF}"
    ),
    "cut off in a row": Bad(
        "x.xml", PROFILE[: PROFILE.rindex("<weight")].encode(), f"x.xml: line 4: malformed XML: …. {CUT_OFF}"
    ),
    "cut off after a row": Bad(
        "x.xml", PROFILE[: PROFILE.index("</row>") + 6].encode(), f"x.xml: line 3: malformed XML: …. {CUT_OFF}"
    ),
    "cut off before its first row": Bad(
        "x.xml", PROFILE[: PROFILE.index("<node")].encode(), f"x.xml: line 3: malformed XML: …. {CUT_OFF}"
    ),
    "tags that do not match": Bad(
        "x.xml",
        PROFILE.replace("</backtrace>", "</back>", 1).encode(),
        f"x.xml: line 3: malformed XML: …. {DO_NOT_EDIT}",
    ),
    "an attribute twice": Bad(
        "x.xml", PROFILE.replace('id="1"', 'id="1" id="1"').encode(), f"x.xml: line 3: malformed XML: …. {DO_NOT_EDIT}"
    ),
    "a name that is none": Bad(
        "x.xml",
        PROFILE.replace("<core", '<core resident-%="100.00"', 1).encode(),
        f"x.xml: line 3: malformed XML: …. {DO_NOT_EDIT}",
    ),
    "an unknown entity": Bad(
        "x.xml", PROFILE.replace(">Running<", ">&nbsp;<").encode(), f"x.xml: line 3: malformed XML: …. {DO_NOT_EDIT}"
    ),
    "no UTF-8": Bad(
        "x.xml",
        PROFILE.replace("work", "w\udcff").encode("utf-8", "surrogateescape"),
        f"x.xml: line 3: malformed XML: …. {DO_NOT_EDIT}",
    ),
    "an encoding nobody knows": Bad(
        "x.xml",
        PROFILE.replace('"1.0"', '"1.0" encoding="ebcdic-9"').encode(),
        f"x.xml: line 1: malformed XML: …. {DO_NOT_EDIT}",
    ),
    "elements a thousand deep": Bad(
        "x.xml",
        PROFILE.replace("<row>", "<row>" + "<a>" * 1000, 1).encode(),
        f"x.xml: line 3: malformed XML: …. {DO_NOT_EDIT}",
    ),
    "text after the end": Bad("x.xml", (PROFILE + "tail").encode(), f"x.xml: line 6: malformed XML: …. {DO_NOT_EDIT}"),
    "a table of contents cut off": Bad(
        "x.xml", toc(toc_run())[:300].encode(), f"x.xml: line 4: malformed XML: …. {CUT_OFF}"
    ),
    "a table of contents with a tag missing": Bad(
        "x.xml",
        toc(toc_run()).replace("</info>", "").encode(),
        f"x.xml: line 4: malformed XML: …. {DO_NOT_EDIT}",
    ),
    "a table of contents without runs": Bad(
        "x.xml", toc().encode(), "x.xml: the table of contents lists no run. Was it interrupted? Record again."
    ),
}
"""What the parser says differs from version to version; … stands for it."""

WITH_A_DTD = {
    "an empty one": Bad("x.xml", with_doctype("[]", "Running"), f"x.xml: {DTD}"),
    "entities that grow tenfold": Bad("x.xml", with_doctype(LAUGHS, "&j;"), f"x.xml: {DTD}"),
    "such an entity in an attribute": Bad(
        "x.xml", with_doctype(LAUGHS, "Running").replace(b'name="work"', b'name="&j;"'), f"x.xml: {DTD}"
    ),
    "an entity that is a file": Bad("x.xml", with_doctype('[<!ENTITY e SYSTEM "secret.txt">]', "&e;"), f"x.xml: {DTD}"),
    "a declaration in a file": Bad("x.xml", with_doctype('SYSTEM "secret.txt"', "Running"), f"x.xml: {DTD}"),
    "declarations in a file": Bad(
        "x.xml", with_doctype('[<!ENTITY % e SYSTEM "secret.txt"> %e;]', "Running"), f"x.xml: {DTD}"
    ),
    "one after a long comment": Bad(
        "x.xml",
        with_doctype(LAUGHS, "&j;").replace(b"<!DOCTYPE", b"<!--" + b"x" * 100_000 + b"--><!DOCTYPE"),
        f"x.xml: {DTD}",
    ),
    "one of a table of contents": Bad(
        "x.xml",
        toc(toc_run()).replace("<trace-toc>", '<!DOCTYPE trace-toc [<!ENTITY a "b">]><trace-toc>').encode(),
        f"x.xml: {DTD}",
    ),
}
DAMAGED_ROWS = dict(
    [
        damaged("6 cells for 7 columns", '<process ref="4"/>', ""),
        damaged("8 cells for 7 columns", '<process ref="4"/>', "<sentinel/><sentinel/>"),
        damaged('<process ref="5"/> refers to nothing that was defined before', 'ref="4"', 'ref="5"'),
        damaged('<process ref="8"/> refers to nothing that was defined before', 'ref="4"', 'ref="8"'),
        damaged("<sample-time> holds 'soon', which is not a whole 64-bit number", ">2000000<", ">soon<"),
        damaged("<sample-time> holds '', which is not a whole 64-bit number", ">2000000<", "><"),
        damaged("<weight> holds '1e6', which is not a whole 64-bit number", ">1000000<", ">1e6<"),
        damaged("<weight> holds '١', which is not a whole 64-bit number", ">1000000<", ">١<"),  # noqa: RUF001
        damaged(
            "<weight> holds '1111111111111111111111111111111111111111', which is not a whole 64-bit number",
            ">1000000<",
            f">{'1' * 5000}<",
        ),
        damaged(
            "<sample-time> is 9223372036854775808, expected a whole number from -9007199254740992 "
            "below 9007199254740992",
            ">2000000<",
            f">{2**63}<",
        ),
        damaged(
            "the weight is -1, expected a whole number from 0 below 9007199254740992",
            ">1000000<",
            ">-1<",
        ),
        damaged(
            "the weight is 9007199254740992, expected a whole number from 0 below 9007199254740992",
            ">1000000<",
            f">{2**53}<",
        ),
        damaged(
            "the thread id is 9223372036854775808, expected a whole number from -9223372036854775808 "
            "below 9223372036854775808",
            ">31<",
            f">{2**63}<",
        ),
        damaged(
            "the pid is 9223372036854775808, expected a whole number from -9223372036854775808 "
            "below 9223372036854775808",
            ">7<",
            f">{2**63}<",
        ),
        damaged("the core is 32768, expected a whole number from 0 below 32768", ">3<", ">32768<"),
        damaged("the core is -1, expected a whole number from 0 below 32768", ">3<", ">-1<"),
        damaged("<weight> holds '18446744073709551616', which is not a whole 64-bit number", ">1000000<", f">{2**64}<"),
        damaged("load-addr='0xg' is not an address", 'load-addr="0x1000"', 'load-addr="0xg"'),
        damaged("load-addr='0x10000000000000000' is not a 64-bit address", '"0x1000"', f'"{2**64:#x}"'),
        damaged("a <frame> has neither a name nor an address", ' name="work" addr="0x1101"', ""),
        damaged(
            "<text-addresses> holds something that is not an address",
            STACK,
            '<backtrace id="10"><text-addresses id="11">12 x</text-addresses></backtrace>',
        ),
        damaged(
            "<text-addresses> holds something that is not an address",
            STACK,
            '<backtrace id="10"><text-addresses id="11">12 -4</text-addresses></backtrace>',
        ),
    ]
)
TOO_MUCH = {
    "weights of more than 64 bits": Bad(
        "x.xml",
        time_profile(ROW.replace(">1000000<", f">{2**53 - 1}<"), *[row()] * 1100).encode(),
        "x.xml: the weights add up to more than a 64-bit number.",
    ),
    "two tables of contents": Bad(
        "x",
        folder_of(a_xml=toc(toc_run()).encode(), b_xml=toc(toc_run()).encode(), c_xml=PROFILE.encode()),
        "x: there are 2 tables of contents, so more than one recording. "
        "Name one export, or keep the exports of each recording in a folder of their own.",
    ),
    "a table of contents alone": Bad(
        "x.xml",
        toc(toc_run(1, 'schema="kdebug"', 'schema="cpu-profile"')).encode(),
        "x.xml: no CPU samples: this is a table of contents without the tables themselves. Export them with: xctrace "
        'export --input run.trace --xpath \'/trace-toc/run[@number="1"]/data/table[@schema="cpu-profile"]\'.',
    ),
    "a query that matched nothing": Bad(
        "x.xml",
        document().encode(),
        "x.xml: the export is empty: its query matched no table (xctrace calls that a success). Export them with: "
        "xctrace export --input run.trace --xpath "
        '\'/trace-toc/run[@number="1"]/data/table[@schema="time-profile"]\'.',
    ),
    "another table": Bad(
        "x.xml",
        document(node(head=schema("tick", COLUMNS))).encode(),
        "x.xml: no CPU samples: the export holds tick, none of time-profile, cpu-profile, counters-profile. "
        "Export them with: xctrace "
        'export --input run.trace --xpath \'/trace-toc/run[@number="1"]/data/table[@schema="time-profile"]\'.',
    ),
}
COMPRESSED = {
    "gzip cut off": Bad(
        "x.xml.gz",
        gzip.compress(PROFILE.encode(), mtime=0)[:-20],
        "x.xml.gz: the compressed data are damaged or cut off "
        "(Compressed file ended before the end-of-stream marker was reached).",
    ),
    "gzip of nothing": Bad("x.xml.gz", gzip.compress(b"", mtime=0), "x.xml.gz: the file is empty."),
    "only gzip's first bytes": Bad(
        "x.xml.gz",
        b"\x1f\x8b",
        "x.xml.gz: the compressed data are damaged or cut off "
        "(Compressed file ended before the end-of-stream marker was reached).",
    ),
    "gzip of another method": Bad(
        "x.xml.gz",
        b"\x1f\x8b\x09" + bytes(30),
        "x.xml.gz: the compressed data are damaged or cut off (Unknown compression method).",
    ),
    "an encrypted zip": Bad(
        "x.zip",
        zipped({"a.xml": PROFILE.encode()}, encrypted),
        "x.zip/a.xml: the member is encrypted. Unpack the zip first.",
    ),
    "a zip with a damaged member": Bad(
        "x.zip",
        zipped({"a.xml": PROFILE.encode()}, lambda data: data.replace(b'name="work"', b'name="wOrk"')),
        "x.zip/a.xml: the zip is damaged: a member differs from its checksum.",
    ),
    "a zip with a damaged member of a few bytes": Bad(
        "x.zip",
        zipped({"a.xml": b"<a"}, lambda data: data.replace(b"<a", b"<b")),
        "x.zip/a.xml: the zip is damaged: a member differs from its checksum.",
    ),
}
BAD_INPUTS = {
    f"{kind}: {what}": bad
    for kind, table in (
        ("not an export", NOT_AN_EXPORT),
        ("malformed", MALFORMED),
        ("with a DTD", WITH_A_DTD),
        ("damaged rows", DAMAGED_ROWS),
        ("too much or too little", TOO_MUCH),
        ("compressed", COMPRESSED),
    )
    for what, bad in table.items()
}
