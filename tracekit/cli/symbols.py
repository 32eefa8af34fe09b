"""``tracekit symbols``: what the rules know of a library's functions."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tracekit.cli import options

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table

    from tracekit.attribution.known_symbols import Changes

_SHOWN = 30


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
    show(_rules_view(known_symbols.by_rule(found)))
    show(_classes_view(classes))
    _show_undecided(known_symbols.engine_methods(listed.names, library, chosen))
    if against is not None:
        old = known_symbols.matched(read_symbols(against, demangled).names, library, chosen)
        _show_changes(known_symbols.compare(found, old))


def _rules_view(table: "pd.DataFrame") -> "Table":
    from tracekit.report.numbers import visible

    view = _table("rule", "engine", "phase", "functions", "example")
    for row in table.itertuples(index=False):
        view.add_row(str(row.rule), str(row.engine), str(row.phase), f"{row.names:,}", visible(str(row.example))[:90])
    return view


def _classes_view(classes: "pd.DataFrame") -> "Table":
    from tracekit.report.numbers import visible

    known = classes[classes["rule"] != ""]
    view = _table("engine classes", "classes", "")
    for engine, count in known["engine"].value_counts().sort_index().items():
        view.add_row(str(engine), f"{count:,}", "")
    unknown = classes[classes["rule"] == ""]
    view.add_row("no rule knows", f"{len(unknown):,}", "")
    for row in unknown.head(_SHOWN).itertuples(index=False):
        view.add_row("", f"{row.methods:,}", visible(str(row.name)))
    if len(unknown) > _SHOWN:
        view.add_row("", "", f"and {len(unknown) - _SHOWN} more")
    return view


def _show_undecided(methods: "pd.DataFrame") -> None:
    """Every method that no rule decides: it is what the catalogue lacks."""
    from rich.text import Text

    from tracekit.cli.console import show
    from tracekit.report.numbers import visible

    undecided = methods.loc[methods["rule"] == "", "method"]
    share = f"{len(undecided) / (len(methods) or 1):.1%}".replace("%", " %")
    show(Text(f"{len(methods):,} methods of engine classes, of which no rule decides {len(undecided):,} ({share})"))
    for method in undecided:
        show(Text(f"  {visible(str(method))}"))


def _show_changes(changes: "Changes") -> None:
    from rich.text import Text

    from tracekit.cli.console import show
    from tracekit.report.numbers import visible

    show(Text(f"{len(changes.added):,} functions are new, {len(changes.removed):,} are gone"))
    view = _table("rule", "before", "after")
    for row in changes.rules.itertuples(index=False):
        view.add_row(str(row.rule), f"{row.before:,}", f"{row.after:,}")
    show(view)
    for sign, names in (("+", changes.added), ("-", changes.removed)):
        for name in names[:_SHOWN]:
            show(Text(f"{sign} {visible(name)}"[:180]))
        if len(names) > _SHOWN:
            show(Text(f"{sign} and {len(names) - _SHOWN:,} more", style="dim"))


def _table(*columns: str) -> "Table":
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, justify="right" if column in ("functions", "classes", "before", "after") else "left")
    return table
