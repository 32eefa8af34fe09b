"""Names for addresses, from dSYM bundles and Mach-O files that the recording itself did not have.

objects.py    files → symbol tables and debug information, by UUID
naming.py     a profile with addresses → the same with functions, inlined ones and lines included
"""

from tracekit.symbols.naming import name_frames, with_symbols
from tracekit.symbols.objects import Objects, read_objects

__all__ = ["Objects", "name_frames", "read_objects", "with_symbols"]
