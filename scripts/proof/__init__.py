"""What ``scripts/prove_capture.py`` runs."""
