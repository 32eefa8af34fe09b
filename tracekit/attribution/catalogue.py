"""Reading catalogues: TOML → ``Catalogue``, with every mistake a sentence.

The file beside this one is what tracekit ships.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final, get_args

from tracekit.attribution.rules import NOTHING, Catalogue, Entry, Role, Root, RootRole, Rule, ThreadName
from tracekit.errors import RuleError
from tracekit.model.schema import ENGINES, PHASES

_FORM: Final = "See docs/attribution.md for the form"
_KNOWN: Final = frozenset({"id", "os", "source", "examples", "near_misses"})
_OF_FRAMES: Final = _KNOWN | {"symbol", "image", "unnamed", "within", "place"}


@cache
def builtin_catalogue() -> Catalogue:
    """The catalogue shipped with tracekit."""
    text = resources.files("tracekit.attribution").joinpath("catalogue.toml").read_text("utf-8")
    return parse_catalogue(text, "catalogue.toml")


def parse_catalogue(text: str, where: str, beside: Catalogue = NOTHING) -> Catalogue:
    """Entries from TOML, which may name the places and rules of the catalogue ``beside`` it.

    Raises:
        RuleError: with the entry and field at fault.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RuleError(f"not TOML: {error}", where=where) from error
    unknown = sorted(set(document) - set(_KINDS))
    if unknown:
        raise RuleError(f"there is no [[{unknown[0]}]]", where=where, hint=f"There are: {_listed(_KINDS)}")
    found: dict[str, Any] = {
        field: tuple(_entries(document, kind, read, where)) for kind, (field, read) in _KINDS.items()
    }
    catalogue = Catalogue(**found)
    if catalogue == NOTHING:
        raise RuleError(f"there is no entry in the file: no {_listed(_KINDS)}", where=where, hint=_FORM)
    check_unique(catalogue, where)
    _check_names(catalogue, beside + catalogue, where)
    return catalogue


def _entries(
    document: Mapping[str, Any], kind: str, read: "Callable[[_Fields], Any]", where: str
) -> Iterable[Entry | ThreadName]:
    tables = document.get(kind, [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise RuleError(f"a {kind} is written as a [[{kind}]] table", where=where)
    for number, table in enumerate(tables, start=1):
        yield read(_Fields(table, kind, str(table.get("id") or number), where))


def check_unique(catalogue: Catalogue, where: str) -> None:
    """Refuse two entries of one kind with the same id.

    Raises:
        RuleError: there are such.
    """
    for group in (getattr(catalogue, field) for field, _ in _KINDS.values()):
        seen: set[str] = set()
        for entry in group:
            if entry.id in seen:
                raise RuleError(f"two entries are called {entry.id!r}, counting the built-in ones", where=where)
            seen.add(entry.id)


def _check_names(catalogue: Catalogue, known: Catalogue, where: str) -> None:
    """Places that an entry names must be made by one, and rules must be there."""
    for entry in catalogue.entries:
        missing = next((place for place in entry.within if place not in known.place_names), None)
        if missing is not None:
            places = ", ".join(known.place_names)
            raise RuleError(f"{entry.id!r}: within names {missing!r}, expected some of {places}", where=where)
    rules = {rule.id for rule in known.rules}
    for thread in catalogue.threads:
        if thread.rule not in rules:
            raise RuleError(f"{thread.id!r}: there is no rule {thread.rule!r}", where=where)


def _rule(fields: "_Fields") -> Rule:
    fields.check_names(_OF_FRAMES | {"role", "engine", "phase", "engines"})
    rule = Rule(
        **fields.of_frames(),
        role=fields.one_of("role", get_args(Role), "engine"),
        engine=fields.one_of("engine", ENGINES),
        phase=fields.one_of("phase", PHASES),
        engines=fields.some_of("engines", ENGINES),
    )
    if (rule.role == "wait") != bool(rule.engines):
        raise fields.problem("engines is given for wait rules, and only for them")
    return rule


def _root(fields: "_Fields") -> Root:
    fields.check_names(_OF_FRAMES | {"role", "kind"})
    role = fields.one_of("role", get_args(RootRole), "call")
    return Root(**fields.of_frames(), role=role, kind=fields.needed("kind"))


def _place(fields: "_Fields") -> Entry:
    fields.check_names(_OF_FRAMES)
    fields.needed("place")
    return Entry(**fields.of_frames())


def _thread(fields: "_Fields") -> ThreadName:
    fields.check_names(_KNOWN | {"name", "rule"})
    fields.needed("name")
    name = fields.expression("name")
    assert name is not None
    return ThreadName(**fields.known(), name=name, rule=fields.needed("rule"))


def _frame(fields: "_Fields") -> Entry:
    fields.check_names(_KNOWN | {"symbol", "image"})
    return Entry(**fields.of_frames())


_KINDS: Final[Mapping[str, tuple[str, Callable[["_Fields"], Any]]]] = {
    "rule": ("rules", _rule),
    "root": ("roots", _root),
    "place": ("places", _place),
    "thread": ("threads", _thread),
    "start": ("starts", _frame),
    "image": ("images", _frame),
}


def _listed(kinds: Iterable[str]) -> str:
    *most, last = (f"[[{kind}]]" for kind in kinds)
    return f"{', '.join(most)} or {last}"


@dataclass(frozen=True, slots=True)
class _Fields:
    """The fields of one table, checked as they are read."""

    table: Mapping[str, Any]
    kind: str
    name: str
    where: str

    def problem(self, what: str) -> RuleError:
        return RuleError(f"{self.kind} {self.name!r}: {what}", where=self.where, hint=_FORM)

    def check_names(self, allowed: frozenset[str]) -> None:
        unknown = sorted(set(self.table) - allowed)
        if unknown:
            raise self.problem(f"there is no field {unknown[0]!r}")
        self.needed("id")

    def needed(self, key: str) -> str:
        if not self.text(key):
            raise self.problem(f"it needs {'an id' if key == 'id' else f'a {key}'}")
        return self.text(key)

    def known(self) -> dict[str, Any]:
        """What is said of any entry."""
        texts = {key: self.text(key) for key in ("id", "os", "source")}
        return {**texts, "examples": self.texts("examples"), "near_misses": self.texts("near_misses")}

    def of_frames(self) -> dict[str, Any]:
        """What is said of any entry that matches frames."""
        symbol, image = self.expression("symbol"), self.expression("image")
        if symbol is None and image is None:
            raise self.problem("it needs a symbol, an image, or both")
        return {
            **self.known(),
            "symbol": symbol,
            "image": image,
            "unnamed": self.flag("unnamed"),
            "within": self.texts("within"),
            "place": self.text("place") or None,
        }

    def text(self, key: str) -> str:
        value = self.table.get(key, "")
        if not isinstance(value, str):
            raise self.problem(f"{key} must be text")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        values = self.table.get(key, [])
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise self.problem(f"{key} must be a list of text")
        return tuple(values)

    def flag(self, key: str) -> bool:
        value = self.table.get(key, False)
        if not isinstance(value, bool):
            raise self.problem(f"{key} must be true or false")
        return value

    def expression(self, key: str) -> re.Pattern[str] | None:
        try:
            return re.compile(self.text(key)) if self.text(key) else None
        except re.error as error:
            raise self.problem(f"{key} is not a regular expression: {error}") from error

    def one_of(self, key: str, allowed: Sequence[str], default: str = "") -> Any:
        value = self.table.get(key, default)
        if value not in allowed:
            raise self.problem(f"{key} is {value!r}, expected one of {', '.join(allowed)}")
        return value

    def some_of(self, key: str, allowed: Sequence[str]) -> tuple[Any, ...]:
        values = self.texts(key)
        if not set(values) <= set(allowed):
            raise self.problem(f"{key} is {list(values)!r}, expected some of {', '.join(allowed)}")
        return values
