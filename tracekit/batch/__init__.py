"""Many recordings at once: a row a run, whatever happens to the others.

    patterns ─► inputs ─► work on processes or on a cluster ─► journal ─► table

Every outcome goes to a journal beside the output as soon as it is known, and the table is made from the journal in the
end. So a batch that was stopped, however, goes on where it was, and gives the table that it would have given.
"""
