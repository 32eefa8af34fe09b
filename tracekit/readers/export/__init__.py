"""``xctrace export`` XML: tables of contents, query results, and folders or zips of them.

    toc.py          ``--toc``: facts and table list of every run
    document.py     a query result, row by row, never as a tree
    cells.py        one element → one value; ``id`` and ``ref``
    stacks.py       the four encodings of a backtrace
    damage.py       rows that cannot be read
    samples.py      rows of a profile table → Profile
    tables.py       rows of any other table → DataFrame
    trace.py        all of it as a Trace

Profile tables just as xctrace writes them are read faster, and to the same result (docs/performance.md):

    digits.py       numbers read from many places of a block of bytes at once
    grammar.py      the tags of a row, byte for byte, and their order
    blocks.py       a document cut after rows
    scan.py         a block of rows → ids, or a refusal
    ahead.py        a second process that scans while the first imports
    columns.py      ids → values, into the builder
    fast.py         a whole document, block by block

Facts of the format: Apple documents none of it; what is relied on is listed in docs/export-format.md.
"""
