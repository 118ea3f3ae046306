"""Random ways through sentence templates: what a client might say of all that a template allows."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from hassil.expression import Alternative, Expression, Group, ListReference, RuleReference, Sentence, TextChunk
from hassil.parse_expression import parse_sentence
from hassil.parser import ParseError

_TAKES_OPTION = 0.4
"""How often what stands in square brackets is said."""


class TemplateWalk:
    """Draws ways through templates that may use ``expansions`` (``<name>``)."""

    def __init__(self, expansions: Mapping[str, Sentence]) -> None:
        self._expansions = expansions
        self._parsed: dict[str, Expression] = {}

    def way(self, template: str, random: Random) -> str:
        """One way through, places (``{name}``) kept as written. The first alternatives of a choice come oftener.

        Raises KeyError for an expansion that is unknown.
        """
        parsed = self._parsed.get(template)
        if parsed is None:
            parsed = self._parsed[template] = parse_sentence(template).expression
        return " ".join(self._draw(parsed, random).split())

    def _draw(self, expression: Expression, random: Random) -> str:
        if isinstance(expression, TextChunk):
            return expression.original_text
        if isinstance(expression, ListReference):
            return f" {{{expression.list_name}}} "
        if isinstance(expression, RuleReference):
            return self._draw(self._expansions[expression.rule_name].expression, random)
        if isinstance(expression, Alternative):
            items = expression.items
            if expression.is_optional:
                if random.random() >= _TAKES_OPTION:
                    return ""
                items = [item for item in items if not _is_empty(item)]
            # Authors write down first what comes to mind first; the long tail must be heard too.
            weights = [(rank + 1) ** -0.5 for rank in range(len(items))]
            return self._draw(random.choices(items, weights)[0], random)
        if isinstance(expression, Group):
            return "".join(self._draw(item, random) for item in expression.items)
        return ""


def _is_empty(expression: Expression) -> bool:
    if isinstance(expression, TextChunk):
        return expression.is_empty
    return isinstance(expression, Group) and all(_is_empty(item) for item in expression.items)


def check_template(template: str) -> str:
    """What is wrong with a template's syntax; empty if nothing is."""
    try:
        parse_sentence(template)
    except ParseError as error:
        return str(error) or "brackets do not match"
    return ""
