"""A whole model folder of a few hundred bytes, put together from the layouts, not by the product's writers."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

WORDS = {"<eps>": 0, "cat": 1, "mam": 2, "tack": 3, "<s>": 5, "</s>": 5}
"""As in the real table, start and end share an id, and one id (4, the tables' end of a sentence) has no word."""
FINAL_WORD = 4

TREE = "1011100101000"
"""Above the root; the empty history with three children; start, ``cat`` and ``mam``, the latter two with one each."""
OLDEST = [-1, 0, 1, 2, 0, 1]
"""Histories: empty, start, cat, mam, start cat, cat mam."""
ARCS_PER_STATE = "011101010101010"
ARCS = [(1, 2.0), (2, 2.25), (3, 2.5), (1, 0.5), (2, 0.75), (3, 1.0), (2, 0.25), (3, 0.375)]
BACKOFF = [float("inf"), 0.5, 0.625, 0.75, 0.875, 1.125]
FINAL = "101101"
FINAL_COSTS = [1.5, 1.625, 1.75, 1.875]

EXPECTED_ARCS = {
    ((), "cat"): 2.0,
    ((), "mam"): 2.25,
    ((), "tack"): 2.5,
    (("<s>",), "cat"): 0.5,
    (("cat",), "mam"): 0.75,
    (("mam",), "tack"): 1.0,
    (("<s>", "cat"), "mam"): 0.25,
    (("cat", "mam"), "tack"): 0.375,
}
"""What these bytes mean: words heard, oldest first, then the word that follows, to its cost."""
EXPECTED_DESTINATIONS = {
    ((), "cat"): ("cat",),
    ((), "mam"): ("mam",),
    ((), "tack"): (),
    (("<s>",), "cat"): ("<s>", "cat"),
    (("cat",), "mam"): ("cat", "mam"),
    (("mam",), "tack"): (),
    (("<s>", "cat"), "mam"): ("cat", "mam"),
    (("cat", "mam"), "tack"): (),
}
EXPECTED_BACKOFF = {("<s>",): 0.5, ("cat",): 0.625, ("mam",): 0.75, ("<s>", "cat"): 0.875, ("cat", "mam"): 1.125}
EXPECTED_FINAL = {(): 1.5, ("cat",): 1.625, ("mam",): 1.75, ("cat", "mam"): 1.875}

ARPABET = "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH".split()
SPOKEN = {"cat": ("K", "AE", "T"), "mam": ("M", "AE", "M"), "tack": ("T", "AE", "K")}
LN2 = 0.6931472
PROPERTIES = 0x65A5_66A6_0001


def _text(text: str) -> bytes:
    return struct.pack("<i", len(text.encode())) + text.encode()


def _header(kind: str, version: int, flags: int, start: int, states: int, arcs: int) -> bytes:
    numbers = struct.pack("<iiQqqq", version, flags, PROPERTIES, start, states, arcs)
    return struct.pack("<i", 0x7EB2FDD6) + _text(kind) + _text("standard") + numbers


def _bits(digits: str) -> bytes:
    padded = digits + "0" * (-len(digits) % 64)
    return b"".join(int(padded[at : at + 64][::-1], 2).to_bytes(8, "little") for at in range(0, len(padded), 64))


def ngram_bytes() -> bytes:
    """``Gr.fst``: a trigram over three words."""
    symbols = struct.pack("<i", 0x7EB2FB74) + _text("words") + struct.pack("<qq", 6, len(WORDS))
    symbols += b"".join(_text(word) + struct.pack("<q", number) for word, number in WORDS.items())
    parts = [
        _header("ngram", 4, 3, 1, 6, 0),
        symbols * 2,
        struct.pack("<QQQ", 6, len(ARCS), len(FINAL_COSTS)),
        _bits(TREE) + _bits(ARCS_PER_STATE) + _bits(FINAL),
        struct.pack("<7i", *OLDEST, 0),
        struct.pack("<8i", *(word for word, _ in ARCS)),
        struct.pack("<7f", *BACKOFF, 0),
        struct.pack("<4f", *FINAL_COSTS),
        struct.pack("<9f", *(cost for _, cost in ARCS), 0),
    ]
    return b"".join(parts)


def phone(name: str, place: int) -> int:
    """Number of a phone of ARPAbet at a word's begin (0), end (1) or inside (2)."""
    return 11 + 4 * ARPABET.index(name) + place


def entering(number: int) -> int:
    """Transition id that enters a phone; here a phone sounds the same after every other."""
    return 2 * number


def staying(number: int) -> int:
    """Transition id of staying in a phone."""
    return 2 * number - 1


# States: 0 the start; 1 to 3 after the first sounds; 4 to 6 after the second; 7 to 9 after the last, where words end.
_ORDER = list(SPOKEN)


def lookahead_rows() -> list[tuple[float, list[tuple[int, int, float, int]], list[tuple[int, int]]]]:
    """Each state of the tiny graph: its final cost, its arcs (sound, word, cost, to), the words that can come first."""
    ways = [tuple(phone(name, place) for name, place in zip(SPOKEN[w], (0, 2, 1), strict=True)) for w in _ORDER]
    begin = [(entering(way[0]), 0, LN2, 1 + n) for n, way in enumerate(ways)]
    every = [(1, FINAL_WORD + 1)]
    rows: list[tuple[float, list[tuple[int, int, float, int]], list[tuple[int, int]]]] = [(0.0, begin, every)]
    for n, way in enumerate(ways):
        word = WORDS[_ORDER[n]]
        arcs = [(staying(way[0]), 0, LN2, 1 + n), (entering(way[1]), word, LN2, 4 + n)]
        rows.append((float("inf"), arcs, [(word, word + 1)]))
    for n, way in enumerate(ways):
        arcs = [(staying(way[1]), 0, LN2, 4 + n), (entering(way[2]), 0, 2 * LN2, 7 + n)]
        rows.append((float("inf"), arcs, every))
    for n, way in enumerate(ways):
        rows.append((0.0, [(staying(way[2]), 0, LN2, 7 + n), *((s, w, 0.0, to) for s, w, _, to in begin)], every))
    return rows


def lookahead_bytes() -> bytes:
    """``HCLr.fst`` for the three words."""
    rows = lookahead_rows()
    arcs = [arc for _, of_state, _ in rows for arc in of_state]
    states, first = b"", 0
    for final, of_state, _ in rows:
        silent = sum(1 for arc in of_state if arc[1] == 0)
        states += struct.pack("<f4I", final, first, len(of_state), 0, silent)
        first += len(of_state)
    tables = b"".join(
        struct.pack("<q", len(ranges))
        + b"".join(struct.pack("<ii", *ends) for ends in ranges)
        + struct.pack("<i", sum(end - begin for begin, end in ranges))
        for _, _, ranges in rows
    )
    parts = [
        _header("olabel_lookahead", 1, 0, -1, 0, 0),
        struct.pack("<i", 446681434),
        _header("const", 2, 0, 0, len(rows), len(arcs)),
        states,
        b"".join(struct.pack("<iifi", *arc) for arc in arcs),
        bytes([1, 0, 1, 0, 0]),
        struct.pack("<iq", FINAL_WORD, len(rows)),
        tables,
    ]
    return b"".join(parts)


def acoustic_bytes() -> bytes:
    """``final.mdl`` as far as it is read: one transition state per phone."""
    rows = [struct.pack("<bibibibi", 4, number, 4, 0, 4, number, 4, number) for number in range(1, 167)]
    return b"\0B<TransitionModel> <Tuples> " + struct.pack("<bi", 4, len(rows)) + b"".join(rows) + b"</Tuples> "


def place_lines() -> str:
    """``word_boundary.int``."""
    kinds = ["nonword", "begin", "end", "internal", "singleton"] * 2
    kinds += ["begin", "end", "internal", "singleton"] * len(ARPABET)
    return "".join(f"{number} {kind}\n" for number, kind in enumerate(kinds, 1))


def model_folder(folder: Path, *, without: Sequence[str] = ()) -> Path:
    """Write the whole model folder (Vosk would not load it) and return it."""
    contents: dict[str, bytes] = {
        "README": b"tiny\n",
        "am/final.mdl": acoustic_bytes(),
        "conf/mfcc.conf": b"--sample-frequency=16000\n",
        "conf/model.conf": b"--beam=10.0\n--endpoint.rule2.min-trailing-silence=0.5\n",
        "graph/Gr.fst": ngram_bytes(),
        "graph/HCLr.fst": lookahead_bytes(),
        "graph/phones/word_boundary.int": place_lines().encode(),
    }
    for name, content in contents.items():
        if name not in without:
            place = folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
    return folder
