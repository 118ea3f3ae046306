"""The commands of ``voice-triage``, one file per subject. They import heavy things only when run."""
