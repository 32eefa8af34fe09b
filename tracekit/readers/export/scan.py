"""The rows of a profile table found in a block of bytes at once, without an XML parser; or not at all.

References and numbers, which are nearly all of an export, are read here; definitions of frames, threads, processes,
cores and states are cut out for the XML parser. Every byte is accounted for: a block is accepted only where

- each ``<`` begins a tag of ``grammar.py``, written exactly so, and the tags stand in the order it describes;
- there are no more ``>`` and ``"`` than those tags have, and no control character but the line feed after a row;
- ids count up by one, references point backwards, ``&`` begins one of XML's own entities, and the text is UTF-8.

Anything else raises ``UnfamiliarError``, and the reference reader (samples.py) reads the document. So what is accepted
is well-formed XML of a known shape, and means what it means there.
"""

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracekit.readers.export.digits import PADDING, Bytes, Places, digit_count, has_leading_zero, low_bytes, word
from tracekit.readers.export.grammar import CELLS, FRAME_REF, HEAD, NUMBERS, Form, Grammar, Tag

Ids = NDArray[np.int32]

_LT, _GT, _QUOTE, _AMPERSAND = ord("<"), ord(">"), ord('"'), ord("&")
_FIRST_PRINTABLE: Final = 0x20
_MOST_DIGITS: Final = 16
_MOST_ID_DIGITS: Final = 8
_FMT: Final = b'" fmt="'
_ODD_ENTITY: Final = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos);)")
_ID: Final = re.compile(rb"[1-9][0-9]{0,7}(?=\")")
_NOT_IN_XML: Final = (b"\xef\xbf\xbe", b"\xef\xbf\xbf")


class UnfamiliarError(Exception):
    """The document is not written just as xctrace writes profile tables; the reference reader must judge it."""


def require(is_so: bool | np.bool_, what: str) -> None:
    """Raise UnfamiliarError where something taken for granted does not hold."""
    if not is_so:
        raise UnfamiliarError(what)


@dataclass(frozen=True, slots=True)
class Block:
    """What a block of rows holds, every value as the id under which it is or was defined."""

    first_id: int
    """The id of its first definition; 0 where it has none."""
    id_count: int
    stack: Tag
    """Which element holds a row's stack."""
    cells: dict[Tag, Ids]
    """One id a row; the stack's is 0 where there is none."""
    units: Ids
    """Ids of the ``<uint64>`` beside stacks, which nothing reads."""
    numbers: dict[Tag, tuple[Ids, NDArray[np.int64]]]
    """Ids and values that are defined here."""
    stacks: tuple[Ids, Ids]
    """The elements that hold frames: their ids, and how many frames each holds."""
    frames: Ids
    """Ids of those frames, leaf first, one stack after the other."""
    wrapped: tuple[Ids, Ids]
    """Ids of ``<tagged-backtrace>`` and of the ``<backtrace>`` that each holds."""
    definitions: list[bytes]
    """Elements that have names and labels, each whole."""


def scan(data: bytes, grammar: Grammar) -> Block:
    """Read whole rows, with ``PADDING`` bytes before and after them. Blocks need not be scanned in order.

    Raises:
        UnfamiliarError: anything in them is not as described above.
    """
    tags = _Tags(data, grammar)
    first_id, defining, id_ends = _definitions(tags)
    tags.ids[tags.others[defining]] = first_id + np.arange(len(defining))
    _references(tags, tags.frame_refs, tags.starts[tags.frame_refs] + len(FRAME_REF))
    refs = tags.are("ref")
    _references(tags, tags.others[refs], tags.prefix_ends(refs))
    if len(defining):  # no tag refers to an id that is defined after it, as far as this block can tell
        late = np.flatnonzero(tags.ids >= first_id)
        known = first_id + np.searchsorted(tags.others[defining], late, side="right")
        require((tags.ids[late] < known).all(), "a reference to what comes later")
    opens = tags.are("open")
    labelled = _check_opens(tags, opens, id_ends[opens])
    numbers = tags.are("number")
    values = _numbers(tags, numbers, id_ends[numbers])
    kept, definitions = _cut_out(tags)
    refs = kept[grammar.written("ref")[tags.codes[kept]]]
    _check_characters(
        data,
        b"".join(definitions),
        rows=int(np.count_nonzero(tags.codes == grammar.ends_row)),
        tag_count=len(tags.frame_refs) + int(np.count_nonzero(~grammar.written("definition")[tags.codes[kept]])),
        quotes=2 * (len(tags.frame_refs) + len(refs) + len(opens) + labelled) + 4 * len(numbers),
    )
    return _block(tags, kept, definitions, numbers, values, first_id, len(defining))


class _Tags:
    """Every tag of a block: where it begins and ends (at the next ``<``), its template, and its id."""

    def __init__(self, data: bytes, grammar: Grammar) -> None:
        self.data = data
        self.bytes = Bytes(data)
        self.grammar = grammar
        self.starts: Places = np.flatnonzero(self.bytes.each == _LT)
        self.ends: Places = np.append(self.starts[1:], len(data) - PADDING)
        require(len(self.starts) > 0 and self.starts[0] == PADDING, "text before the first row")
        words = self.bytes.words(np.append(self.starts, len(data) - PADDING) - 3)
        heads = words[:-1] >> np.uint64(24)
        self.tails = words[1:] & low_bytes(3)
        self.ids = np.zeros(len(self.starts), np.int32)
        """What each tag defines or refers to; 0 where neither."""
        maybe = np.flatnonzero(heads == word(FRAME_REF[:HEAD]))
        is_ref = self.bytes.spells(self.starts[maybe] + HEAD, FRAME_REF[HEAD:])
        self.frame_refs: Places = maybe[is_ref]
        is_other = np.ones(len(self.starts), bool)
        is_other[self.frame_refs] = False
        self.others: Places = np.flatnonzero(is_other)
        """The tags that are no references to frames; ``codes`` are theirs."""
        self.codes = self._codes(heads[self.others])
        whole = self.are("begin", "end", "empty", "close")
        require((self.prefix_ends(whole) == self.ends[self.others[whole]]).all(), "text where there is none")

    def _codes(self, heads: NDArray[np.uint64]) -> NDArray[np.uint8]:
        """The template of every tag: tags of one head together, each then told from the others of its head."""
        codes = np.zeros(len(heads), np.uint8)
        group = self.grammar.heads.group_of(heads)
        order = np.argsort(group, kind="stable")
        edges = np.searchsorted(group[order], np.arange(len(self.grammar.heads.groups) + 1))
        for (head, templates), low, high in zip(self.grammar.heads.groups, edges[:-1], edges[1:], strict=True):
            left = order[low:high]
            require((heads[left] == head).all(), "a tag that no profile table has")
            for code, rest in templates:
                if not len(left):
                    break
                is_hit = self.bytes.spells(self.starts[self.others[left]] + HEAD, rest)
                codes[left[is_hit]] = code
                left = left[~is_hit]
            require(not len(left), "a tag that no profile table has")
        return codes

    def are(self, *forms: Form) -> Places:
        """Positions in ``others`` of the tags of some forms."""
        return np.flatnonzero(self.grammar.written(*forms)[self.codes])

    def prefix_ends(self, positions: Places) -> Places:
        """Where the prefixes of some of ``others`` end."""
        ends: Places = self.starts[self.others[positions]] + self.grammar.prefix_length[self.codes[positions]]
        return ends


def _definitions(tags: _Tags) -> tuple[int, Places, Places]:
    """The first id defined here, the positions in ``others`` of all tags that define one, and for all of ``others``
    where their ids end.

    Ids count up by one over the whole document, so after the first one all are foretold.
    """
    positions = tags.are("open", "number", "definition")
    begins = tags.prefix_ends(positions)
    id_ends = np.zeros(len(tags.others), np.int64)
    if not len(positions):
        return 0, positions, id_ends
    match = _ID.match(tags.data, int(begins[0]))
    if match is None:
        raise UnfamiliarError("an id that is not a number")
    expected = int(match[0]) + np.arange(len(positions))
    lengths = digit_count(expected)
    require(lengths[-1] <= _MOST_ID_DIGITS, "ids of more digits than are read here")
    found, are_digits = tags.bytes.numbers(begins + lengths, lengths)
    is_closed = tags.bytes.each[begins + lengths] == _QUOTE
    require((are_digits & is_closed & (found == expected)).all(), "ids that do not count up by one")
    id_ends[positions] = begins + lengths
    return int(match[0]), positions, id_ends


def _references(tags: _Tags, at: Places, begins: Places) -> None:
    """Read the ids that some tags refer to; they begin at ``begins`` and end with the tag."""
    lengths = tags.ends[at] - 3 - begins
    require(((lengths >= 1) & (lengths <= _MOST_ID_DIGITS)).all(), "a reference of another form")
    found, are_digits = tags.bytes.numbers(begins + lengths, lengths)
    is_closed = tags.tails[at] == word(b'"/>')
    require((are_digits & is_closed & ~has_leading_zero(found, lengths)).all(), "a reference of another form")
    tags.ids[at] = found


def _check_opens(tags: _Tags, positions: Places, id_ends: Places) -> int:
    """Stacks end after their id, or have a label and then end. Returns how many have one."""
    at = tags.others[positions]
    ends = tags.ends[at]
    is_bare = ends == id_ends + 2
    has_label = tags.bytes.spells(id_ends, _FMT) & (ends - 2 >= id_ends + len(_FMT))
    is_closed = tags.tails[at] >> np.uint64(8) == word(b'">')
    require(((is_bare | has_label) & is_closed).all(), "a stack of another form")
    return int(np.count_nonzero(~is_bare))


def _numbers(tags: _Tags, positions: Places, id_ends: Places) -> NDArray[np.int64]:
    """The texts of elements that hold a number: after the id a label, then at most 16 digits up to the next tag."""
    ends = tags.ends[tags.others[positions]]
    lengths = np.zeros(len(positions), np.int64)
    left = np.arange(len(positions))
    for length in range(1, _MOST_DIGITS + 1):
        if not len(left):
            break
        is_whole = tags.bytes.each[ends[left] - length - 1] == _GT
        lengths[left[is_whole]] = length
        left = left[~is_whole]
    require(not len(left), "a number of another form")
    values, are_digits = tags.bytes.long_numbers(ends, lengths)
    label_ends = ends - lengths - 2
    has_label = tags.bytes.spells(id_ends, _FMT) & (label_ends >= id_ends + len(_FMT))
    is_closed = tags.bytes.each[label_ends] == _QUOTE
    require((are_digits & has_label & is_closed).all(), "a number of another form")
    return values


def _cut_out(tags: _Tags) -> tuple[Places, list[bytes]]:
    """Positions in ``others`` of the tags that are not inside a definition, and the definitions.

    A definition is one tag then: ``<frame id="11" …>`` stands for all up to its ``</frame>``.
    """
    codes = tags.codes
    parts = tags.are("definition", "plain", "close")
    if not len(parts):
        return np.arange(len(codes)), []
    at = tags.others[parts]
    closes = tags.grammar.written("close")[codes[parts]]
    is_empty = ~closes & (tags.tails[at] >> np.uint64(8) == word(b"/>"))
    step = np.where(closes, -1, np.where(is_empty, 0, 1))
    depth = np.cumsum(step)
    require(depth.min() >= 0 and depth[-1] == 0, "a definition that does not end")
    first, last = parts[depth - step == 0], parts[depth == 0]
    require((tags.others[last] - tags.others[first] == last - first).all(), "a frame inside a definition")
    inside = np.zeros(len(codes) + 1, np.int8)
    inside[first + 1] += 1
    inside[last + 1] -= 1
    kept = np.flatnonzero(np.cumsum(inside[:-1]) == 0)
    begins, ends = tags.starts[tags.others[first]], tags.ends[tags.others[last]]
    return kept, [tags.data[begin:end] for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)]


def _check_characters(data: bytes, definitions: bytes, *, rows: int, tag_count: int, quotes: int) -> None:
    """Outside definitions there is nothing that the templates do not have. The XML parser checks the definitions."""
    each = np.frombuffer(data, np.uint8)[PADDING:-PADDING]
    found = int(np.count_nonzero(each == _GT)), int(np.count_nonzero(each == _QUOTE))
    expected = tag_count + definitions.count(b">"), quotes + definitions.count(b'"')
    require(found == expected, "a > or a quotation mark where none belongs")
    require(np.count_nonzero(each < _FIRST_PRINTABLE) == rows, "white space or control characters")
    if np.count_nonzero(each == _AMPERSAND) != definitions.count(b"&"):
        require(_ODD_ENTITY.search(data) is None, "an entity that XML does not define")
    if not data.isascii():
        try:
            data.decode()
        except UnicodeDecodeError as error:
            raise UnfamiliarError("not UTF-8") from error
        require(not any(character in data for character in _NOT_IN_XML), "a character that XML does not allow")


def _block(
    tags: _Tags,
    kept: Places,
    definitions: list[bytes],
    numbers: Places,
    values: NDArray[np.int64],
    first_id: int,
    id_count: int,
) -> Block:
    grammar = tags.grammar
    is_frame_definition = (grammar.tag == Tag.FRAME) & grammar.written("definition")
    is_frame = np.zeros(len(tags.starts), bool)
    is_frame[tags.frame_refs] = True
    is_frame[tags.others[kept[is_frame_definition[tags.codes[kept]]]]] = True
    kept = kept[~is_frame_definition[tags.codes[kept]]]
    codes, at = tags.codes[kept], tags.others[kept]
    require((codes[0] == grammar.begins_row) and (codes[-1] == grammar.ends_row), "a row cut in two")
    cell = grammar.cell[codes]
    here, after = codes[:-1], codes[1:]
    require(grammar.follows[here, after].all(), "a row of another form")
    held = np.diff(np.cumsum(is_frame)[at])
    is_stack = (grammar.written("open")[here]) & (grammar.written("end")[after])
    require(((held > 0) == is_stack).all(), "a frame outside a stack, or a stack without frames")
    wraps = np.flatnonzero((grammar.tag == Tag.TAGGED)[here] & (grammar.tag == Tag.BACKTRACE)[after])
    number_tags = grammar.tag[tags.codes[numbers]]
    number_ids = tags.ids[tags.others[numbers]]
    return Block(
        first_id=first_id,
        id_count=id_count,
        stack=grammar.stack,
        cells={tag: tags.ids[at[cell == tag]] for tag in (*CELLS, grammar.stack)},
        units=tags.ids[at[cell == Tag.UINT64]],
        numbers={tag: (number_ids[number_tags == tag], values[number_tags == tag]) for tag in NUMBERS},
        stacks=(tags.ids[at[:-1][is_stack]], held[is_stack].astype(np.int32)),
        frames=tags.ids[is_frame],
        wrapped=(tags.ids[at[wraps]], tags.ids[at[wraps + 1]]),
        definitions=definitions,
    )
