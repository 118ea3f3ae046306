"""Understanding: what the client's words say about the pet. Imports nothing of audio, speech, store or console."""
