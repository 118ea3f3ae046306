"""Loads the lexicon once, in a process of its own, and prints how long it took and what it weighs, as JSON.

Run by ``understanding.py``: ``python -m benchmark.loading LEXICON_FOLDER CACHE_FOLDER``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from benchmark.machine import resident_mb
from benchmark.timing import processor_clock
from voice_triage.triage.lexicon import load
from voice_triage.triage.reading import reader_for
from voice_triage.triage.tokens import vocabulary


def main() -> int:
    """Print one JSON object; seconds are of ``processor_clock``, libraries that every load needs already imported."""
    lexicons, cache = map(Path, sys.argv[1:])
    vocabulary()
    before_mb = resident_mb()
    clock, _ = processor_clock()
    start = clock()
    lexicon = load(lexicons, cache)
    loaded = clock()
    reader_for(lexicon)
    ready = clock()
    after_mb = resident_mb()
    weight_mb = after_mb - before_mb if before_mb is not None and after_mb is not None else None
    print(json.dumps({"load_s": loaded - start, "matcher_s": ready - loaded, "memory_mb": weight_mb}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
