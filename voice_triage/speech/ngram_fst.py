"""A word graph of OpenFst's type ``ngram`` (``graph/Gr.fst``): a back-off language model as a tree of histories.

States are histories, breadth-first, the children of one sorted by word; state 0 is the empty history. The word on the
edge to a state is the *oldest* of its history, so the path to the root reads from the oldest word to the newest.
Arcs carry no destination: it is the longest suffix of history and word that is a state.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voice_triage.speech.fst_file import (
    HAS_INPUT_SYMBOLS,
    HAS_OUTPUT_SYMBOLS,
    IS_ALIGNED,
    FileBytes,
    FstHeader,
    SymbolTable,
    packed_bits,
)

VERSION = 4
MOST_COST = 1e6
"""A cost is -ln(probability); nothing that a model holds comes near this."""


@dataclass(frozen=True, slots=True)
class NgramGraph:
    """What the file holds. S states, F arcs that carry a word; costs are negative natural logarithms."""

    header: FstHeader
    symbols: tuple[SymbolTable, ...]
    """Input and output symbols, as far as the header's flags say that they are there."""
    parents: NDArray[np.int64]
    """(S,): the history without its oldest word; -1 of state 0."""
    oldest_words: NDArray[np.int32]
    """(S,): the oldest word of the history, 0 standing for the start of the sentence; -1 of state 0."""
    backoff_costs: NDArray[np.float32]
    """(S,); state 0's says nothing."""
    first_arcs: NDArray[np.int64]
    """(S + 1,): the arcs of state s are ``first_arcs[s]:first_arcs[s + 1]``."""
    words: NDArray[np.int32]
    """(F,): word ids, ascending within a state."""
    costs: NDArray[np.float32]
    """(F,)"""
    final_costs: NDArray[np.float32]
    """(S,): of the sentence's end; infinite where it was never seen after this history."""


def read_ngram(path: Path) -> NgramGraph:
    """Read a file of type ``ngram``, version 4. Raises ModelError if it is damaged or of another kind."""
    data = FileBytes.of(path)
    header = FstHeader.read(data)
    data.need((header.kind, header.version) == ("ngram", VERSION), f"its type is {header.kind} {header.version}")
    data.need(not header.flags & IS_ALIGNED, "it is aligned")
    symbols = tuple(SymbolTable.read(data) for flag in (HAS_INPUT_SYMBOLS, HAS_OUTPUT_SYMBOLS) if header.flags & flag)
    states, arcs, finals = data.numbers("QQQ")
    data.need(0 < states == header.states and finals <= states, "its numbers of states contradict each other")
    data.need(8 * states + 8 * arcs <= data.left, f"{states} states and {arcs} arcs do not fit in")
    tree, arcs_per_state, is_final = data.bits(2 * states + 1), data.bits(arcs + states + 1), data.bits(states)
    oldest, words = data.array("<i4", states + 1)[:-1], data.array("<i4", arcs)
    backoff, final = data.array("<f4", states + 1)[:-1], data.array("<f4", finals)
    costs = data.array("<f4", arcs + 1)[:-1]
    data.end()

    nodes = np.flatnonzero(tree)
    borders = np.flatnonzero(arcs_per_state == 0)
    data.need(
        len(nodes) == states and len(borders) == states + 1 and np.count_nonzero(is_final) == finals,
        "its bitmaps contradict its numbers of states",
    )
    parents = nodes - np.arange(states) - 1
    data.need(
        parents[0] == -1 and np.all(parents[1:] >= 0) and np.all(parents < np.arange(states)), "its tree is broken"
    )
    first_arcs = borders - np.arange(states + 1)
    data.need(first_arcs[0] == 0 and first_arcs[-1] == arcs, "its arcs belong to no state")
    rises = np.diff(words) > 0
    rises[first_arcs[1:-1][(first_arcs[1:-1] > 0) & (first_arcs[1:-1] < arcs)] - 1] = True
    siblings = parents[2:] == parents[1:-1]
    data.need(np.all(rises) and np.all(np.diff(oldest[1:])[siblings] > 0), "its words are not in order")
    data.need(np.all(words > 0) and np.all(oldest[1:] >= 0), "a word id is not positive")
    for values in (backoff[1:], final, costs):
        data.need(np.all(np.abs(values) < MOST_COST), "a cost is no number")
    final_costs = np.full(states, np.inf, np.float32)
    final_costs[is_final == 1] = final
    return NgramGraph(header, symbols, parents, oldest, backoff, first_arcs, words, costs, final_costs)


def write_ngram(graph: NgramGraph, path: Path) -> None:
    """Write what :func:`read_ngram` reads; the header's sizes are set right. Raises OSError."""
    states, arcs = len(graph.parents), len(graph.words)
    tree = np.zeros(2 * states + 1, np.uint8)
    tree[np.arange(states) + graph.parents + 1] = 1
    arcs_per_state = np.ones(arcs + states + 1, np.uint8)
    arcs_per_state[graph.first_arcs + np.arange(states + 1)] = 0
    is_final = np.isfinite(graph.final_costs)
    with path.open("wb") as out:
        out.write(replace(graph.header, kind="ngram", version=VERSION, states=states, arcs=0).packed())
        packed = {id(table): table.packed() for table in graph.symbols}
        for table in graph.symbols:
            out.write(packed[id(table)])
        out.write(struct.pack("<QQQ", states, arcs, np.count_nonzero(is_final)))
        for bits in (tree, arcs_per_state, is_final.astype(np.uint8)):
            out.write(packed_bits(bits))
        out.write(np.append(graph.oldest_words, 0).astype("<i4").tobytes())
        out.write(graph.words.astype("<i4").tobytes())
        out.write(np.append(graph.backoff_costs, 0).astype("<f4").tobytes())
        out.write(graph.final_costs[is_final].astype("<f4").tobytes())
        out.write(np.append(graph.costs, 0).astype("<f4").tobytes())
