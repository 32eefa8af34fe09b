"""``tracekit symbols``: what the rules know of a library's functions."""

from pathlib import Path
from typing import Annotated

import typer

from tracekit.cli import options


def command(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="`image dump symtab` output, nm output, a .tbd, or a name a line.")
    ],
    against: Annotated[
        Path | None, typer.Option("--against", metavar="OLD", help="An older list of the same library.")
    ] = None,
    image: Annotated[
        str | None, typer.Option("--image", help="The library, such as Espresso, where the list does not say.")
    ] = None,
    propose: Annotated[
        Path | None,
        typer.Option("--propose", metavar="FILE", help="Write rules for unknown classes as TOML; - is stdout."),
    ] = None,
    rules: options.Rules = None,
    force: options.Force = False,
) -> None:
    """Say which functions of a library each rule matches, and which methods of engine classes no rule decides.

    With --against, what an update of the system changed.
    """
    from rich.text import Text

    from tracekit.attribution import known_symbols
    from tracekit.attribution.own_rules import load_catalogue
    from tracekit.attribution.proposals import proposed_rules
    from tracekit.cli.console import note, show
    from tracekit.cli.output import check_free, write_result
    from tracekit.readers.demangling import demangled
    from tracekit.recording.lldb.symbol_lists import read_symbols
    from tracekit.report.terminal.symbols_text import changes_lines, classes_view, rules_view, undecided_lines

    check_free(propose, force=force)
    chosen = load_catalogue(rules).rules
    listed = read_symbols(file, demangled)
    library = image or listed.image
    found = known_symbols.matched(listed.names, library, chosen)
    classes = known_symbols.engine_classes(listed.names, library, chosen)
    if propose is not None:
        if (classes["rule"] == "").any():
            write_result(propose, proposed_rules(classes, library, file.name), force=force)
        else:
            note("nothing to propose: every engine class is known")
    if str(propose) == "-":
        return
    show(Text(f"{library or 'unknown library'}: {len(listed.names):,} functions, {len(listed.classes):,} classes"))
    show(rules_view(known_symbols.by_rule(found)))
    show(classes_view(classes))
    for line in undecided_lines(known_symbols.engine_methods(listed.names, library, chosen)):
        show(line)
    if against is not None:
        old = known_symbols.matched(read_symbols(against, demangled).names, library, chosen)
        for part in changes_lines(known_symbols.compare(found, old)):
            show(part)
