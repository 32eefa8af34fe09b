"""Engine rules as data: loading them, checking them, and telling which frames they match."""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final, Literal, get_args

from tracekit.errors import RuleError
from tracekit.model.folded import split_image
from tracekit.model.schema import ENGINES, PHASES, Engine, Phase

Role = Literal["engine", "stage", "wait"]

Place = Literal["outside", "cut", "coreml", "espresso", "launch"]
"""Where in a stack a frame stands: what the nearest Core ML frame above it is.

``outside``: none, and the stack reaches its thread's first function; ``cut``: none, but the stack is cut off above.
"""

PLACES: Final[tuple[Place, ...]] = get_args(Place)

_UNNAMED = re.compile(r"^(0x[0-9a-fA-F]+|<redacted>|<deduplicated_symbol>|___lldb_unnamed_symbol\w*|\?\?\?|)$")
_BLOCK = re.compile(r"^(?:__\d+(?=[-+]\[)|invocation function for block in |DYLD-STUB\$\$)")
_KEYS = frozenset(
    {
        *("id", "role", "engine", "phase", "symbol", "image", "unnamed", "within", "engines", "place"),
        *("os", "source", "examples", "near_misses"),
    }
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; catalogue.toml says what each field means."""

    id: str
    role: Role
    engine: Engine
    phase: Phase
    symbol: re.Pattern[str] | None
    image: re.Pattern[str] | None
    unnamed: bool
    within: frozenset[Place]
    engines: frozenset[Engine]
    place: Place | None
    os: str
    source: str
    examples: tuple[str, ...]
    near_misses: tuple[str, ...]

    def allows_image(self, image: str) -> bool:
        """Whether frames of an image can be this rule's.

        Where a trace names no image for a frame (folded text, Deep Copy) the symbol alone decides, so a rule without
        a symbol never matches there.
        """
        if not image:
            return self.symbol is not None
        return self.image is None or self.image.fullmatch(image) is not None

    def allows_symbol(self, name: str) -> bool:
        """Whether a symbol, as written or without its block decoration, can be this rule's."""
        if self.unnamed and not is_unnamed(name):
            return False
        if self.symbol is None or self.symbol.search(name) is not None:
            return True
        plain = without_block(name)
        return plain is not name and self.symbol.search(plain) is not None


def is_unnamed(name: str) -> bool:
    """Whether a symbol was stripped, in any of the looks xctrace, LLDB and crash reports give it."""
    return _UNNAMED.match(name) is not None


def without_block(name: str) -> str:
    """The function a block belongs to: ``__53-[A b]_block_invoke`` → ``-[A b]_block_invoke``."""
    match = _BLOCK.match(name)
    return name[match.end() :] if match else name


@cache
def builtin_rules() -> tuple[Rule, ...]:
    """The rules shipped with tracekit, in order of decision."""
    text = resources.files("tracekit.attribution").joinpath("catalogue.toml").read_text("utf-8")
    return parse_rules(text, "catalogue.toml")


def load_rules(path: str | Path | None) -> tuple[Rule, ...]:
    """The built-in rules, with a user's own before them, so that his decide first.

    Raises:
        RuleError: the file cannot be read, or a rule in it is malformed.
    """
    if path is None:
        return builtin_rules()
    try:
        text = Path(path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RuleError(f"the rules cannot be read: {error}", where=path) from error
    rules = parse_rules(text, str(path)) + builtin_rules()
    _check_unique(rules, str(path))
    return rules


def parse_rules(text: str, where: str) -> tuple[Rule, ...]:
    """Rules from TOML.

    Raises:
        RuleError: with the rule and field at fault.
    """
    try:
        tables = tomllib.loads(text).get("rule", [])
    except tomllib.TOMLDecodeError as error:
        raise RuleError(f"not TOML: {error}", where=where) from error
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise RuleError("rules are written as [[rule]] tables", where=where)
    rules = tuple(_rule(table, f"rule {number}", where) for number, table in enumerate(tables, start=1))
    if not rules:
        raise RuleError("there is no [[rule]] in the file", where=where, hint="See docs/attribution.md for the form")
    _check_unique(rules, where)
    _check_examples(rules, where)
    return rules


def _check_examples(rules: Iterable[Rule], where: str) -> None:
    """A rule's own examples are its first test."""
    for rule in rules:
        for text in rule.examples:
            if not matches_text(rule, text):
                raise RuleError(f"rule {rule.id!r} does not match its example {text!r}", where=where)
        for text in rule.near_misses:
            if matches_text(rule, text):
                raise RuleError(f"rule {rule.id!r} matches its near miss {text!r}", where=where)


def _check_unique(rules: Iterable[Rule], where: str) -> None:
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            raise RuleError(f"two rules are called {rule.id!r}, counting the built-in ones", where=where)
        seen.add(rule.id)


def _rule(table: Mapping[str, Any], label: str, where: str) -> Rule:
    fields = _Fields(table, str(table.get("id") or label), where)
    fields.check_names()
    rule = Rule(
        id=fields.text("id"),
        role=fields.one_of("role", get_args(Role), "engine"),
        engine=fields.one_of("engine", ENGINES),
        phase=fields.one_of("phase", PHASES),
        symbol=fields.expression("symbol"),
        image=fields.expression("image"),
        unnamed=fields.flag("unnamed"),
        within=frozenset(fields.some_of("within", PLACES)) or frozenset(PLACES),
        engines=frozenset(fields.some_of("engines", ENGINES)),
        place=fields.one_of("place", PLACES) if "place" in table else None,
        os=fields.text("os"),
        source=fields.text("source"),
        examples=fields.texts("examples"),
        near_misses=fields.texts("near_misses"),
    )
    if rule.symbol is None and rule.image is None:
        raise fields.problem("it needs a symbol, an image, or both")
    if (rule.role == "wait") != bool(rule.engines):
        raise fields.problem("engines is given for wait rules, and only for them")
    return rule


@dataclass(frozen=True, slots=True)
class _Fields:
    """The fields of one [[rule]], checked as they are read."""

    table: Mapping[str, Any]
    name: str
    where: str

    def problem(self, what: str) -> RuleError:
        return RuleError(f"rule {self.name!r}: {what}", where=self.where, hint="See docs/attribution.md for the form")

    def check_names(self) -> None:
        unknown = sorted(set(self.table) - _KEYS)
        if unknown:
            raise self.problem(f"there is no field {unknown[0]!r}")
        if not self.text("id"):
            raise self.problem("it needs an id")

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


def matches_text(rule: Rule, frame: str) -> bool:
    """Whether a rule matches a frame written as ``Image`symbol``."""
    image, symbol = split_image(frame)
    return rule.allows_image(image) and rule.allows_symbol(symbol)
