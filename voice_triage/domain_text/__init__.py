"""Text that teaches the recognizer's language model what callers of a veterinary front desk say.

Made from the lexicon and the talk files beside it; knows nothing of speech or audio.
"""
