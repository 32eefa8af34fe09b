"""Paths without their folders: ``/Users/jo/Secret/Run.trace`` becomes ``…/Run.trace``."""

import re

_START = r"(?:~|[A-Za-z]:)?[/\\]"
_PART = r"[^/\\\s\"'`<>|:;,()\[\]]"
_PATH = re.compile(rf"(?<![\w.…])(?:file://)?{_START}(?:{_PART}+[/\\])+(?={_PART})")
_UNTIL_QUOTE = r"(?:(?!(?P=quote)).)"
_QUOTED = re.compile(rf"(?P<quote>['\"]){_START}{_UNTIL_QUOTE}*[/\\](?P<name>{_UNTIL_QUOTE}+)(?P=quote)")


def without_folders(text: str) -> str:
    """Every absolute path in a text with only its last part. In quotes a path may hold blanks."""
    return _PATH.sub("…/", _QUOTED.sub(r"\g<quote>…/\g<name>\g<quote>", text))
