"""The clinic's profile, its own lines, and the signature under them."""

from __future__ import annotations

import tomllib
from datetime import date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from voice_triage import resources
from voice_triage.cli import app
from voice_triage.commands.exits import Exit
from voice_triage.errors import ClinicError
from voice_triage.guidance.clinic import EXAMPLE, Hours, gaps, load_profile
from voice_triage.guidance.clinic_in_force import ClinicInForce
from voice_triage.guidance.line_file import Lines, load_lines
from voice_triage.guidance.signature import FILE_NAME, SignatureState, read_signature, sign

FILLED = """
[clinic]
name = "Oak Street"
phone = "555-010-0100"
[[emergency_room]]
name = "Riverside"
address = "1200 River Road"
phone = "555-010-0199"
[hours]
monday = ["08:00-12:30", "13:30-18:00"]
[lines]
orange = "One of our technicians will hear this now. Please stay on the line."
"""


@pytest.fixture
def lines() -> Lines:
    """The lines as shipped."""
    return load_lines(resources.lexicons_dir())


@pytest.fixture
def clinic_file(tmp_path: Path) -> Path:
    """Where the profile is, once it is written."""
    return tmp_path / "clinic.toml"


def run(clinic_file: Path, *arguments: str) -> tuple[int, str]:
    """Exit code and output of a command."""
    environ = {"VOICE_TRIAGE_CLINIC_FILE": str(clinic_file), "VOICE_TRIAGE_DATA_DIR": str(clinic_file.parent / "data")}
    done = CliRunner().invoke(app, list(arguments), env=environ)
    return done.exit_code, done.output


def test_without_a_file_the_profile_is_empty(clinic_file: Path, lines: Lines) -> None:
    """A clinic that has filled in nothing yet works all the same."""
    assert load_profile(clinic_file, lines).emergency_rooms == ()


def test_the_example_is_valid_as_it_stands_and_with_every_mark_taken_away(clinic_file: Path, lines: Lines) -> None:
    """Who takes the # away, and nothing else, has a complete profile."""
    clinic_file.write_text(EXAMPLE, encoding="utf-8")
    assert len(list(gaps(load_profile(clinic_file, lines)))) == 3
    marks = [
        line.removeprefix("# ") if "=" in line or line.startswith("# [[") else line for line in EXAMPLE.splitlines()
    ]
    clinic_file.write_text("\n".join(marks), encoding="utf-8")
    assert list(gaps(load_profile(clinic_file, lines))) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[emergency_rom]]\nname = 'x'", ["clinic.toml:1", "emergency_rom", "did you mean 'emergency_room'?"]),
        (
            "\n[[emergency_room]]\nname = 'R'\nadress = 'x'\nphone = '1'",
            ["clinic.toml:4: R", "did you mean 'address'?"],
        ),
        ("[[emergency_room]]\nname = 'R'\naddress = 'x'", ["R: emergency_room.phone", "required"]),
        ("[[emergency_room]]\nname = 'R'\naddress = 'x'\nphone = 'soon'", ["clinic.toml:4", "555-010-0199"]),
        ("[hours]\nmonday = ['8-18']", ["clinic.toml:2", "hours.monday", "08:00-18:00"]),
        ("[hours]\nmonday = ['18:00-08:00']", ["hours.monday"]),
        ("[hours]\nmondays = ['08:00-18:00']", ["did you mean 'monday'?"]),
        ("[lines]\nurinry = 'Please come.'", ["clinic.toml:2", "did you mean 'urinary'?"]),
        ("[clinic\nname = 'x'", ["not valid TOML"]),
    ],
)
def test_a_mistake_is_named_with_line_key_and_the_right_name(
    clinic_file: Path, lines: Lines, text: str, said: list[str]
) -> None:
    """Whoever looks after the computer corrects it without asking."""
    clinic_file.write_text(text, encoding="utf-8")
    with pytest.raises(ClinicError) as caught:
        load_profile(clinic_file, lines)
    for part in said:
        assert part in str(caught.value)


@pytest.mark.parametrize(
    ("when", "is_open"),
    [
        ("2026-11-23T08:00", True),
        ("2026-11-23T12:29", True),
        ("2026-11-23T12:30", False),
        ("2026-11-23T07:59", False),
        ("2026-11-24T10:00", False),
    ],
)
def test_the_clinic_is_open_at_the_hours_it_gives(when: str, is_open: bool) -> None:
    """From the first minute up to the last; a day that is left out is closed (the 23rd is a Monday)."""
    assert Hours(monday=("08:00-12:30", "13:30-18:00")).open_at(datetime.fromisoformat(when).astimezone()) is is_open


def test_an_own_line_takes_the_place_of_the_products_and_changes_the_hash(clinic_file: Path, lines: Lines) -> None:
    """What is signed is what is said."""
    clinic_file.write_text(FILLED, encoding="utf-8")
    own = lines.with_own(load_profile(clinic_file, lines).lines)
    assert own.general["orange"].startswith("One of our technicians")
    assert own.general["red"] == lines.general["red"]
    assert own.hash != lines.hash


def test_an_own_line_that_reassures_is_not_used_and_said_to_be(clinic_file: Path, lines: Lines) -> None:
    """The product's own line stays, and the rest of the profile with its addresses is used."""
    clinic_file.write_text(FILLED + 'pain = "It is probably fine."\n', encoding="utf-8")
    profile = load_profile(clinic_file, lines)
    assert profile.emergency_rooms
    assert "pain" not in profile.lines
    assert any("'probably'" in why for why in profile.refused)


def test_a_signature_holds_until_a_word_is_changed(clinic_file: Path, lines: Lines) -> None:
    """Not signed, signed, changed since: the card says which."""
    path = clinic_file.with_name(FILE_NAME)
    assert read_signature(path, lines.hash).state is SignatureState.UNSIGNED
    sign(path, lines.hash, 'Dr. Zoë O\'Neil, "DVM"', date(2026, 11, 23))
    signed = read_signature(path, lines.hash)
    assert (signed.state, signed.by, signed.on) == (SignatureState.SIGNED, 'Dr. Zoë O\'Neil, "DVM"', "2026-11-23")
    assert read_signature(path, lines.with_own({"red": "Please come."}).hash).state is SignatureState.CHANGED
    assert tomllib.loads(path.read_text("utf-8"))["hash"] == lines.hash


def test_a_signature_without_a_name_is_refused(clinic_file: Path, lines: Lines) -> None:
    """A signature is somebody's."""
    with pytest.raises(ClinicError, match="who signs"):
        sign(clinic_file.with_name(FILE_NAME), lines.hash, "  ", date(2026, 11, 23))


def test_what_the_desk_shows_follows_the_files_and_a_broken_edit_changes_nothing(clinic_file: Path) -> None:
    """An edit takes effect by itself; a broken one leaves addresses and lines where they were and is told."""
    clinic = ClinicInForce(resources.lexicons_dir, clinic_file)
    assert clinic.current()["emergency_rooms"] == []
    clinic_file.write_text(FILLED, encoding="utf-8")
    shown = clinic.current()
    assert [room["name"] for room in shown["emergency_rooms"]] == ["Riverside"]
    assert shown["lines"]["general"]["orange"].startswith("One of our technicians")
    assert (shown["signed"]["state"], shown["problem"]) == ("unsigned", "")
    clinic_file.write_text(FILLED.replace("[hours]", "[hour]"), encoding="utf-8")
    broken = clinic.current()
    assert [room["name"] for room in broken["emergency_rooms"]] == ["Riverside"]
    assert "did you mean 'hours'?" in broken["problem"]
    clinic_file.write_text(FILLED, encoding="utf-8")
    assert clinic.current()["problem"] == ""


def test_a_profile_that_is_just_being_written_leaves_the_one_in_force(clinic_file: Path) -> None:
    """An editor empties the file first: who looks then keeps the addresses, also if the edit turns out broken."""
    clinic_file.write_text(FILLED, encoding="utf-8")
    clinic = ClinicInForce(resources.lexicons_dir, clinic_file)
    shown = clinic.current()
    for written in ("", FILLED.replace("[hours]", "[hour]"), "", FILLED.replace("Riverside", "Hilltop")):
        clinic_file.write_text(written, encoding="utf-8")
        shown = clinic.current()
        wanted = "Hilltop" if "Hilltop" in written else "Riverside"
        assert [room["name"] for room in shown["emergency_rooms"]] == [wanted]
    assert shown["problem"] == ""


def test_the_commands_lead_from_nothing_to_a_signed_set_of_lines(clinic_file: Path) -> None:
    """init, check, show, sign: each says what comes next, and check fails until all is there."""
    code, said = run(clinic_file, "clinic", "check")
    assert (code, "clinic init" in said) == (Exit.INCOMPLETE, True)
    assert run(clinic_file, "clinic", "init")[0] == 0
    code, said = run(clinic_file, "clinic", "init")
    assert (code, "--force" in said) == (Exit.SETTINGS, True)
    code, said = run(clinic_file, "clinic", "check")
    assert (code, "no [[emergency_room]]" in said) == (Exit.INCOMPLETE, True)
    clinic_file.write_text(FILLED, encoding="utf-8")
    assert run(clinic_file, "clinic", "check")[0] == 0
    assert "Riverside, 1200 River Road, 555-010-0199" in run(clinic_file, "clinic", "show")[1]
    code, said = run(clinic_file, "lines", "check")
    assert (code, "not signed by a veterinarian yet" in said) == (Exit.INCOMPLETE, True)
    assert "One of our technicians" in run(clinic_file, "lines", "show")[1]
    assert run(clinic_file, "lines", "sign", "--by", "Dr. Okonkwo")[0] == 0
    code, said = run(clinic_file, "lines", "check")
    assert (code, "signed by Dr. Okonkwo" in said) == (0, True)
    clinic_file.write_text(FILLED.replace("One of our", "Another of our"), encoding="utf-8")
    code, said = run(clinic_file, "lines", "check")
    assert (code, "changed since Dr. Okonkwo signed" in said) == (Exit.INCOMPLETE, True)


def test_lines_that_may_not_be_said_cannot_be_signed(clinic_file: Path) -> None:
    """A signature does not make a diagnosis of a CSR."""
    clinic_file.write_text(FILLED + 'pain = "It is probably a sprain."\n', encoding="utf-8")
    code, said = run(clinic_file, "lines", "sign", "--by", "Dr. Okonkwo")
    assert code == Exit.SETTINGS
    assert "'probably'" in said
    assert not clinic_file.with_name(FILE_NAME).exists()
