"""Reads the pet's and the client's name from one utterance."""

from __future__ import annotations

from collections.abc import Iterator

from voice_triage.triage.client_names import read_client_name
from voice_triage.triage.name_line import NameLine
from voice_triage.triage.pet_names import read_parent, read_pet_name
from voice_triage.triage.readings import FieldReading, Scene


def read_names(scene: Scene) -> Iterator[FieldReading]:
    """Pet and client names, in no order of words."""
    names = NameLine(scene)
    parents = list(read_parent(names))
    yield from parents
    yield from read_client_name(names, {reading.first for reading in parents})
    yield from read_pet_name(names)
