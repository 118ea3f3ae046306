"""Calls kept, and read back."""
