"""A supervisor places and lifts legal holds at the console; nobody else does, and nothing is done without its line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.store.whole_calls import keep
from voice_triage.accounts.roles import Role
from voice_triage.audit_trail import AuditKind, RefusingTrail
from voice_triage.console.access import Asked, asked_for
from voice_triage.console.holds import hold_routes
from voice_triage.protection import kept_trail
from voice_triage.store.sql_calls import FILE_NAME, SqlCallStore


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlCallStore]:
    """A store with the call c."""
    with SqlCallStore(tmp_path / FILE_NAME) as opened:
        keep(opened)
        yield opened


def test_a_hold_is_placed_shown_and_lifted(store: SqlCallStore) -> None:
    """With who said so, when and why; both are in the trail, without the reason."""
    app = FastAPI()
    app.include_router(hold_routes(store.parts, kept_trail(store)))
    asked = TestClient(app)
    address = "/api/calls/c/hold"
    assert asked.get(address).json() == {"held": False}
    assert asked.put(address, json={"held": True, "reason": " a letter "}).status_code == 204
    shown = asked.get(address).json()
    assert (shown["held"], shown["by"], shown["reason"]) == (True, "desk", "a letter")
    assert asked.put(address, json={"held": False}).status_code == 204
    assert asked.get(address).json() == {"held": False}
    lines = [line for line in kept_trail(store).lines() if line.kind == AuditKind.HOLD]
    assert [(line.call, line.detail) for line in lines] == [("c", {"held": True}), ("c", {"held": False})]
    assert asked.put("/api/calls/nothing/hold", json={"held": True}).status_code == 409
    assert asked.put(address, json={"held": True, "reason": "x" * 501}).status_code == 422
    assert asked.put(address, json={"held": True, "more": 1}).status_code == 422


def test_no_hold_is_changed_without_its_line(store: SqlCallStore) -> None:
    """The trail cannot be written: 503, and the hold is as it was."""
    app = FastAPI()
    app.include_router(hold_routes(store.parts, RefusingTrail("a full disk")))
    asked = TestClient(app)
    assert asked.put("/api/calls/c/hold", json={"held": True}).status_code == 503
    assert store.parts.held("c") is None


def test_only_supervisors_and_administrators_with_a_password_may() -> None:
    """At the desk and from elsewhere."""
    for method in ("GET", "PUT"):
        asked = asked_for(method, "/api/calls/c/hold")
        assert isinstance(asked, Asked)
        assert asked.access.desk == asked.access.beyond == {Role.SUPERVISOR, Role.ADMINISTRATOR}
        assert asked.access.password
