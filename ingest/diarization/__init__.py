"""Tell speakers apart: who speaks when, and what that makes of a transcript's segments.

Three ways, in the order to try them: an interview recorded with one speaker on each channel is split by channel and
needs nothing; sherpa-onnx needs one small package and two local model files; pyannote.audio needs many packages and a
model behind a licence form.
"""

from .assigning import add_speakers, assign_speakers
from .channels import split_by_channel
from .engines import has_speaker_models, pyannote_diarizer, sherpa_diarizer
from .types import Diarizer, SampleBlock, SpeakerSpan

__all__ = [
    "Diarizer",
    "SampleBlock",
    "SpeakerSpan",
    "add_speakers",
    "assign_speakers",
    "has_speaker_models",
    "pyannote_diarizer",
    "sherpa_diarizer",
    "split_by_channel",
]
