"""Find a model from the hub on this machine; nothing here ever downloads."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import ModelNotAvailable

__all__ = ["find_model"]


def find_model(name: str, organisation: str, remedy: str) -> Path:
    """Return the folder of a model: the path itself, or its snapshot in the hub cache.

    A bare name is looked for in ``organisation`` too. Raises ``ModelNotAvailable`` at once, with the places looked in.
    """
    folder = Path(os.path.expanduser(name))  # not Path.expanduser, which fails for "~nobody"
    if os.path.isdir(folder):
        # Checked before it is read: a folder given by mistake may hold a whole disk.
        if not any(os.path.isfile(folder / file) for file in ("modules.json", "config.json")):
            raise ModelNotAvailable(name, [f"{folder.absolute()}, which holds no modules.json"], remedy)
        return folder.resolve()
    from huggingface_hub import snapshot_download
    from huggingface_hub.constants import HF_HUB_CACHE
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    looked = [str(folder.absolute())]
    for repository in (name, f"{organisation}/{name}") if "/" not in name else (name,):
        looked.append(f"the hub cache ({HF_HUB_CACHE}) for {repository}")
        try:
            return Path(snapshot_download(repository, local_files_only=True))
        except (LocalEntryNotFoundError, HFValidationError, OSError, ValueError):
            continue
    raise ModelNotAvailable(name, looked, remedy)
