"""What ``--redact-paths`` takes out of a report, so that it can be sent to others.

- Of every path in any text, and of the files the command names, only the last part stays:
  ``/Users/jo/Secret/Run.trace`` becomes ``…/Run.trace``. A home folder alone becomes ``~``.
- The device's own name (``Jo's iPhone``) goes; its model stays.

What a trace calls its functions, images, threads, processes, intervals and templates stays, and so do the names of
files, sources included: they are what a report is about. A report never holds more: no environment, no UDID, no path of
an image.
"""

import re
import shlex
from dataclasses import replace

from tracekit.report.layout import Provenance

_START = r"(?:~|[A-Za-z]:)?[/\\]"
_PART = r"[^/\\\s\"'`<>|:;,()\[\]]"
_FOLDER = rf"{_PART}+(?: (?!-){_PART}+)*[/\\]"
_PATH = re.compile(rf"(?<![\w.…])(?:file://)?(?P<folders>{_START}(?:{_FOLDER})+)(?P<name>{_PART}+)")
_UNTIL_QUOTE = r"(?:(?!(?P=quote)).)"
_QUOTED = re.compile(
    rf"(?<=(?P<quote>['\"]))(?P<folders>{_START}{_UNTIL_QUOTE}*[/\\])(?P<name>{_UNTIL_QUOTE}+)(?=(?P=quote))"
)
_HOMES = re.compile(r"(?:[A-Za-z]:)?[/\\](?:Users|home)[/\\]")
_FOLDERS = re.compile(r"^(?P<option>--?[\w-]+=)?.*[/\\](?=[^/\\])", re.DOTALL)


def without_folders(text: str) -> str:
    """Every absolute path in a text with only its last part; a folder may have blanks in it, in quotes a file too."""
    return _PATH.sub(_shortened, _QUOTED.sub(_shortened, text))


def _shortened(path: re.Match[str]) -> str:
    return "~" if _HOMES.fullmatch(path["folders"]) else f"…/{path['name']}"


def without_owner(provenance: Provenance, device_model: str | None) -> Provenance:
    """A provenance that names no folder, relative ones included, and no device but by its model."""
    command = shlex.join(_last_part(without_folders(argument)) for argument in shlex.split(provenance.command))
    source = _last_part(without_folders(provenance.source))
    return replace(provenance, source=source, device=device_model or "", command=command)


def _last_part(argument: str) -> str:
    return argument if argument.startswith("…/") else _FOLDERS.sub(lambda match: f"{match['option'] or ''}…/", argument)
