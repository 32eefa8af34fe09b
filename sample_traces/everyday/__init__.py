"""Everyday recordings, one a kind of situation, each with its truth; see README.md one folder up.

::

    situations ─► live ─► Lived ─┬─► export_xml ─► NAME.zip
    (a table of   (plays it)     └─► truth ──────► NAME.truth.json
     scenarios)

A new recording is a new entry of the table.
"""
