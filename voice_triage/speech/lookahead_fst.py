"""The graph from sounds to words (``graph/HCLr.fst``): a ``const`` graph with tables for looking ahead to word ids.

The tables say for every state which word ids can come first after it; the recognizer composes it with the word graph
by them. A word's id can stand on any arc of its path, arcs of a state being sorted by it.
"""

from __future__ import annotations

import itertools
import struct
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voice_triage.speech.fst_file import FileBytes, FstHeader

LOOKAHEAD_MAGIC = 446681434
LOOKAHEAD_VERSION = 1
CONST_VERSION = 2
BEFORE_TABLES = bytes([1, 0, 1, 0, 0])
"""There are tables; none for input labels; some for output labels; these are not of input labels; ids are not
renumbered again."""
DETERMINISM = 0x40000 | 0x80000 | 0x100000 | 0x200000
"""Property bits: whether two arcs of a state may share an input label, or an output label."""

STATE = np.dtype([("final", "<f4"), ("first", "<u4"), ("arcs", "<u4"), ("input_eps", "<u4"), ("output_eps", "<u4")])
ARC = np.dtype([("sound", "<i4"), ("word", "<i4"), ("cost", "<f4"), ("to", "<i4")])
"""``sound`` is a transition id of the acoustic model, ``word`` a word id; 0 means none of either."""

Intervals = tuple[tuple[int, int], ...]
"""Half-open ranges of word ids, ascending."""


@dataclass(frozen=True, slots=True)
class LookaheadGraph:
    """What the file holds: S states, A arcs sorted by state and then by word."""

    outer: FstHeader
    inner: FstHeader
    states: NDArray[np.void]
    """(S,) of :data:`STATE`; ``final`` is infinite where no word can end."""
    arcs: NDArray[np.void]
    """(A,) of :data:`ARC`."""
    final_word: int
    """The id that stands for the end of the sentence in the tables."""
    reachable: tuple[Intervals, ...]
    """Of each state, the words that can come first; equal ones share one object."""

    @property
    def sources(self) -> NDArray[np.int64]:
        """(A,): the state each arc leaves."""
        return np.repeat(np.arange(len(self.states)), self.states["arcs"])


def read_lookahead(path: Path) -> LookaheadGraph:
    """Read the file. Raises ModelError if it is damaged or of another kind."""
    data = FileBytes.of(path)
    outer = FstHeader.read(data)
    kind = (outer.kind, outer.version, outer.flags)
    data.need(kind == ("olabel_lookahead", LOOKAHEAD_VERSION, 0), f"its type is {outer.kind} {outer.version}")
    data.need(data.numbers("i") == (LOOKAHEAD_MAGIC,), "the mark of its tables is missing")
    inner = FstHeader.read(data)
    data.need((inner.kind, inner.version, inner.flags) == ("const", CONST_VERSION, 0), f"its graph is {inner.kind}")
    states, arcs = data.array(STATE, inner.states), data.array(ARC, inner.arcs)
    _check(data, inner, states, arcs)
    data.need(data.take(len(BEFORE_TABLES)) == BEFORE_TABLES, "its tables are of an unknown kind")
    final_word, count = data.numbers("iq")
    data.need(count == inner.states, "it does not have one table for each state")
    reachable = _read_tables(data, count)
    data.end()
    return LookaheadGraph(outer, inner, states, arcs, final_word, reachable)


def write_lookahead(graph: LookaheadGraph, path: Path) -> None:
    """Write what :func:`read_lookahead` reads; the header's sizes are set right. Raises OSError."""
    packed: dict[int, bytes] = {}
    with path.open("wb") as out:
        out.write(graph.outer.packed())
        out.write(struct.pack("<i", LOOKAHEAD_MAGIC))
        out.write(replace(graph.inner, states=len(graph.states), arcs=len(graph.arcs)).packed())
        out.write(graph.states.tobytes())
        out.write(graph.arcs.tobytes())
        out.write(BEFORE_TABLES)
        out.write(struct.pack("<iq", graph.final_word, len(graph.reachable)))
        for intervals in graph.reachable:
            if id(intervals) not in packed:
                ends = [end for interval in intervals for end in interval]
                packed[id(intervals)] = struct.pack(f"<q{len(ends)}ii", len(intervals), *ends, _size(intervals))
        out.write(b"".join([packed[id(intervals)] for intervals in graph.reachable]))


def with_arcs(
    graph: LookaheadGraph,
    finals: NDArray[np.float32],
    sources: NDArray[np.int64],
    arcs: NDArray[np.void],
    reachable: tuple[Intervals, ...],
) -> LookaheadGraph:
    """The graph with other states and arcs: ``finals`` and ``reachable`` per state, ``sources`` per arc, in any order.

    Whether it is deterministic is left open in its headers; OpenFst finds out where it matters.
    """
    order = np.lexsort((arcs["word"], sources))
    sources, arcs = sources[order], arcs[order]
    count = len(finals)
    states = np.zeros(count, STATE)
    states["final"] = finals
    states["arcs"] = np.bincount(sources, minlength=count)
    states["first"] = np.concatenate([[0], np.cumsum(states["arcs"], dtype=np.int64)[:-1]])
    states["input_eps"] = np.bincount(sources[arcs["sound"] == 0], minlength=count)
    states["output_eps"] = np.bincount(sources[arcs["word"] == 0], minlength=count)
    outer = replace(graph.outer, properties=graph.outer.properties & ~DETERMINISM)
    inner = replace(graph.inner, properties=graph.inner.properties & ~DETERMINISM)
    return replace(graph, outer=outer, inner=inner, states=states, arcs=arcs, reachable=reachable)


def with_words(intervals: Intervals, words: set[int]) -> Intervals:
    """The ranges and these ids, as ranges."""
    found: list[tuple[int, int]] = []
    for begin, end in sorted([*intervals, *((word, word + 1) for word in words)]):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((begin, end))
    return tuple(found)


def _size(intervals: Intervals) -> int:
    return sum(end - begin for begin, end in intervals)


def _check(data: FileBytes, header: FstHeader, states: NDArray[np.void], arcs: NDArray[np.void]) -> None:
    """Every arc belongs to the state that says so and leads to one that is there."""
    first = np.concatenate([[0], np.cumsum(states["arcs"], dtype=np.int64)])
    data.need(first[-1] == len(arcs) and np.array_equal(first[:-1], states["first"]), "its arcs belong to no state")
    data.need(0 <= header.start < max(1, len(states)), "its start is nowhere")
    data.need(np.all((arcs["to"] >= 0) & (arcs["to"] < len(states))), "an arc leads nowhere")
    data.need(np.all(arcs["sound"] >= 0) and np.all(arcs["word"] >= 0), "a label is negative")
    data.need(np.all(np.isfinite(arcs["cost"])) and not np.any(np.isnan(states["final"])), "a cost is no number")
    inside = np.ones(max(0, len(arcs) - 1), bool)
    borders = first[1:-1]
    inside[borders[(borders > 0) & (borders < len(arcs))] - 1] = False
    data.need(np.all(np.diff(arcs["word"])[inside] >= 0), "its arcs are not in order")


def _read_tables(data: FileBytes, count: int) -> tuple[Intervals, ...]:
    """One per state; most are equal to one before them, which is recognized by its bytes."""
    shared: dict[bytes, Intervals] = {}
    tables = []
    for _ in range(count):
        start = data.position
        (ranges,) = data.numbers("q")
        data.need(0 <= ranges <= data.left // 8, f"a table of {ranges} ranges")
        data.position = start
        packed = bytes(data.take(12 + 8 * ranges))
        if packed not in shared:
            _, *ends, size = struct.unpack(f"<q{2 * ranges}ii", packed)
            intervals = tuple(zip(ends[::2], ends[1::2], strict=True))
            rising = all(a < b for a, b in itertools.pairwise(ends))
            data.need(rising and size in (-1, _size(intervals)), "the ranges of a table contradict each other")
            shared[packed] = intervals
        tables.append(shared[packed])
    return tuple(tables)
