"""For programs that think: small, exact answers (``answers``), from given folders only (``folders``), over the Model
Context Protocol (``server``).
"""
