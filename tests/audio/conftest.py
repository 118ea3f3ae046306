"""Sound servers for the tests of live sound."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.audio.sound_server import SoundServerProcess, missing_programs
from tests.conftest import absent


@pytest.fixture(scope="module", params=["pulse", "pipewire"])
def sound_server(request: pytest.FixtureRequest) -> Iterator[SoundServerProcess]:
    """A running sound server of each kind, which this process uses instead of the user's."""
    kind = str(request.param)
    if missing := missing_programs(kind):
        absent(f"the sound server's programs {', '.join(missing)}")
    server = SoundServerProcess(kind)
    try:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in server.own_environment.items():
                patch.setenv(name, value)
            yield server
    finally:
        server.close()


@pytest.fixture
def machine(sound_server: SoundServerProcess) -> Iterator[SoundServerProcess]:
    """The sound server with nothing plugged in and nothing running, before and after a test."""
    yield sound_server
    sound_server.clean()
