"""What a catalogue holds: rules, prediction roots, places, and what tells threads and images; each matches frames.

catalogue.toml says what every field means.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeVar

from tracekit.attribution.names import is_unnamed
from tracekit.model.schema import Engine, Phase

Role = Literal["engine", "stage", "wait"]
RootRole = Literal["call", "work", "caller"]

Place = str
"""Where in a stack a frame stands: what the frames above it make of it. ``outside`` and ``cut`` are there without any
entry: nothing of Core ML is above, and the stack does (or does not) reach its thread's first function."""

OUTSIDE: Final[Place] = "outside"
CUT: Final[Place] = "cut"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What all entries of a catalogue have: which frames are meant, where they must stand, and what is known of it."""

    id: str
    symbol: re.Pattern[str] | None = None
    image: re.Pattern[str] | None = None
    unnamed: bool = False
    """Whether only functions whose name was stripped are meant."""
    within: tuple[Place, ...] = ()
    """The places in which the entry holds; empty: all."""
    place: Place | None = None
    """Where frames below a match stand; None: as above it."""
    os: str = ""
    source: str = ""
    examples: tuple[str, ...] = ()
    near_misses: tuple[str, ...] = ()

    def allows_image(self, image: str) -> bool:
        """Whether frames of an image can be meant.

        Where a trace names no image for a frame (folded text, Deep Copy) the symbol alone decides, so an entry without
        a symbol never matches there.
        """
        if not image:
            return self.symbol is not None
        return self.image is None or self.image.fullmatch(image) is not None

    def holds_in(self, place: Place | None) -> bool:
        """Whether the entry is asked in a place; None: in some."""
        return place is None or not self.within or place in self.within

    def allows_symbol(self, name: str) -> bool:
        """Whether a function can be meant, by its own name (``names.own_name``)."""
        if self.unnamed and not is_unnamed(name):
            return False
        return self.symbol is None or self.symbol.search(name) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Entry):
    """What a frame says of the engine that worked, and of what it did."""

    role: Role
    engine: Engine
    phase: Phase
    engines: tuple[Engine, ...] = ()
    """Of a wait: the engines whose waiting it shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Root(Entry):
    """A frame that begins a prediction (``call``: an app does, ``work``: a library does, for whomever), or one of a
    framework that predicts on its own account (``caller``), which begins nothing and says whose the work below it is.
    """

    role: RootRole
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadName:
    """A thread that its name tells: samples of it that no rule decides get a rule."""

    id: str
    name: re.Pattern[str]
    rule: str
    os: str = ""
    source: str = ""
    examples: tuple[str, ...] = ()
    near_misses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All entries, each kind in order of decision: the first that matches counts."""

    rules: tuple[Rule, ...] = ()
    roots: tuple[Root, ...] = ()
    places: tuple[Entry, ...] = ()
    """What makes the place of the frames below, where neither a rule nor a root does."""
    threads: tuple[ThreadName, ...] = ()
    starts: tuple[Entry, ...] = ()
    """First functions of threads: a stack that begins with one is whole."""
    images: tuple[Entry, ...] = ()
    """Core ML's own images, whose functions are the nearest thing where no root was found."""

    def __add__(self, other: "Catalogue") -> "Catalogue":
        """Both; this one's entries are asked first."""
        return Catalogue(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))

    @property
    def entries(self) -> "Iterator[Entry]":
        """Everything that matches frames."""
        for group in (self.rules, self.roots, self.places, self.starts, self.images):
            yield from group

    @property
    def place_names(self) -> tuple[Place, ...]:
        """Every place there is: the two that need no entry, then in the order in which entries make them."""
        made = (entry.place for group in (self.roots, self.places, self.rules) for entry in group)
        return tuple(dict.fromkeys((OUTSIDE, CUT, *(place for place in made if place))))

    @property
    def calls(self) -> tuple[Root, ...]:
        """Roots that an app calls."""
        return tuple(root for root in self.roots if root.role == "call")

    @property
    def callers(self) -> tuple[Root, ...]:
        """Frameworks that predict on their own account."""
        return tuple(root for root in self.roots if root.role == "caller")

    @property
    def beginnings(self) -> tuple[Root, ...]:
        """Roots that begin a prediction, whoever called."""
        return tuple(root for root in self.roots if root.role != "caller")


AnyEntry = TypeVar("AnyEntry", bound=Entry)

NOTHING: Final = Catalogue()
"""The empty catalogue."""


def first_match(entries: Sequence[AnyEntry], name: str, image: str, place: Place | None = None) -> AnyEntry | None:
    """The first entry that a frame matches in a place, or without one wherever; ``name`` is its own name."""
    return next(
        (each for each in entries if each.allows_image(image) and each.allows_symbol(name) and each.holds_in(place)),
        None,
    )
