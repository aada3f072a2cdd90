"""Calls in processes of their own, from scripts and notebooks alike, however processes are started."""

import io
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import active_children
from types import ModuleType
from typing import TypeVar, cast

import cloudpickle
from threadpoolctl import threadpool_limits

from accelsim.errors import SimulationError

_T = TypeVar("_T")

MAIN = "__main__"
"""The module of a script or notebook, which a worker does not have: what it defines goes there by value."""


@contextmanager
def in_processes(calls: Mapping[str, Callable[[], _T]], workers: int) -> Iterator[dict[str, Future[_T]]]:
    """The results to come of *calls* from *workers* processes, by name.

    Whatever a script or notebook defines, functions and classes, is pickled by value. Within the context the
    processes are at work; they are ended, whatever they are doing, if it is left by an exception.

    Raises:
        SimulationError: if a process is killed.
    """
    ours = set(active_children())
    pool = ProcessPoolExecutor(workers, initializer=_settle)
    try:
        pickled = {name: cloudpickle.dumps(call) for name, call in calls.items()}
        with _without_main():
            futures = {name: pool.submit(_call, call) for name, call in pickled.items()}
        yield cast(dict[str, Future[_T]], futures)  # what is unpickled has no type
    except BaseException as error:
        pool.shutdown(wait=False, cancel_futures=True)
        for child in set(active_children()) - ours:
            child.terminate()
        if isinstance(error, BrokenProcessPool):
            why = "a worker process was killed, perhaps for want of memory (jobs=1 takes the least)"
            raise SimulationError(why) from error
        raise
    pool.shutdown()


def of_main(name: str) -> dict[str, object]:
    """What a script or notebook defines under the dotted *name*, by its last part; else nothing."""
    module, _, last = name.rpartition(".")
    main = sys.modules[MAIN]
    return {last: getattr(main, last)} if module == MAIN and hasattr(main, last) else {}


def define_in_main(defined: Mapping[str, object]) -> None:
    """Put into this process's ``__main__`` what another's has *defined*, by name."""
    vars(sys.modules[MAIN]).update(defined)


@contextmanager
def _without_main() -> Iterator[None]:
    """Start processes that do not run the script of this one again.

    Unless they are forked, they would, to find what it defines: a script without ``if __name__ ==
    "__main__"`` would start processes without end. Ours are sent what they need.
    """
    main = sys.modules[MAIN]
    sys.modules[MAIN] = ModuleType(MAIN)
    try:
        yield
    finally:
        sys.modules[MAIN] = main


def _call(pickled: bytes) -> object:
    return cloudpickle.loads(pickled)()


def _settle() -> None:
    """Make a process a worker: one thread, no word on stderr, and the interrupt is for who started it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threadpool_limits(limits=1, user_api="blas")
    sys.stderr = io.StringIO()  # progress bars of several would overlap
