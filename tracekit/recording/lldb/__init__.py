"""LLDB: breakpoints that count which engine Core ML calls, and lists of an OS's symbols."""
