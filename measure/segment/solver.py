"""The exact cut: which samples of all rays lie inside, so that the sum of gains is greatest.

A surface crosses every ray once; neighbouring rays pay for every step they differ and may differ by three at
most. That is a minimum cut, solved by scipy's maximum flow.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from measure.geometry import Floats
from measure.segment.rays import Rays

SAMPLES = 32
T_FIRST, T_LAST = 0.2, 1.5
T_STEP = (T_LAST - T_FIRST) / (SAMPLES - 1)
STEEPEST = 3
SMOOTHNESS = 0.4 * 4 * T_STEP
SCALE = 1000
ENDLESS = 1 << 26


def sample_places() -> Floats:
    """Where the samples lie on a ray, as a fraction of the reference surface's radius, shape (samples,)."""
    return np.linspace(T_FIRST, T_LAST, SAMPLES)


@dataclass(frozen=True, eq=False)
class _Net:
    """The arcs that never change; nodes ray * SAMPLES + sample, then source and sink."""

    indptr: NDArray[np.int32]
    indices: NDArray[np.int32]
    capacity: NDArray[np.int32]
    source_at: NDArray[np.int64]
    sink_at: NDArray[np.int64]
    nodes: int


@lru_cache(maxsize=4)
def _net(rays: Rays) -> _Net:
    from scipy.sparse import csr_array

    node = np.arange(rays.count * SAMPLES).reshape(rays.count, SAMPLES)
    first, second = rays.pairs.T
    arcs: list[tuple[Any, Any, int]] = [(node[:, 1:], node[:, :-1], ENDLESS)]
    for a, b in ((first, second), (second, first)):
        arcs.append((node[a], node[b], round(SMOOTHNESS * SCALE)))
        arcs.append((node[a][:, STEEPEST:], node[b][:, :-STEEPEST], ENDLESS))
    count = node.size
    source, sink = count, count + 1
    every = np.arange(count)
    arcs.append((np.full(count, source), every, -1))
    arcs.append((every, np.full(count, sink), -2))
    tail = np.concatenate([np.ravel(a) for a, _, _ in arcs])
    head = np.concatenate([np.ravel(b) for _, b, _ in arcs])
    capacity = np.concatenate([np.full(np.size(a), c, np.int32) for a, _, c in arcs])
    table: Any = csr_array((capacity, (tail, head)), shape=(count + 2, count + 2))
    table.sort_indices()
    return _Net(
        table.indptr.astype(np.int32),
        table.indices.astype(np.int32),
        table.data,
        np.flatnonzero(table.data == -1),
        np.flatnonzero(table.data == -2),
        count,
    )


def inside_counts(rays: Rays, gain: Floats) -> NDArray[np.int64]:
    """Number of samples inside on every ray, at least one, shape (rays,).

    gain: what each sample adds when it lies inside, shape (rays, SAMPLES); negative for outside.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import breadth_first_order, maximum_flow

    net = _net(rays)
    weight = np.rint(np.clip(gain, -20, 20) * SCALE).astype(np.int32).ravel()
    capacity = net.capacity.copy()
    capacity[net.source_at] = np.maximum(weight, 0)
    capacity[net.sink_at] = np.maximum(-weight, 0)
    shape = (net.nodes + 2, net.nodes + 2)
    table = csr_array((capacity, net.indices, net.indptr), shape=shape)
    flow = maximum_flow(table, net.nodes, net.nodes + 1).flow
    left: Any = table - flow
    left.data = np.maximum(left.data, 0)
    left.eliminate_zeros()
    reached = breadth_first_order(left, net.nodes, directed=True, return_predecessors=False)
    inside = np.zeros(net.nodes + 2, bool)
    inside[reached] = True
    counts = inside[: net.nodes].reshape(rays.count, SAMPLES).sum(axis=1, dtype=np.int64)
    return np.asarray(np.maximum(counts, 1), np.int64)
