"""The demo's synthetic patients written as DICOM folders, one process a subject (measure.phantom draws them)."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from pathlib import Path
from typing import Any

WORKERS = 2


def _write_subject(number: str, folder: str) -> str:
    """Draw and write every time point of one subject below the folder; runs in a worker process."""
    from measure.phantom.cast import demo_cast
    from measure.phantom.render import render
    from storage.dicom.write import write_series

    subject = next(one for one in demo_cast() if one.number == number)
    for point in subject.timepoints:
        volume = render(subject, point)
        write_series(
            volume,
            Path(folder) / number / point.visit,
            seed=f"coread demo {number} {point.visit}",
            patient_id=number,
            study_date=point.date,
            description="Abdomen portal venous" if subject.modality == "CT" else "T1 portal venous",
            phase="portal venous",
            thickness_mm=volume.grid.slice_step_mm,
        )
    return number


def write_subjects(numbers: list[str], folder: Path) -> Iterator[str]:
    """Write the subjects' folders with two processes; yields each number as it is done, in order of finishing.

    Closing the iterator stops the work: subjects not begun are dropped, a begun one ends with its process.
    """
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(max_workers=WORKERS, mp_context=context)
    waiting: set[Future[Any]] = {pool.submit(_write_subject, number, str(folder)) for number in numbers}
    try:
        while waiting:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for future in done:
                yield future.result()
    finally:
        for process in list((pool._processes or {}).values()):  # noqa: SLF001 -- a cancelled demo ends at once
            if waiting:
                process.terminate()
        pool.shutdown(wait=True, cancel_futures=True)
