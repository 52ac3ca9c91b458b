"""Write down anew what the doors say; look at the difference before you commit it."""

from __future__ import annotations

import tempfile
from pathlib import Path

from .play import SAID, play

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        for name, text in play(Path(folder)).items():
            (SAID / f"{name}.txt").write_text(text, "utf-8")
