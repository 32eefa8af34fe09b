"""Synthetic Core ML recordings and the generator that writes them; see README.md beside this file.

::

    parts ─► compose ─► scenarios ─► recording ─► export_xml ─► generate ─► files
    (pieces of stacks,               (what was    (how a file      └► truth
     each with its label)             recorded)    spells it)

Only the standard library is used, and nothing of tracekit: samples made by the code under test would prove nothing.
"""
