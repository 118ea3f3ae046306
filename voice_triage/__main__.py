"""``python -m voice_triage``: the same as ``voice-triage``."""

from voice_triage.cli import main

if __name__ == "__main__":
    main()
