"""Voice Triage: hears the client of a veterinary phone call, flags red-flag symptoms, fills the patient's fields."""

__version__ = "0.1.0"
