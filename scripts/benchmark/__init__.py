"""Measures for ``scripts/benchmark_understanding.py``: accuracy, speed, and other engines on the same sentences."""
