"""What a user asks of a transcription: the model, the language, the speakers; stored with jobs and transcripts."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from kb.errors import UsageError

if TYPE_CHECKING:
    from ..models.finding import Engine

__all__ = ["ENGINES", "Request"]

ENGINES: dict[str, Engine] = {
    "faster-whisper": "faster-whisper",
    "whisper": "openai-whisper",
    "openai-whisper": "openai-whisper",
}


@dataclass(frozen=True, slots=True)
class Request:
    """How recordings are to be transcribed; ``None``: the program chooses."""

    engine: str | None = None
    model: str | None = None
    #: auto, cpu or cuda.
    device: str = "auto"
    language: str | None = None
    #: Also translate what is not in English, beside the words.
    translate: bool = False
    #: Names and terms to expect.
    names: str | None = None
    beam_size: int | None = None
    #: ``sherpa`` or ``pyannote``, with the folder of its models, or ``none``. Without one, a stereo interview is split
    #: by channel, and sherpa-onnx tells other voices apart if its models are installed.
    diarizer: str | None = None
    diarizer_models: str | None = None
    #: How many people speak, for the diarizer.
    voices: int | None = None
    #: Names that the library expects in every recording; a longer list is not a reason to transcribe again.
    known: str | None = None
    #: Whether a publisher's times are checked against the recording, where a model is installed.
    check_times: bool = True

    def __post_init__(self) -> None:
        if self.engine is not None and self.engine not in ENGINES:
            raise UsageError(f"There is no engine {self.engine!r}; choose faster-whisper or whisper.")
        if self.device not in ("auto", "cpu", "cuda"):
            raise UsageError(f"There is no device {self.device!r}; choose auto, cpu or cuda.")
        if self.diarizer not in (None, "sherpa", "pyannote", "none"):
            raise UsageError(f"There is no diarizer {self.diarizer!r}; choose sherpa, pyannote or none.")
        if self.diarizer == "pyannote" and not self.diarizer_models:
            raise UsageError("--diarizer pyannote needs --diarizer-models FOLDER.")
        if self.voices is not None and self.diarizer == "none":
            raise UsageError("--voices is for a diarizer, so it does not go with --diarizer none.")

    def wants_other_than(self, settings: str | None) -> bool:
        """Return whether a transcript made with ``settings`` (JSON) was made with other options than requested."""
        made: dict[str, Any] = json.loads(settings) if settings else {}
        asked = {name: value for name, value in asdict(self).items() if value not in (None, False, "auto")}
        asked.pop("known", None)
        asked.pop("check_times", None)
        # The words stay in their language, and a translation is made beside them; earlier versions replaced the words.
        if asked.pop("translate", False) and made.get("task") == "translate":
            return True
        return any(made.get("request", {}).get(name) != value for name, value in asked.items())
