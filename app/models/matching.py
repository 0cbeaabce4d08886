"""Two opened time points brought into one space, in the background; nothing of a later time point is ever asked for."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.models.reading import ReadingModel

if TYPE_CHECKING:
    from measure.pyramid import Pyramid
    from measure.register import Registration

Pair = tuple[str, str]


class MatchModel(QObject):
    """Registrations by (fixed, moving) series UID; `matched` carries the pair when one is there."""

    matched = Signal(object)

    def __init__(self, reading: ReadingModel) -> None:
        super().__init__(reading)
        self._reading = reading
        self._pyramids: dict[str, Pyramid] = {}
        self._found: dict[Pair, Registration] = {}
        self._asked: set[Pair] = set()

    def registration(self, fixed: str, moving: str) -> Registration | None:
        """The registration of a pair, once it is there and good enough to be used."""
        found = self._found.get((fixed, moving))
        return found if found is not None and found.quality != "failed" else None

    def failed(self, fixed: str, moving: str) -> bool:
        """It was tried and did not hold."""
        found = self._found.get((fixed, moving))
        return found is not None and found.quality == "failed"

    def pyramids(self, fixed: str, moving: str) -> tuple[Pyramid, Pyramid]:
        """The small versions of a registered pair."""
        return self._pyramids[fixed], self._pyramids[moving]

    def ask(self, fixed: str, moving: str) -> None:
        """Register a pair of loaded series, once."""
        pair = (fixed, moving)
        volumes = self._reading.volumes
        if fixed == moving or pair in self._asked or fixed not in volumes or moving not in volumes:
            return
        self._asked.add(pair)

        def work(_: object) -> Registration:
            from measure.pyramid import pyramid_of
            from measure.register import register_rigid

            for uid in pair:
                if uid not in self._pyramids:
                    self._pyramids[uid] = pyramid_of(volumes[uid])
            return register_rigid(self._pyramids[fixed], self._pyramids[moving])

        def done(found: Registration) -> None:
            self._found[pair] = found
            self.matched.emit(pair)

        def failed(problem: BaseException) -> None:
            from measure.register import Registration

            logging.getLogger("coread").warning("a registration failed", exc_info=problem)
            done(Registration(np.eye(4), 99.0, 0.0, "failed"))

        self._reading.jobs.start("Registering", work, done, failed, owner=self)
