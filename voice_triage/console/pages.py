"""How a page of the supervisor is answered: its template with what every page is given."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

Render = Callable[[Request, str, dict[str, Any]], Response]
"""Answers with a page: template, and what it needs beyond the common."""
Routes = Iterable[APIRouter]
Pages = Callable[[Render], Routes]
"""Gives the routes of further pages."""
