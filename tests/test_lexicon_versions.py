"""Versions of the lexicon: signed, taken into use between calls, taken back; whatever happens, one is in force."""

from __future__ import annotations

import json
import shutil
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.commands.test_cli import run
from voice_triage import resources
from voice_triage.audit_trail import AuditKind, Detail
from voice_triage.commands.exits import Exit
from voice_triage.errors import AuditError, LexiconError
from voice_triage.guidance.signature import SignatureState
from voice_triage.lexicon_pointer import FILE_NAME, VERSIONS, Used, read_used, used_folder, write_used
from voice_triage.lexicon_versions import LexiconVersions
from voice_triage.settings import Settings, load_settings
from voice_triage.triage.lexicon import lexicon_hash
from voice_triage.triage.lexicon_in_force import LexiconInForce

NOW = datetime(2026, 3, 4, 8, 30, tzinfo=UTC)
VET = 'Dr. Zoë O\'Neil, "DVM"'
CONCEPT = '[[concept]]\nid = "{name}"\ntemplates = ["{words}"]\n'


class Trail:
    """An audit trail in memory, which refuses once ``full``."""

    def __init__(self) -> None:
        self.full = False
        self.lines: list[tuple[AuditKind, str, dict[str, Detail]]] = []

    def record(self, kind: AuditKind, *, who: str, call: str = "", **detail: Detail) -> None:
        assert not call
        if self.full:
            raise AuditError("The disk is full. Make room.")
        self.lines.append((kind, who, detail))


@pytest.fixture
def lexicon(tmp_path: Path) -> Callable[[str], Path]:
    """Makes a small lexicon with one concept of that name, and one phrase in each list of cues."""
    shipped = tomllib.loads((resources.lexicons_dir() / "cues.toml").read_text(encoding="utf-8"))["cues"]
    cues = "[cues]\n" + "".join(f"{name} = [{json.dumps(phrases[0])}]\n" for name, phrases in shipped.items())

    def make(name: str) -> Path:
        made = tmp_path / f"lexicon-{name}"
        made.mkdir(exist_ok=True)
        (made / "cues.toml").write_text(cues, encoding="utf-8")
        (made / "own.toml").write_text(CONCEPT.format(name=name, words=name.replace("_", " ")), encoding="utf-8")
        return made

    return make


@pytest.fixture
def desk(tmp_path: Path, lexicon: Callable[[str], Path]) -> Settings:
    """Settings whose data folder holds the clinic's own lexicon."""
    (tmp_path / "data").mkdir()
    lexicon("wiggly_ears").rename(tmp_path / "data" / "lexicons")
    return load_settings({"VOICE_TRIAGE_DATA_DIR": str(tmp_path / "data"), "VOICE_TRIAGE_CONFIG": ""})


def versions(desk: Settings, audit: Trail | None = None) -> LexiconVersions:
    """The versions of that desk."""
    return LexiconVersions(desk, audit=audit, now=lambda: NOW)


def in_force(desk: Settings) -> LexiconInForce:
    """What a desk that is running reads by."""
    return LexiconInForce(lambda: desk.lexicons_in_force, prepare=lambda lexicon: None)


def test_a_signed_lexicon_takes_effect_between_calls_and_can_be_taken_back(
    desk: Settings, lexicon: Callable[[str], Path]
) -> None:
    """The call that runs keeps its lexicon, the next one has the new one; after a rollback it is the one before."""
    own = desk.own_lexicons_dir
    running = in_force(desk)
    before, _ = running.current()
    assert before.folder == own
    ours = versions(desk)
    ours.sign(lexicon("glowing_tail"), VET)
    assert running.current()[0] is before, "a signature alone changes nothing"
    ours.use(lexicon("glowing_tail"))
    during, complaint = running.current()
    assert (list(during.concepts), complaint) == (["glowing_tail"], "")
    assert during.folder == desk.data_dir / VERSIONS / during.hash
    assert ours.roll_back() == before.hash
    again, _ = running.current()
    assert (again.hash, again.folder) == (before.hash, own)
    with pytest.raises(LexiconError, match="nothing to go back to"):
        ours.roll_back()


def test_what_is_in_force_does_not_change_with_the_folder_it_came_from(
    desk: Settings, lexicon: Callable[[str], Path]
) -> None:
    """The files are copied under their hash; an edit of the folder is neither in force nor signed."""
    ours, folder = versions(desk), lexicon("glowing_tail")
    digest = ours.sign(folder, VET)
    ours.use(folder)
    (folder / "own.toml").write_text(CONCEPT.format(name="red_ears", words="red ears"), encoding="utf-8")
    assert lexicon_hash(desk.lexicons_in_force) == digest
    with pytest.raises(LexiconError, match="not signed as it is now"):
        ours.use(folder)
    signed = ours.signature(digest)
    assert (signed.state, signed.by, signed.on) == (SignatureState.SIGNED, VET, NOW.isoformat())
    assert ours.signature(lexicon_hash(folder)).state is SignatureState.UNSIGNED


def test_a_rollback_restores_files_that_were_edited_meanwhile(desk: Settings, lexicon: Callable[[str], Path]) -> None:
    """What was in force without being a version is copied when another takes its place, and comes back as it was."""
    own = desk.own_lexicons_dir
    before = lexicon_hash(own)
    ours = versions(desk)
    ours.sign(lexicon("glowing_tail"), VET)
    ours.use(lexicon("glowing_tail"))
    (own / "own.toml").write_text(CONCEPT.format(name="red_ears", words="red ears"), encoding="utf-8")
    assert ours.roll_back() == before
    assert lexicon_hash(desk.lexicons_in_force) == before
    assert desk.lexicons_in_force != own


def test_versions_are_taken_back_one_after_another(desk: Settings, lexicon: Callable[[str], Path]) -> None:
    """Three in a row come back in turn; what was taken back can be used again by its hash."""
    ours = versions(desk)
    digests = []
    for name in ("one_ear", "two_ears", "three_ears"):
        digests.append(ours.sign(lexicon(name), VET))
        ours.use(lexicon(name))
    ours.use(Path(digests[2]))  # it is in force already: nothing to take back twice
    assert [each.hash for each in ours.all() if each.in_force] == [digests[2]]
    assert ours.roll_back() == digests[1]
    assert ours.roll_back() == digests[0]
    assert ours.use(Path(digests[1][:8])).hash == digests[1]
    assert lexicon_hash(desk.lexicons_in_force) == digests[1]
    with pytest.raises(LexiconError, match="no folder"):
        ours.use(Path(digests[1][:5]))


@pytest.mark.parametrize("step", ["signing", "using", "taking back"])
def test_what_ends_in_between_leaves_the_old_lexicon_in_force(
    desk: Settings, lexicon: Callable[[str], Path], step: str
) -> None:
    """Without its line in the audit trail nothing is done; what was copied by then is used the next time."""
    trail = Trail()
    ours, running = versions(desk, trail), in_force(desk)
    if step != "signing":
        ours.sign(lexicon("glowing_tail"), VET)
    if step == "taking back":
        ours.use(lexicon("glowing_tail"))
    before, _ = running.current()
    do: Callable[[], object] = {
        "signing": lambda: ours.sign(lexicon("glowing_tail"), VET),
        "using": lambda: ours.use(lexicon("glowing_tail")),
        "taking back": ours.roll_back,
    }[step]
    trail.full = True
    with pytest.raises(AuditError):
        do()
    assert running.current() == (before, "")
    trail.full = False
    do()
    assert (running.current()[0].hash == before.hash) == (step == "signing")


def test_half_written_files_of_a_crash_are_not_looked_at(desk: Settings, lexicon: Callable[[str], Path]) -> None:
    """A copy that is not whole is no version and is cleared away; a pointer that was never put in place is none."""
    ours = versions(desk)
    ours.sign(lexicon("one_ear"), VET)
    ours.use(lexicon("one_ear"))
    half = desk.data_dir / VERSIONS / ".new-half"
    shutil.copytree(lexicon("two_ears"), half)
    (desk.data_dir / f".{FILE_NAME}-x.new").write_text("[[used]]\nhash =", encoding="utf-8")
    assert len(ours.all()) == 2
    assert list(in_force(desk).current()[0].concepts) == ["one_ear"]
    ours.sign(lexicon("two_ears"), VET)
    assert not half.exists()


def test_a_damaged_pointer_is_told_and_mended(desk: Settings, lexicon: Callable[[str], Path]) -> None:
    """A running desk keeps its lexicon and says so, a start is refused with what to do, and *use* mends it."""
    ours = versions(desk)
    digest = ours.sign(lexicon("one_ear"), VET)
    ours.use(lexicon("one_ear"))
    running = in_force(desk)
    (desk.data_dir / FILE_NAME).write_text("[[used]]\nhash = 7\n", encoding="utf-8")
    kept, complaint = running.current()
    assert list(kept.concepts) == ["one_ear"]
    assert "damaged" in complaint
    with pytest.raises(LexiconError, match="lexicon versions"):
        in_force(desk)
    ours.use(Path(digest))
    assert running.current() == (kept, "")


def test_a_version_whose_files_were_changed_is_not_taken_into_use(
    desk: Settings, lexicon: Callable[[str], Path]
) -> None:
    """Its hash is what was signed: other words under it are refused, and listed as changed."""
    ours = versions(desk)
    digest = ours.sign(lexicon("one_ear"), VET)
    with (desk.data_dir / VERSIONS / digest / "own.toml").open("a", encoding="utf-8") as file:
        file.write("# another word\n")
    assert [each.intact for each in ours.all()] == [False]
    with pytest.raises(LexiconError, match="no longer what was kept"):
        ours.use(Path(digest))
    ours.sign(lexicon("one_ear"), VET)
    assert ours.use(Path(digest)).intact


def test_the_setting_wins_and_says_so(desk: Settings, lexicon: Callable[[str], Path], tmp_path: Path) -> None:
    """With lexicon_dir set, taking a version into use would change nothing: it is refused."""
    named = load_settings(
        {"VOICE_TRIAGE_DATA_DIR": str(desk.data_dir), "VOICE_TRIAGE_LEXICON_DIR": str(lexicon("one_ear"))}
    )
    ours = versions(named)
    ours.sign(lexicon("two_ears"), VET)
    for do in (lambda: ours.use(lexicon("two_ears")), ours.roll_back):
        with pytest.raises(LexiconError, match="lexicon_dir"):
            do()
    del tmp_path


def test_everything_is_recorded_without_a_word_of_a_call(desk: Settings, lexicon: Callable[[str], Path]) -> None:
    """Who signed, who put it in force, who took it back, and of which hash."""
    trail = Trail()
    ours = versions(desk, trail)
    digest = ours.sign(lexicon("one_ear"), VET, who="jane")
    ours.use(lexicon("one_ear"), who="jane")
    ours.roll_back(who="jo")
    assert [(kind, who, detail["done"]) for kind, who, detail in trail.lines] == [
        (AuditKind.LEXICON, "jane", "signed"),
        (AuditKind.LEXICON, "jane", "in force"),
        (AuditKind.LEXICON, "jo", "taken back"),
    ]
    assert {detail["hash"] for _, _, detail in trail.lines} == {digest[:12]}


def test_a_signature_is_somebodys(desk: Settings, lexicon: Callable[[str], Path]) -> None:
    """Without a name nothing is signed, and nothing kept."""
    with pytest.raises(LexiconError, match="Say who signs"):
        versions(desk).sign(lexicon("one_ear"), "  ")
    assert not (desk.data_dir / VERSIONS).exists()


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.builds(
            Used,
            st.text("0123456789abcdef", min_size=64, max_size=64),
            st.datetimes(timezones=st.just(UTC)),
            st.text(st.characters(exclude_categories=("Cs", "Cc"))),
            st.booleans(),
        ),
        max_size=4,
    )
)
def test_the_pointer_reads_back_what_was_written(tmp_path: Path, used: list[Used]) -> None:
    """Whoever did it and whenever it was."""
    if not used:
        return
    write_used(tmp_path, tuple(used))
    assert read_used(tmp_path) == tuple(used)


def test_without_a_pointer_nothing_is_in_use(tmp_path: Path) -> None:
    """A fresh data folder reads the files it always read."""
    assert used_folder(tmp_path) is None


# --- the command line --------------------------------------------------------------------------------------------


def test_sign_use_and_roll_back_on_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lexicon: Callable[[str], Path]
) -> None:
    """A lexicon with a mistake is not signed; a signed one is used, listed, taken back and audited."""
    monkeypatch.setenv("VOICE_TRIAGE_DATA_DIR", str(tmp_path / "data"))
    folder = tmp_path / "changed"
    shutil.copytree(resources.lexicons_dir(), folder)
    broken = tmp_path / "broken"
    shutil.copytree(folder, broken)
    (broken / "own.toml").write_text('[[concept]]\nid = "ears"\ntemplate = ["ears"]\n', encoding="utf-8")
    code, out, err = run("lexicon", "sign", str(broken), "--by", VET)
    assert code == Exit.LEXICON
    assert "own.toml" in out
    assert "cannot be signed" in err
    (folder / "own.toml").write_text("# a word of ours\n", encoding="utf-8")
    assert run("lexicon", "use", str(folder))[0] == Exit.LEXICON
    code, out, _ = run("lexicon", "sign", str(folder), "--by", VET)
    short = lexicon_hash(folder)[:12]
    assert (code, out) == (Exit.OK, f"signed by {VET}: {short}\n")
    code, out, _ = run("lexicon", "use", short)
    assert code == Exit.OK
    assert f"{short} is in force from the next call on, signed by {VET}" in out
    code, out, _ = run("lexicon", "versions")
    assert out.splitlines()[0].startswith(f"* {short}, signed by {VET}")
    code, out, _ = run("lexicon", "use", "--rollback")
    assert (code, lexicon_hash(resources.lexicons_dir())[:12] in out) == (Exit.OK, True)
    assert "not signed by a veterinarian" in out
    assert run("lexicon", "use")[0] == Exit.USAGE
    code, out, _ = run("audit", "list", "--kind", "lexicon")
    assert len(out.splitlines()) == 3
