"""Figures about hearing as pictures (SVG), drawn by matplotlib, a development dependency."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.gold import CATEGORIES
from benchmark.hearing import VariantFigures

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

RECALL, DELAYS = "hearing-recall.svg", "hearing-delays.svg"
_COLORS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00")
"""Told apart by color-blind people too (Okabe and Ito)."""


def draw(variants: Sequence[VariantFigures], folder: Path) -> list[Path]:
    """Both pictures, into ``folder``, which is made. The same figures give the same bytes. Raises OSError."""
    import matplotlib as mpl

    mpl.use("svg")
    # Text stays text, and no ids or dates differ between runs: the pictures are committed.
    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "voice-triage", "font.size": 10})
    folder.mkdir(parents=True, exist_ok=True)
    return [_recall(variants, folder / RECALL), _delays(variants, folder / DELAYS)]


def _recall(variants: Sequence[VariantFigures], path: Path) -> Path:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 1.5 + 0.28 * len(CATEGORIES) * max(1, len(variants))), layout="constrained")
    axes = figure.add_subplot()
    height = 0.8 / len(variants)
    for number, variant in enumerate(variants):
        scores = variant.scores
        places = [row + height * (number - (len(variants) - 1) / 2) for row in range(len(CATEGORIES))]
        shares = [scores.right[name] / scores.gold[name] if scores.gold[name] else 0.0 for name in CATEGORIES]
        bars = axes.barh(places, shares, height, label=variant.name, color=_COLORS[number % len(_COLORS)])
        counts = [f"{scores.right[name]} of {scores.gold[name]}" for name in CATEGORIES]
        axes.bar_label(bars, counts, padding=3, fontsize=8)
    axes.set_yticks(range(len(CATEGORIES)), CATEGORIES)
    axes.invert_yaxis()
    axes.set_xlim(0, 1.15)
    axes.set_xlabel("gold flags raised (share)")
    axes.legend(loc="lower right")
    return _saved(figure, path)


def _delays(variants: Sequence[VariantFigures], path: Path) -> Path:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4), layout="constrained")
    axes = figure.add_subplot()
    for number, variant in enumerate(variants):
        color = _COLORS[number % len(_COLORS)]
        own = [delay for delay in variant.live_delays or variant.scores.delays if delay.own_words]
        _shares(axes, [delay.shown_s for delay in own], f"{variant.name}: shown", color, "--")
        _shares(axes, [delay.raised_s for delay in own], f"{variant.name}: raised", color, "-")
    axes.set_xlabel("seconds after the end of the words that justify the flag (in real time where it was measured)")
    axes.set_ylabel("share of flags on their own words")
    axes.set_ylim(0, 1.02)
    axes.grid(alpha=0.3)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="lower right")
    return _saved(figure, path)


def _shares(axes: Axes, values: Sequence[float], name: str, color: str, style: str) -> None:
    """The share of values up to each one, as steps; nothing without values."""
    ordered = sorted(values)
    if ordered:
        shares = [number / len(ordered) for number in range(len(ordered) + 1)]
        axes.step([ordered[0], *ordered], shares, where="post", label=f"{name} ({len(ordered)})", color=color, ls=style)


def _saved(figure: Figure, path: Path) -> Path:
    figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})
    # matplotlib ends lines with blanks, which a repository does not want.
    text = "\n".join(line.rstrip() for line in path.read_text(encoding="utf-8").splitlines())
    path.write_text(text + "\n", encoding="utf-8")
    return path
