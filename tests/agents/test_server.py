"""A session of the official client with the server as an editor starts it.

``mcp`` is loaded by the tests: that takes a second, and every worker collects every test.
"""

import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import anyio

from tests.docs.pages import ROOT
from tracekit.agents.answers import Answers
from tracekit.agents.folders import Folders
from tracekit.agents.server import build

if TYPE_CHECKING:
    from mcp import Client

SAMPLES = ROOT / "sample_traces"
SPLIT, ANE = "ane-with-cpu-fallback.trace.zip", "all-ane.trace.zip"

ASKED: list[tuple[str, dict[str, Any]]] = [
    ("recordings", {}),
    ("open", {"path": SPLIT}),
    ("verdict", {"path": SPLIT}),
    ("tree", {"path": SPLIT, "symbol": "E5RT::Ops", "nodes": 6}),
    ("tables", {"path": SPLIT}),
    ("sql", {"paths": [SPLIT, ANE], "query": "select trace, answer, evidence from traces"}),
    ("ops", {"path": SPLIT}),
    ("compare", {"before": SPLIT, "after": ANE}),
    ("explain", {"code": "fp32-compute"}),
]
REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("open", {"path": "/etc/passwd"}, "there is no such recording in the folders that were given"),
    ("open", {"path": "../README.md"}, "there is no such recording"),
    ("sql", {"paths": [SPLIT], "query": "copy samples to 'x.csv'"}, "only SELECT is answered"),
    ("sql", {"paths": [SPLIT], "query": "select * from read_text('/etc/passwd')"}, "Cannot access file"),
    ("tree", {"path": SPLIT, "symbol": "re:("}, "re:("),
    ("verdict", {"path": "README.md"}, "the format is not known"),
    ("explain", {"code": "no-such"}, "no-such"),
    ("ops", {"path": SPLIT, "model": "../tracekit/recording/harness/default_model/TinyConv.mlpackage"}, "no such"),
    ("verdict", {}, "path"),
]


def session(server: Any, talk: Callable[["Client"], Any]) -> Any:
    from mcp import Client

    async def held() -> Any:
        async with Client(server) as client:
            return await talk(client)

    return anyio.run(held)


def test_a_session_answers_as_the_api_does_and_refuses_in_a_sentence() -> None:
    """One session over a process's standard input and output, from the first greeting to the end."""
    from mcp import StdioServerParameters, stdio_client

    async def talk(client: "Client") -> None:
        assert [tool.name for tool in (await client.list_tools()).tools] == [name for name, _ in ASKED]
        for name, given in ASKED:
            done = await client.call_tool(name, given)
            assert not done.is_error, done
            expected = getattr(answers, name)(**given)
            assert done.structured_content == json.loads(json.dumps(expected))
        for name, given, told in REFUSED:
            done = await client.call_tool(name, given)
            assert done.is_error
            assert told in done.content[0].text  # type: ignore[union-attr]
            assert "Traceback" not in done.content[0].text  # type: ignore[union-attr]

    answers = Answers(Folders([SAMPLES]))
    command = ["-m", "tracekit", "mcp", str(SAMPLES)]
    session(stdio_client(StdioServerParameters(command=sys.executable, args=command, cwd=ROOT)), talk)


def test_tools_say_that_they_change_nothing() -> None:
    async def talk(client: "Client") -> Any:
        return (await client.list_tools()).tools, client.instructions

    tools, instructions = session(build([SAMPLES]), talk)
    for tool in tools:
        assert (tool.annotations.read_only_hint, tool.annotations.destructive_hint) == (True, False)
        assert tool.description
        assert "   " not in tool.description
    assert "never its busy time" in instructions


def test_names_are_fit_to_be_shown() -> None:
    async def talk(client: "Client") -> Any:
        return await client.call_tool("sql", {"paths": [SPLIT], "query": "select 'a' || chr(27) || chr(8238) as b"})

    assert session(build([SAMPLES]), talk).structured_content["rows"] == [["a\\u{1b}\\u{202e}"]]
