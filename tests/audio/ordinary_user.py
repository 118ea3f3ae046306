"""A call heard by whoever runs this: ``python -m tests.audio.ordinary_user pulse|pipewire``, from the checkout."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from tests.audio.listening import listening
from tests.audio.sound_server import SoundServerProcess
from tests.audio.sounds import CLIENT_HZ, share_of, tone, write_wav


def main(kind: str) -> None:
    """Hear half a second of a call on a server of one's own; prints what of it was the client's tone."""
    server = SoundServerProcess(kind)
    try:
        os.environ.update(server.own_environment)
        with tempfile.TemporaryDirectory() as folder, listening() as desk:
            file = write_wav(Path(folder) / "client.wav", tone(60.0, 16000, CLIENT_HZ), 16000)
            phone = server.softphone(file, server.plug())
            call = desk.call()
            call.wait_for_sound(1.5)
            phone.hang_up()
            assert call.over.wait(30.0)
        print(f"{os.geteuid()} heard {share_of(CLIENT_HZ, call.sound(), 16000).max():.1f}")
    finally:
        server.close()


if __name__ == "__main__":
    main(sys.argv[1])
