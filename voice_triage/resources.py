"""Files that come with the product: the same names from a checkout and from an installed wheel.

The wheel carries ``lexicons/`` and ``models/manifest.toml`` under ``voice_triage/bundled/`` (``pyproject.toml``); in a
checkout they stand at the top, where a veterinarian looks for them. The rest lies inside the package in both cases.
"""

from __future__ import annotations

from pathlib import Path

PACKAGE_DIR = Path(__file__).resolve().parent
_BUNDLED_DIR = PACKAGE_DIR / "bundled"


def checkout_dir() -> Path | None:
    """The top folder of the checkout this package runs from; None when it runs from an installed wheel."""
    top = PACKAGE_DIR.parent
    return top if (top / "pyproject.toml").is_file() and (top / "models" / "manifest.toml").is_file() else None


def lexicons_dir() -> Path:
    """The folder of the lexicon files (``*.toml``) that come with the product. Never written to."""
    return _top_or_bundled("lexicons")


def manifest_path() -> Path:
    """``models/manifest.toml``: the pinned recognizer models."""
    return _top_or_bundled("models") / "manifest.toml"


def templates_dir() -> Path:
    """The console's Jinja2 templates."""
    return PACKAGE_DIR / "console" / "templates"


def static_dir() -> Path:
    """The console's style sheets and scripts."""
    return PACKAGE_DIR / "console" / "static"


def migrations_dir() -> Path:
    """The store's Alembic migrations."""
    return PACKAGE_DIR / "store" / "migrations"


def sample_audio() -> Path:
    """The sample call as sound (FLAC, client's side only, 8 kHz telephone band)."""
    return PACKAGE_DIR / "sample" / "sample-call.flac"


def sample_text() -> Path:
    """The text the sample call was rendered from."""
    return PACKAGE_DIR / "sample" / "sample-call.txt"


def _top_or_bundled(name: str) -> Path:
    top = checkout_dir()
    return (_BUNDLED_DIR if top is None else top) / name
