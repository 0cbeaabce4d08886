"""Decoding of compressed images in two worker processes: both cores are used, and a crash there hurts
nobody here.

The decoders hold the interpreter lock and can crash on a damaged file (reference interop T); a frame that
ends its worker twice, or takes longer than its size allows, is reported as damaged and the rest goes on.
No compressed frame is ever decoded in the program itself.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing import get_context, parent_process
from threading import Lock, Thread

from storage.dicom.facts import ImageFacts
from storage.dicom.pixels import Values, decoded

Report = Callable[[int, int], None]
Work = Callable[[list[ImageFacts]], list[Values | str]]

WORKERS = 2
SECONDS = 15.0
SECONDS_A_MEGAPIXEL = 4.0
"""Time a piece of work may take: a hundred times what the slowest decoder was measured to need."""
_STARTING_SECONDS = 60.0
_CHUNK = 8
_MOST_BYTES = 4 << 30


def outward(count: int) -> list[int]:
    """0..count-1 from the middle outward: what the reader sees first is decoded first."""
    middle = count // 2
    return sorted(range(count), key=lambda k: (abs(k - middle), k))


def decode_all(
    images: Sequence[ImageFacts], report: Report | None = None, work: Work = decoded
) -> Iterator[tuple[int, Values | str]]:
    """Yield (index, values or reason) for every image, from the middle outward, as they arrive.

    work: `decoded`, or `decoded_twice` where two decoders have to agree.
    """
    order = outward(len(images))
    for turn, (k, result) in enumerate(_in_workers(images, order, work)):
        yield k, result
        if report is not None:
            report(turn + 1, len(images))


def _seconds(images: Sequence[ImageFacts]) -> float:
    """Time that decoding these may take."""
    return SECONDS + SECONDS_A_MEGAPIXEL * sum(image.rows * image.columns for image in images) / 1e6


def _in_workers(images: Sequence[ImageFacts], order: list[int], work: Work) -> Iterator[tuple[int, Values | str]]:
    size = min(_CHUNK, max(1, len(order) // (2 * WORKERS)))
    chunks = [order[start : start + size] for start in range(0, len(order), size)]
    failed: list[int] = []
    pool = _pool()
    waiting: list[tuple[list[int], Future[list[Values | str]]]] = []
    try:
        for chunk in chunks:
            waiting.append((chunk, pool.submit(work, [images[k] for k in chunk])))  # noqa: PERF401
    except (BrokenProcessPool, RuntimeError):
        failed += [k for chunk in chunks[len(waiting) :] for k in chunk]
    try:
        while waiting:
            chunk, future = waiting.pop(0)  # what was handed on is not held here, too
            try:
                results = future.result(timeout=_STARTING_SECONDS + _seconds([images[k] for k in chunk]))
            except (BrokenProcessPool, TimeoutError, OSError, MemoryError):
                failed += chunk
                continue
            yield from zip(chunk, results, strict=True)
    finally:
        for _, future in waiting:
            future.cancel()  # the caller went away: what has not begun is not wanted any more
    if failed:
        _end(pool)
    for k in failed:  # one by one, so that the frame that kills its worker is known
        pool = _pool()
        try:
            pool.submit(decoded, []).result(timeout=_STARTING_SECONDS)
            yield k, pool.submit(work, [images[k]]).result(timeout=_seconds([images[k]]))[0]
        except (BrokenProcessPool, TimeoutError, OSError, RuntimeError, MemoryError):
            _end(pool)
            yield k, f"{images[k].name}: the decoder crashed or did not end on this image"


_guard = Lock()
_running: list[ProcessPoolExecutor] = []


def warm() -> None:
    """Start the workers now, so that the first compressed series need not wait for them."""
    pool = _pool()
    for _ in range(WORKERS):
        pool.submit(decoded, [])


def _pool() -> ProcessPoolExecutor:
    """The two workers of this process; made at the first need, kept, made anew after a crash."""
    with _guard:
        if not _running:
            context = get_context("spawn")
            _running.append(ProcessPoolExecutor(WORKERS, mp_context=context, initializer=_quiet_and_bounded))
        return _running[0]


def _end(pool: ProcessPoolExecutor) -> None:
    """End the workers, those too that hang in a decoder."""
    with _guard:
        if pool in _running:
            _running.remove(pool)
    processes = list((getattr(pool, "_processes", None) or {}).values())
    pool.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        if process.is_alive():
            process.terminate()
            process.join(timeout=2)


def _quiet_and_bounded() -> None:
    """In the worker: nothing on stderr, no more memory than a large image needs, no core files."""
    with suppress(OSError):
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 2)
        os.close(silent)
    with suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MOST_BYTES, _MOST_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    Thread(target=_end_with_the_program, daemon=True).start()


def _end_with_the_program() -> None:
    """A worker whose program was killed ends, too."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(0)
