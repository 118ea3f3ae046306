"""Which speech models the settings ask for, checked in a moment and not loaded."""

from __future__ import annotations

from voice_triage import resources
from voice_triage.expected_speech import speech_hash
from voice_triage.hearing_in_force import Choice
from voice_triage.settings import Settings
from voice_triage.speech.adaptation import AdaptationSettings, DecoderOptions
from voice_triage.speech.adapted_models import AdaptedModels
from voice_triage.speech.model_files import ModelInForce, load_manifest, model_in_force

END_PAUSE_S = 0.5
"""Pause after which an utterance ends; the model as it comes waits up to 1 s for it."""


def checked_model(settings: Settings) -> ModelInForce:
    """The model that is to be loaded, checked in a moment. Raises ModelError that says how to get it."""
    return model_in_force(settings.model, settings.models_dir, load_manifest(resources.manifest_path()))


def checked_careful(settings: Settings) -> ModelInForce:
    """The careful ear's model, checked in a moment. Raises ModelError that says how to get it."""
    manifest = load_manifest(resources.manifest_path())
    return model_in_force(settings.careful_model, settings.models_dir, manifest, "whisper")


def adapted_models(settings: Settings) -> AdaptedModels:
    """The adapted models beside the model in force. Raises ModelError if that is not whole."""
    return AdaptedModels(checked_model(settings), settings.models_dir)


def chosen_model(settings: Settings) -> Choice:
    """The model to be loaded: the one adapted to the lexicon as it is now, else one adapted before, else the original.

    Looks at names, sizes and times only. Raises ModelError and LexiconError.
    """
    models = adapted_models(settings)
    original = models.original
    if not settings.adapt_language_model or not models.possible:
        return Choice(original, original.digest)
    key = models.key(speech_hash(settings), adaptation_settings(settings))
    found, notice = models.find(key)
    found = found or models.newest()
    if found is None:
        return Choice(original, key, notice)
    models.used(found)
    return Choice(found.in_force, key, notice)


def adaptation_settings(settings: Settings) -> AdaptationSettings:
    """How the recognizer's model is adapted; search and ends of utterances as measured (``docs/hearing.md``)."""
    ends = DecoderOptions(likely_end_s=END_PAUSE_S, possible_end_s=END_PAUSE_S, any_end_s=END_PAUSE_S)
    return AdaptationSettings(settings.adaptation_weight, decoder=ends)
