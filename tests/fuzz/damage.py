"""Small damages, made from a chance."""

import random
import re

NUMBERS = (b"-1", b"0", b"18446744073709551615", b"-9223372036854775808", b"9" * 40, b"1e9", b"")


def mutated(data: bytes, chance: random.Random) -> bytes:
    """One to four small damages: bytes, numbers, pieces cut, doubled and moved; or numbers alone."""
    result = bytearray(data)
    only_numbers = chance.random() < 0.5
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(result) + 1)
        size = min(chance.choice((1, 1, 2, 8, 64, 400)), len(result) - at)
        what = 3 if only_numbers else chance.randrange(6)
        if what == 0 and at < len(result):
            result[at] = chance.randrange(256)
        elif what == 1:
            del result[at : at + size]
        elif what == 2:
            result[at:at] = result[at : at + size]
        elif what == 3:
            found = [*re.finditer(rb"\d+", result)]
            if found:
                number = chance.choice(found)
                result[number.start() : number.end()] = chance.choice(NUMBERS)
        elif what == 4:
            del result[at:]
        else:
            piece = bytes(result[at : at + size])
            del result[at : at + size]
            to = chance.randrange(len(result) + 1)
            result[to:to] = piece
    return bytes(result)
