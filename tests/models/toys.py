"""Files that look like models, and a server that never answers."""

from __future__ import annotations

import socket
import zipfile
from pathlib import Path

#: How CTranslate2 begins a Whisper's model.bin: version, length of the name, the name.
CT2_HEAD = b"\x06\x00\x00\x00\x0c\x00WhisperSpec\x00"


def ct2_folder(folder: Path, *leave_out: str) -> Path:
    folder.mkdir(parents=True)
    for name in {"config.json", "tokenizer.json", "vocabulary.txt"} - set(leave_out):
        (folder / name).write_text("{}")
    if "model.bin" not in leave_out:
        (folder / "model.bin").write_bytes(CT2_HEAD + b"weights")
    return folder


def checkpoint(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", b"\x80\x02." * 100)
    return path


def silent_listener() -> socket.socket:
    """A server, or proxy, that accepts and never answers."""
    listener = socket.create_server(("127.0.0.1", 0))
    return listener
