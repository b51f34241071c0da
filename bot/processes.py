"""A process for work that would hold up this one (sound, customers), and what happens when it dies."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from typing import Any

_START_S = 120.0
"""More time for the call that a new process begins with."""
_NICE = 5
"""The worker gives way to the processes that carry sound or answer customers."""
_NOT_STARTED = "the worker's process could not be started"
"""For want of descriptors, of memory, or of room for one more process."""


class WorkerFailed(Exception):
    """The process could not be started, died twice, or took too long."""


class Worker[**P, R]:
    """Runs one function, one call at a time, in a process that is made when it is first needed.

    A process that dies (out of memory, say) or takes too long is replaced, and the call is tried
    once more if it died.

    Args:
        work: a function of a module.
        prepare: called in the new process before it works.
        given: what ``prepare`` takes.
    """

    def __init__(self, work: Callable[P, R], prepare: Callable[..., None], *given: Any) -> None:
        self._work = work
        self._prepare = prepare
        self._given = given
        self._pool: ProcessPoolExecutor | None = None
        self._started = False

    async def call(self, deadline_s: float, *args: P.args, **kwargs: P.kwargs) -> R:
        """Have it worked on; waits in line.

        Raises:
            WorkerFailed: the process could not be started, it died twice, or the deadline passed.
        """
        for last in (False, True):
            pool = self._open()
            try:
                work = self._submit(pool, *args, **kwargs)
                async with asyncio.timeout(deadline_s + (0 if self._started else _START_S)):
                    result = await asyncio.wrap_future(work)
                self._started = True
                return result
            except TimeoutError:
                if not work.cancel():
                    self._drop(pool)
                raise WorkerFailed("the work took too long") from None
            except BrokenExecutor as error:
                self._drop(pool)
                if last:
                    raise WorkerFailed("the worker's process died") from error
        raise AssertionError

    async def stop(self) -> None:
        """End the process; what is under way fails."""
        if self._pool is not None:
            self._drop(self._pool)

    def _open(self) -> ProcessPoolExecutor:
        if self._pool is None:
            try:
                self._pool = ProcessPoolExecutor(
                    max_workers=1,
                    # A fork would copy the locks of whatever threads run here.
                    mp_context=multiprocessing.get_context("spawn"),
                    initializer=_begin,
                    initargs=(self._prepare, *self._given),
                )
            except OSError as error:
                raise WorkerFailed(_NOT_STARTED) from error
        return self._pool

    def _submit(self, pool: ProcessPoolExecutor, *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        try:
            return pool.submit(self._work, *args, **kwargs)
        except OSError as error:
            self._drop(pool)  # it keeps what it was given, and would do it first
            raise WorkerFailed(_NOT_STARTED) from error

    def _drop(self, pool: ProcessPoolExecutor) -> None:
        if self._pool is pool:
            self._pool = None
            self._started = False
        for process in list((pool._processes or {}).values()):
            process.kill()
        pool.shutdown(wait=False, cancel_futures=True)


def _begin(prepare: Callable[..., None], *given: Any) -> None:
    # Ctrl-C ends the parent, which ends us; a parent that is killed cannot.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, _NICE)
    # Threads that spin while they wait take the beat's processor time.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    prepare(*given)


def _end_with(parent: multiprocessing.process.BaseProcess) -> None:
    parent.join()
    os._exit(1)
