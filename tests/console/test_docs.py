"""docs/console.md says what the console does."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from voice_triage import resources
from voice_triage.console.access import ROUTES
from voice_triage.console.actions import Action, _Action
from voice_triage.desk_state import DeskCommand
from voice_triage.events import CONSENT_ACTIONS, DESK_ACTIONS, Consent, DismissalReason, FlagEnd, HandOffTo, Settlement

DOCS = (resources.PACKAGE_DIR.parent / "docs" / "console.md").read_text(encoding="utf-8")


def test_every_request_is_in_the_docs() -> None:
    """No route is missing in the table."""
    assert {path for _, path in ROUTES if path not in DOCS} == set()


def test_every_action_is_in_the_docs_with_its_keys_and_event() -> None:
    """The table holds every action, each of its keys and values, and the event that it becomes."""
    for model in get_args(get_args(Action)[0]):
        assert issubclass(model, _Action)
        (name,) = get_args(model.model_fields["action"].annotation)
        row = re.search(rf"^\| `{name}` \|.*$", DOCS, re.MULTILINE)
        assert row, name
        for key in model.model_fields.keys() - {"action"}:
            assert f"`{key}`" in row[0], (name, key)
    for event in (*DESK_ACTIONS, *CONSENT_ACTIONS):
        assert f"`{event.__name__}`" in DOCS


@pytest.mark.parametrize("choices", [FlagEnd, DismissalReason, Settlement, HandOffTo, Consent, DeskCommand])
def test_every_value_is_in_the_docs(choices: type[FlagEnd]) -> None:
    """What can be sent can be read about."""
    assert all(f"`{each}`" in DOCS for each in choices)
