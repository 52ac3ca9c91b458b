"""The two models for diarization (sherpa-onnx), fetched on request and verified by their SHA-256.

They are fetched from a fixed place on the Hugging Face hub; a file with other content is refused, from any server.
"""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ingest.fetching import Fetcher, Limits
from ingest.fetching.partial import Part
from ingest.models.finding import default_models_folder
from kb.errors import FetchError, ModelNotAvailable, UsageError
from kb.translatable import phrase

__all__ = ["VOICE_FILES", "VoiceFile", "fetch_voices", "voices_folder"]

_SERVER = "https://huggingface.co"


@dataclass(frozen=True, slots=True)
class VoiceFile:
    """A model file: its name here, its place on the hub, its size and SHA-256."""

    name: str
    source: str
    size: int
    sha256: str
    licence: str
    #: Its display name.
    title: str


#: The export of pyannote's segmentation 3.0 (MIT, CNRS), and 3D-Speaker's CAM++ of Chinese and English voices.
VOICE_FILES = (
    VoiceFile(
        "segmentation.onnx",
        "csukuangfj/sherpa-onnx-pyannote-segmentation-3-0/resolve/9403a6902bb58e3d5ae8c7e77c3422de279db2e0/model.onnx",
        5_992_913,
        "220ad67ca923bef2fa91f2390c786097bf305bceb5e261d4af67b38e938e1079",
        "MIT",
        "pyannote segmentation 3.0",
    ),
    VoiceFile(
        "embedding.onnx",
        "csukuangfj/speaker-embedding-models/resolve/main/3dspeaker_speech_campplus_sv_zh_en_16k-common_advanced.onnx",
        28_281_164,
        "aa3cfc16963a10586a9393f5035d6d6b57e98d358b347f80c2a30bf4f00ceba2",
        "Apache-2.0",
        "3D-Speaker CAM++",
    ),
)

#: Called with a file and how many of its bytes are here.
VoiceProgress = Callable[[VoiceFile, int], None]


def voices_folder() -> Path:
    """Return the folder of the diarization models."""
    return default_models_folder() / "sherpa-onnx"


def fetch_voices(
    folder: Path | None = None,
    progress: VoiceProgress = lambda file, done: None,
    deadline: float = 6 * 3600,
    server: str | None = None,
    files: tuple[VoiceFile, ...] = VOICE_FILES,
) -> Path:
    """Download the models into ``folder``, or resume an earlier try, and return the folder.

    An existing file is kept: users may have put another model there. ``server`` replaces the hub,
    as ``HF_ENDPOINT`` does. Raises ``ModelNotAvailable`` for a download that failed or is not the right file.
    """
    folder = folder or voices_folder()
    server = (server or os.environ.get("HF_ENDPOINT") or _SERVER).rstrip("/")
    if not server.startswith(("https://", "http://")):
        raise UsageError(
            phrase("%(server)s is not the address of a server; it should begin with https://.", server=repr(server))
        )
    for file in files:
        if not (folder / file.name).exists():
            _fetch(file, folder / file.name, f"{server}/{file.source}", progress, deadline)
    return folder


def _fetch(file: VoiceFile, target: Path, url: str, progress: VoiceProgress, deadline: float) -> None:
    """Download a file; it gets its name when its SHA-256 is right."""
    new = target.with_name(f"{target.name}.new")
    fetcher = Fetcher(limits=Limits(30, math.inf, deadline, file.size, attempts=1), guarded=False)
    progress(file, 0)
    while not new.exists():  # else it is complete, but was not verified
        before = Part(new).size()
        try:
            fetcher.download(url, new, lambda done, _: progress(file, done))
        except FetchError as error:
            if not error.temporary or Part(new).size() <= before:
                remedy = phrase("%(reason)s What has arrived is kept.", reason=str(error))
                raise ModelNotAvailable("voices", [str(target)], remedy) from error
    with new.open("rb") as content:
        right = hashlib.file_digest(content, "sha256").hexdigest() == file.sha256
    if not right:
        new.unlink()
        raise ModelNotAvailable(
            "voices", [url], phrase("%(file)s is not the right file and was removed.", file=file.name)
        )
    new.replace(target)
