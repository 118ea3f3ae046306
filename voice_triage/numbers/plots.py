"""One measure as a plot: SVG that stands inside a page, without script, style, or anything from elsewhere.

pygal draws it; what it adds for browsers that may run scripts is taken out, and colors and type come from the page's
style sheet. The same figures stand in a table beside it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element

from voice_triage.numbers.measures import Measure, Numbers

if TYPE_CHECKING:
    from pygal.graph.graph import Graph

WIDTH, HEIGHT = 960, 320
"""Of its view box; the page sets its size."""
NEWEST = 26
"""Periods that a plot shows at most: half a year of weeks."""
_NUMBER = re.compile(r"-?\d+\.\d+")


def plot_svg(measure: Measure, numbers: Numbers, name: Callable[[str], str]) -> str:
    """The newest periods of a measure; ``name`` gives the words for a part. Safe to put into a page as it is.

    Parts of a whole are stacked by their counts; anything else is a bar with its 95 % interval, and none where there is
    too little to tell.
    """
    chart = _stacked(measure, name) if measure.parts else _bars(measure)
    chart.x_labels = list(numbers.periods[-NEWEST:])
    ids = f"plot-{measure.id}"

    def plain(root: Element) -> Element:
        _take_out(root)
        _name(root, ids, measure, numbers)
        return root

    chart.add_xml_filter(plain)
    return str(chart.render(is_unicode=True))


def _pygal() -> Any:
    """The library, without the finder of modules that it leaves behind for plugins: every later import would ask it."""
    import pygal

    sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__module__ != pygal.__name__]
    return pygal


def _chart(kind: type[Graph], *, legend: bool) -> Graph:
    return kind(
        js=[],
        css=[],
        width=WIDTH,
        height=HEIGHT,
        disable_xml_declaration=True,
        show_legend=legend,
        legend_at_bottom=False,
        truncate_legend=-1,
        x_label_rotation=45,
        min_scale=3,
        max_scale=6,
        include_x_axis=True,
        margin=12,
        margin_bottom=28,
        no_data_text="",
        x_labels_major_count=13,
        show_minor_x_labels=False,
    )


def _stacked(measure: Measure, name: Callable[[str], str]) -> Graph:
    chart = _chart(_pygal().StackedBar, legend=True)
    for part, cells in measure.rows.items():
        counts = [cell.hits or 0 for cell in cells[-NEWEST:]]
        if any(counts):
            chart.add(name(part), counts)
    return chart


def _bars(measure: Measure) -> Graph:
    chart = _chart(_pygal().Bar, legend=False)
    figures = [cell.figure for cell in measure.rows[""][-NEWEST:]]
    chart.range = (0, max((figure.high for figure in figures if figure is not None), default=1.0) or 1.0)
    chart.add(
        measure.title,
        [
            None if each is None else {"value": each.value, "ci": {"low": each.low, "high": each.high}}
            for each in figures
        ],
    )
    return chart


def _take_out(root: Element) -> None:
    """Whatever runs, styles or points elsewhere, and comments; tooltips are nothing without a script."""
    for parent in root.iter():
        for child in list(parent):
            told = callable(child.tag) or child.tag in ("script", "style", "defs", "desc", "title")  # a comment's is
            unwanted = told or "tooltip-overlay" in child.get("class", "")
            if unwanted:
                parent.remove(child)
    for element in root.iter():
        for attribute in list(element.attrib):
            if attribute == "style" or attribute.startswith("on") or attribute.endswith("href"):
                del element.attrib[attribute]
            elif attribute in ("id", "viewBox"):
                continue
            else:  # a tenth of a pixel is enough, and the page is half as long
                shorter = _NUMBER.sub(lambda number: f"{float(number.group()):.1f}", element.attrib[attribute])
                element.set(attribute, shorter)
        if element is not root:
            element.attrib.pop("id", None)  # the same in every plot of the page


def _name(root: Element, ids: str, measure: Measure, numbers: Numbers) -> None:
    """For those who cannot see it: what it shows, and where the figures stand."""
    root.set("id", ids)
    root.set("role", "img")
    root.set("aria-labelledby", f"{ids}-title {ids}-about")
    title, about = Element("title", {"id": f"{ids}-title"}), Element("desc", {"id": f"{ids}-about"})
    title.text = measure.title
    shown = numbers.periods[-NEWEST:]
    span = f"{shown[0]} to {shown[-1]}" if shown else "no calls"
    what = f"counts of {measure.of}, stacked" if measure.parts else measure.unit
    about.text = f"By {numbers.every}, {span}: {what}. The table that follows holds every figure."
    root.insert(0, title)
    root.insert(1, about)
