"""Sound: where it comes from, and how it reaches 16 kHz mono."""
