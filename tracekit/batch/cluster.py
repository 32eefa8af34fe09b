"""Work on a Dask cluster. Its workers need tracekit of the same version, and the recordings under the same paths."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING, Any

from tracekit._version import __version__
from tracekit.batch.work import Outcome, Row, Work, failed_row, lost, with_second_try
from tracekit.errors import InputError, MissingExtraError

if TYPE_CHECKING:
    from distributed import Client

_CONNECT_S = 10


def on_cluster(work: Work, paths: Sequence[str], address: str) -> Generator[Outcome]:
    """Work on ``paths`` with every worker of the scheduler at ``address`` (``tcp://host:8786``).

    Raises:
        MissingExtraError: Dask is not installed.
        InputError: no scheduler answers there, or a worker has another tracekit.
    """
    with _connected(address) as client:

        def work_through(paths: Sequence[str], one_at_a_time: bool) -> Generator[Outcome]:
            for group in [[path] for path in paths] if one_at_a_time else [paths]:
                yield from _submitted(client, work, group)

        yield from with_second_try(paths, work_through)


@contextmanager
def _connected(address: str) -> "Iterator[Client]":
    try:
        from distributed import Client
    except ImportError as error:
        raise MissingExtraError("a cluster needs Dask", "dask") from error
    try:
        client = Client(address, timeout=_CONNECT_S)
    except (OSError, ValueError) as error:
        hint = "Write it as tcp://HOST:8786"
        raise InputError("no Dask scheduler answers there", where=address, hint=hint) from error
    with client:
        versions = client.run(_version)
        other = sorted({version for version in versions.values() if version != __version__})
        if other:
            raise InputError(f"its workers have tracekit {other[0]}, here is {__version__}", where=address)
        yield client


def _submitted(client: "Client", work: Work, paths: Sequence[str]) -> Generator[Outcome]:
    from distributed import KilledWorker, as_completed

    path_of = {client.submit(_timed, work, path, pure=False): path for path in paths}
    for future in as_completed(list(path_of)):
        path = path_of.pop(future)
        error = future.exception()
        if error is None:
            rows, seconds = future.result()
            yield Outcome(path, rows, seconds)
        elif isinstance(error, KilledWorker):
            yield lost(path, "its cluster worker ended")
        else:
            yield Outcome(path, [failed_row(None, f"internal error ({type(error).__name__}: {error})")])
        future.release()


def _timed(work: Work, path: str) -> tuple[list[Row], float]:
    began = perf_counter()
    rows = work(path)
    return rows, perf_counter() - began


def _version(**_: Any) -> str:
    return __version__
