"""What the scanner accepts, and near misses of every assumption it makes."""

import pytest

from tests.bench.generate_export import Shape, export_text
from tracekit.readers.export.digits import PADDING
from tracekit.readers.export.grammar import Grammar, Tag
from tracekit.readers.export.scan import UnfamiliarError, scan

PAD = bytes(PADDING)
FIRST = (
    '<row><sample-time id="1" fmt="00:00.002.000">2000000</sample-time>'
    '<thread id="2" fmt="Main 0x1f (Tool, pid: 7)"><tid id="3" fmt="0x1f">31</tid>'
    '<process id="4" fmt="Tool (7)"><pid id="5" fmt="7">7</pid></process></thread><process ref="4"/>'
    '<core id="6" fmt="CPU 3">3</core><thread-state id="7" fmt="Running">Running</thread-state>'
    '<weight id="8" fmt="1.00 ms">1000000</weight><backtrace id="9"><frame id="10" name="a &amp; b" addr="0x2">'
    '<binary id="11" name="Tool" UUID="U" arch="arm64" load-addr="0x1" path="/bin/Tool"/></frame>'
    '<frame id="12" name="main" addr="0x3"><binary ref="11"/></frame></backtrace></row>\n'
)
SECOND = (
    '<row><sample-time ref="1"/><thread ref="2"/><process ref="4"/><core ref="6"/><thread-state ref="7"/>'
    '<weight ref="8"/><backtrace id="13"><frame ref="12"/><frame ref="10"/><frame ref="12"/></backtrace></row>\n'
    '<row><sample-time id="14" fmt="x">3000000</sample-time><thread ref="2"/><process ref="4"/><core ref="6"/>'
    '<thread-state ref="7"/><weight ref="8"/><sentinel/></row>\n'
)
ROWS = FIRST + SECOND


def scanned(rows: str | bytes, stack: str = "backtrace"):
    data = rows.encode() if isinstance(rows, str) else rows
    return scan(PAD + data + PAD, Grammar("weight", stack))


def test_every_value_is_an_id():
    block = scanned(ROWS)
    assert (block.first_id, block.id_count) == (1, 14)
    assert {tag: ids.tolist() for tag, ids in block.cells.items()} == {
        Tag.TIME: [1, 1, 14],
        Tag.THREAD: [2, 2, 2],
        Tag.PROCESS: [4, 4, 4],
        Tag.CORE: [6, 6, 6],
        Tag.STATE: [7, 7, 7],
        Tag.WEIGHT: [8, 8, 8],
        Tag.BACKTRACE: [9, 13, 0],
    }
    assert [[part.tolist() for part in block.numbers[tag]] for tag in (Tag.TIME, Tag.WEIGHT)] == [
        [[1, 14], [2_000_000, 3_000_000]],
        [[8], [1_000_000]],
    ]
    assert [part.tolist() for part in block.stacks] == [[9, 13], [2, 3]]
    assert block.frames.tolist() == [10, 12, 12, 10, 12]
    assert [definition.split()[0] for definition in block.definitions] == [
        *(b"<thread", b"<core", b"<thread-state", b"<frame", b"<frame"),
    ]


def test_a_stack_within_a_stack():
    wrapped = FIRST.replace(
        '<backtrace id="9">', '<tagged-backtrace id="9" fmt="a ← (1 other frames)"><backtrace id="10">'
    )
    for old in (12, 11, 10):
        wrapped = wrapped.replace(f'"{old}" name', f'"{old + 1}" name')
    wrapped = wrapped.replace('<binary ref="11"/>', '<binary ref="12"/>')
    wrapped = wrapped.replace("</backtrace>", '</backtrace><uint64 id="14" fmt="0">0</uint64></tagged-backtrace>')
    block = scanned(wrapped, "tagged-backtrace")
    assert [part.tolist() for part in block.wrapped] == [[9], [10]]
    assert [part.tolist() for part in block.stacks] == [[10], [2]]
    assert block.cells[Tag.TAGGED].tolist() == [9]
    assert block.units.tolist() == [14]
    with pytest.raises(UnfamiliarError):
        scanned(wrapped)


NEAR_MISSES = [
    ("comment", "<row>", "<!-- --><row>"),
    ("comment in a cell", "2000000<", "2000000<!-- --><"),
    ("CDATA", ">2000000<", "><![CDATA[2000000]]><"),
    ("processing instruction", "<sentinel/>", "<?x?><sentinel/>"),
    ("unknown element", "<sentinel/>", "<kperf-bt/>"),
    ("unknown cell in a row", "<sentinel/>", '<uint64 ref="3"/>'),
    ("too few cells", '<process ref="4"/><core', "<core"),
    ("too many cells", "<sentinel/>", "<sentinel/><sentinel/>"),
    ("cells in another order", '<thread ref="2"/><process ref="4"/>', '<process ref="4"/><thread ref="2"/>'),
    ("no value in another column", '<core ref="6"/>', "<sentinel/>"),
    ("space in a tag", "<sentinel/>", "<sentinel />"),
    ("space in a reference", '<thread ref="2"/>', '<thread ref="2" />'),
    ("line feed between cells", "<sentinel/>", "\n<sentinel/>"),
    ("space between cells", "<sentinel/>", " <sentinel/>"),
    ("carriage return", "</row>\n", "</row>\r\n"),
    ("space after a row", "</row>\n<row>", "</row>\n <row>"),
    ("rows on one line", "</row>\n<row>", "</row><row>"),
    ("single quotes", '<thread ref="2"/>', "<thread ref='2'/>"),
    ("another attribute", '<thread ref="2"/>', '<thread ref="2" a="b"/>'),
    ("another attribute of a number", ' fmt="x">', ' fmt="x" a="b">'),
    ("attributes in another order", 'id="14" fmt="x"', 'fmt="x" id="14"'),
    ("no label", ' id="14" fmt="x"', ' id="14"'),
    ("an element written long", '<thread ref="2"/>', '<thread ref="2"></thread>'),
    ("text in a reference", '<thread ref="2"/>', '<thread ref="2">x</thread>'),
    ("text after a definition", "</thread><process", "</thread>x<process"),
    ("text beside frames", '<frame ref="10"/>', 'x<frame ref="10"/>'),
    ("ids with a gap", 'id="14"', 'id="15"'),
    ("an id twice", 'id="14"', 'id="13"'),
    ("an id with a zero before it", 'id="14"', 'id="014"'),
    ("a reference with a zero before it", '<thread ref="2"/>', '<thread ref="02"/>'),
    ("a reference of no digits", '<thread ref="2"/>', '<thread ref=""/>'),
    ("a reference that is no number", '<frame ref="10"/>', '<frame ref="1o"/>'),
    ("a reference of nine digits", '<frame ref="10"/>', '<frame ref="123456789"/>'),
    ("a reference forwards", '<thread ref="2"/>', '<thread ref="14"/>'),
    ("a number with a sign", ">3000000<", ">-3000000<"),
    ("a number with a space", ">3000000<", "> 3000000<"),
    ("a number of no digits", ">3000000<", "><"),
    ("a number of 17 digits", ">3000000<", ">12345678901234567<"),
    ("an empty stack", '<frame ref="12"/><frame ref="10"/><frame ref="12"/>', ""),
    ("a frame in a row", "<sentinel/>", '<frame ref="10"/><sentinel/>'),
    ("a frame in a definition", "<thread id", '<thread id="2" fmt=""><frame ref="1"/></thread><thread id'),
    ("a binary in a row", "<sentinel/>", '<binary ref="11"/>'),
    ("an element that does not end", "</process></thread>", "</process>"),
    ("an element that ends twice", "</thread>", "</thread></thread>"),
    ("> in a label", 'fmt="x"', 'fmt=">"'),
    ("< in a label", 'fmt="x"', 'fmt="<"'),
    ("a quotation mark too many", 'fmt="x"', 'fmt="x""'),
    ("an entity XML does not know", 'fmt="x"', 'fmt="&nbsp;"'),
    ("a character reference", 'fmt="x"', 'fmt="&#65;"'),
    ("a lone ampersand", 'fmt="x"', 'fmt="&"'),
    ("a control character", 'fmt="x"', 'fmt="\x01"'),
    ("a tab", 'fmt="x"', 'fmt="\t"'),
    ("a character XML forbids", 'fmt="x"', 'fmt="\uffff"'),
    ("text before the first row", "<row><sample-time id", "x<row><sample-time id"),
    ("half a row at the end", "<sentinel/></row>\n", "<sentinel/>"),
    ("half a row at the beginning", "<row><sample-time id", "<sample-time id"),
]


@pytest.mark.parametrize("old, new", [pytest.param(old, new, id=name) for name, old, new in NEAR_MISSES])
def test_near_misses(old, new):
    assert old in ROWS
    with pytest.raises(UnfamiliarError):
        scanned(ROWS.replace(old, new, 1) if old != "</row>\n" else ROWS[::-1].replace(old[::-1], new[::-1], 1)[::-1])


def test_bytes_that_are_no_utf8():
    for wrong in (b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xc0\x80"):
        with pytest.raises(UnfamiliarError):
            scanned(ROWS.encode().replace(b'fmt="x"', b'fmt="' + wrong + b'"'))
    assert scanned(ROWS.replace('fmt="x"', 'fmt="←"')).id_count == 14


def test_what_labels_may_hold():
    for label in ("", "&amp;&lt;&gt;&quot;&apos;", "'", "a=b/c", "]]", "id="):
        assert scanned(ROWS.replace('fmt="x"', f'fmt="{label}"')).id_count == 14


@pytest.mark.parametrize("encoding", ["backtrace", "wrapped", "flat"])
def test_every_block_stands_alone(encoding):
    """Later blocks refer to what earlier ones define; the scanner need not have seen it."""
    text = "".join(export_text(Shape(60, encoding, depth=(1, 5))))
    rows = text[text.index("<row>") : text.index("</node>")].splitlines(keepends=True)
    stack = "backtrace" if encoding == "backtrace" else "tagged-backtrace"
    whole = scanned("".join(rows), stack)
    halves = [scanned("".join(part), stack) for part in (rows[:30], rows[30:])]
    assert [*halves[0].frames, *halves[1].frames] == whole.frames.tolist()
    assert halves[0].id_count + halves[1].id_count == whole.id_count
    assert halves[1].first_id == halves[0].id_count + 1
