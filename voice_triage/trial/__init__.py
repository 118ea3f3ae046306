"""A changed lexicon tried on calls: what it would have flagged, beside the one in force."""
