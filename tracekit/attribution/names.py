"""Names of functions as traces write them, and what is left when everything but the function's own name is taken off.

    __53-[MLNeuralNetworkEngine evaluateBatch:]_block_invoke.326   -[MLNeuralNetworkEngine evaluateBatch:]_block_invoke
    bool CoreML::vectorizeMultiArray<_Float16, float>(…)           CoreML::vectorizeMultiArray
    std::function<void (Espresso::net&)>::operator()(…) const      std::function::operator
    closure #1 () -> () in MLTensor.shapedArray(of:)               MLTensor.shapedArray

Rules are asked about a function's own name: the classes that stand in its arguments, its return type or its template
arguments are not what it works for.
"""

import re
from functools import lru_cache
from typing import Final

_UNNAMED: Final = re.compile(r"^(0x[0-9a-fA-F]+|<redacted>|<deduplicated_symbol>|___lldb_unnamed_symbol\w*|\?\?\?|)$")
_BLOCK: Final = re.compile(
    r"^(?:_*\d+(?=[-+]\[)|invocation function for block in |DYLD-STUB\$\$|(?:non-)?(?:virtual )?thunk to "
    r"|\(\d+\) (?:await|suspend) resume partial function for )"
)
_CLOSURE: Final = re.compile(r"^(?:[a-z ]+ for )?closure #\d+ .* in ")
_OPERATOR: Final = re.compile(r"\boperator *(?:\(\)|\[\]|->\*?|<=>|[<>]{1,2}=?)")
_FIXITY: Final = re.compile(r" (?:in|pre|post)fix$")
_TEMPLATE: Final = re.compile(r"<[^<>]*>|\[abi:\w+\]")
_ANONYMOUS: Final = "(anonymous namespace)"
_STAND_IN: Final = "{anonymous}"
_HAS_MORE: Final = re.compile(r"[(< ]")


def is_unnamed(name: str) -> bool:
    """Whether a symbol was stripped, in any of the looks xctrace, LLDB and crash reports give it."""
    return _UNNAMED.match(name) is not None


def without_block(name: str) -> str:
    """The function a block belongs to: ``__53-[A b]_block_invoke`` → ``-[A b]_block_invoke``."""
    match = _BLOCK.match(name)
    return name[match.end() :] if match else name


@lru_cache(maxsize=1 << 15)
def own_name(name: str) -> str:
    """A function's own name; see above. A stripped name, and one of which nothing would be left, is left as it is.

    The last names are kept in mind: roots, places and rules all ask for them.
    """
    plain = without_block(name)
    if plain[:2] in ("-[", "+[") or _HAS_MORE.search(plain) is None or is_unnamed(plain):
        return plain
    plain = _OPERATOR.sub("operator", _CLOSURE.sub("", plain.replace(_ANONYMOUS, _STAND_IN)))
    shorter = _TEMPLATE.sub("", plain)
    while shorter != plain:
        plain, shorter = shorter, _TEMPLATE.sub("", shorter)
    before = _FIXITY.sub("", plain.partition("(")[0].rstrip())
    returned, _, own = before.rpartition(" ")
    own = own if returned.count("[") == returned.count("]") else before  # a blank in brackets ends no type
    return own.replace(_STAND_IN, _ANONYMOUS) or name


def bare_symbol(symbol: str) -> str:
    """A function without its argument list, block decoration and return type; template arguments stay."""
    name = without_block(symbol)
    if name[:2] in ("-[", "+["):
        return name
    head, _, _ = name.replace(_ANONYMOUS, _STAND_IN).partition("(")
    depth, start = 0, 0
    for at, character in enumerate(head):
        depth += {"<": 1, ">": -1}.get(character, 0)
        if character == " " and depth == 0:
            start = at + 1
    return head[start:].replace(_STAND_IN, _ANONYMOUS) or name
