"""Large inputs that were read before: their tables are kept, so that the next command does not read them again.

    path ─► digest of its content ─► an entry?  yes: its tables     no: read, and keep what was found
            digest.py                folder.py       entry.py            remember.py

A name or a date decides nothing: the whole file is read to see that it is the same, which takes a tenth of what it
takes to understand it. What is kept is what the readers gave, notices and all: the samples of a large file of one run,
and the list of its tables. Any other table is read from the file when it is asked for.
"""
