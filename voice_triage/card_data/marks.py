"""What stands in a transcript where a number was."""

from __future__ import annotations

CARD_REMOVED = "[card number removed]"
"""In place of words that were judged card data: number, expiry date or security code. One word of a transcript."""
NUMBER_HELD = "[number held back]"
"""In place of a number that is not judged yet; after a crash in the middle it stays."""
MARKS = frozenset({CARD_REMOVED, NUMBER_HELD})
