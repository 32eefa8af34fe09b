"""The Mac's side: driving ``xctrace``, the Core ML harness, preflight, LLDB breakpoints.

Nothing here reads a trace or knows an engine rule: what needs both is composed in ``tracekit.recorder``.
"""
