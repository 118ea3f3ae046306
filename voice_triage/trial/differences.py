"""What a tried lexicon changes, counted: flags gained and lost per 100 calls, and how far these figures may be off."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from voice_triage.intervals import Interval, mean_difference, share
from voice_triage.triage.lexicon import CATEGORIES, Lexicon
from voice_triage.trial.readers import Compared
from voice_triage.trial.reread import Change, FlagChange

PER = 100
"""Figures are given per so many calls."""
METHOD = (
    "Figures per 100 calls with 95 % intervals: Wilson's for shares of calls, the paired bootstrap over calls for the "
    "difference. They hold for calls like these."
)


@dataclass(frozen=True, slots=True)
class Counted:
    """Calls in which something is the case."""

    calls: int
    of: int

    @property
    def per_100(self) -> Interval:
        """Per 100 calls, with Wilson's interval."""
        return share(self.calls, self.of).times(PER)


@dataclass(slots=True)
class Group:
    """The calls of one origin: kept ones, or a folder. Acted calls are no sample of real ones, so each stands alone."""

    name: str
    calls: int = 0
    duration_s: float = 0.0
    compute_s: float = 0.0
    before: int = 0
    """Flags that the lexicon in force raises; at most one a category and call."""
    now: int = 0
    flags: Counter[tuple[Change, str]] = field(default_factory=Counter)
    """Calls by change and category."""
    changed: Counter[Change] = field(default_factory=Counter)
    """Calls with any such change."""
    fields: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Values by ``filled``, ``emptied`` or ``changed``, and field."""
    logged_otherwise: int = 0
    """Calls whose own log stood otherwise at its end than the lexicon in force judges it."""
    failed: int = 0
    """Calls with an utterance that could not be understood."""
    judged: int = 0
    """Calls of which somebody has said what must be raised."""
    right: Counter[Change] = field(default_factory=Counter)
    """Of these calls' flags gained and lost, those that must be raised."""
    wrong: Counter[Change] = field(default_factory=Counter)
    _differences: list[int] = field(default_factory=list)

    def take(self, read: Compared) -> None:
        """Count one more call."""
        self.calls += 1
        self.duration_s += read.duration_s
        self.compute_s += read.compute_s
        self.before += len(read.before)
        self.now += len(read.now)
        self._differences.append(len(read.now) - len(read.before))
        for change in read.flags:
            self.flags[change.change, change.shown.category] += 1
        for kind in {change.change for change in read.flags}:
            self.changed[kind] += 1
        for each in read.fields:
            how = "filled" if each.before is None else "emptied" if each.now is None else "changed"
            self.fields[how, each.field] += 1
        self.logged_otherwise += bool(read.logged_otherwise)
        self.failed += bool(read.failed)
        if read.gold is not None:
            self.judged += 1
            for change in read.flags:
                (self.right if change.shown.category in read.gold else self.wrong)[change.change] += 1

    def with_change(self, change: Change, category: str = "") -> Counted:
        """Calls with such a change, of one category if given."""
        return Counted(self.flags[change, category] if category else self.changed[change], self.calls)

    def flags_of(self, change: Change) -> int:
        """Flags with such a change: the sum over the categories."""
        return sum(count for (kind, _), count in self.flags.items() if kind is change)

    def categories(self, change: Change) -> Mapping[str, int]:
        """Calls by category, in the order of the call report."""
        return {each: self.flags[change, each] for each in CATEGORIES if self.flags[change, each]}

    @property
    def difference(self) -> Interval:
        """Flags more (or fewer) per 100 calls, by the paired bootstrap."""
        return mean_difference(self._differences).times(PER)


@dataclass(slots=True)
class Trial:
    """All that a trial found out."""

    in_force: str
    """Version and hash of the lexicon in force."""
    tried: str
    groups: dict[str, Group] = field(default_factory=dict)
    calls: list[Compared] = field(default_factory=list)
    """Those in which a flag or a field differs, or that were logged otherwise; newest first within a group."""
    unread: list[str] = field(default_factory=list)
    """Kept calls that could not be read."""

    def take(self, read: Compared) -> None:
        """Count one more call."""
        self.groups.setdefault(read.group, Group(read.group)).take(read)
        if read.flags or read.fields or read.logged_otherwise:
            self.calls.append(read)

    def end(self, groups: Iterable[str]) -> None:
        """Put everything into the order in which it is shown: processes answer in any."""
        order = {name: number for number, name in enumerate(groups)}
        self.groups = {name: self.groups[name] for name in sorted(self.groups, key=lambda name: order.get(name, 0))}
        self.calls.sort(key=lambda each: each.call, reverse=True)
        self.calls.sort(key=lambda each: each.started_at, reverse=True)
        self.calls.sort(key=lambda each: order.get(each.group, 0))

    def with_flags(self) -> list[tuple[Compared, FlagChange]]:
        """Every flag that differs, with its call."""
        return [(call, change) for call in self.calls for change in call.flags]


@dataclass(frozen=True, slots=True)
class EntryChange:
    """Which concepts, rules and files differ between two lexicons."""

    added: Sequence[str]
    removed: Sequence[str]
    changed: Sequence[str]
    files: Sequence[str]
    """Names of files that differ, cues and questions too."""

    @property
    def none(self) -> bool:
        """Whether the files are the same byte for byte."""
        return not self.files


def entry_change(in_force: Lexicon, tried: Lexicon) -> EntryChange:
    """What was edited, by concept, rule and file. Raises OSError if a file cannot be read."""
    before = {**in_force.concepts, **{f"rule {rule.id}": rule for rule in in_force.rules}}
    now = {**tried.concepts, **{f"rule {rule.id}": rule for rule in tried.rules}}
    bytes_before = {path.name: path.read_bytes() for path in in_force.folder.glob("*.toml")}
    bytes_now = {path.name: path.read_bytes() for path in tried.folder.glob("*.toml")}
    names = sorted({*bytes_before, *bytes_now})
    return EntryChange(
        sorted(now.keys() - before.keys()),
        sorted(before.keys() - now.keys()),
        sorted(name for name in before.keys() & now.keys() if before[name] != now[name]),
        [name for name in names if bytes_before.get(name) != bytes_now.get(name)],
    )
