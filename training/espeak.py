"""Speak with eSpeak NG through its C library, whose WORD events tell when each word begins.

Source: speak_lib.h of eSpeak NG 1.51 (the constants and the event layout below).
"""

from __future__ import annotations

import ctypes
import ctypes.util
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from training.sound import resample
from training.utterance import SpeakerMissing, SpeechFailed, Utterance, trim

__all__ = ["Espeak"]

_SYNCHRONOUS = 2
_UTF8 = 1
_BY_CHARACTER = 1
_END_OF_EVENTS, _WORD_EVENT = 0, 1
_RATE, _PITCH = 1, 3


class _EventId(ctypes.Union):
    _fields_ = [("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8)]


class _Event(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    ]


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


@cache
def _library() -> tuple[ctypes.CDLL, int]:
    """Return the initialised library and its sample rate; it keeps one global state for the process."""
    name = ctypes.util.find_library("espeak-ng")
    if name is None:
        raise SpeakerMissing("libespeak-ng", "espeak-ng")
    library = ctypes.CDLL(name)
    rate = library.espeak_Initialize(_SYNCHRONOUS, 0, None, 0)
    if rate <= 0:
        raise SpeakerMissing("espeak-ng's voice data", "espeak-ng-data")
    library.espeak_Synth.argtypes = [
        ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int,
        ctypes.c_uint, ctypes.c_uint, ctypes.c_void_p, ctypes.c_void_p,
    ]  # fmt: skip
    return library, rate


@dataclass(frozen=True, slots=True)
class Espeak:
    """An eSpeak NG voice such as ``en-us+f2``, at ``rate`` words a minute and ``pitch`` 0..99.

    Its noise generator runs on from sentence to sentence: the same sentences in the same order in a fresh
    process give the same samples, a single sentence spoken again does not.
    """

    name: str
    rate: int = 165
    pitch: int = 50

    def speak(self, sentences: Sequence[str]) -> list[Utterance]:
        """Return one utterance a sentence; raises ``SpeakerMissing`` or ``SpeechFailed``."""
        return [self._speak(sentence) for sentence in sentences]

    def _speak(self, sentence: str) -> Utterance:
        library, sample_rate = _library()
        pieces: list[np.ndarray] = []
        words: list[tuple[int, float]] = []

        def receive(samples, count, events):  # type: ignore[no-untyped-def]
            if samples and count > 0:
                pieces.append(np.ctypeslib.as_array(samples, (count,)).copy())
            index = 0
            while events[index].type != _END_OF_EVENTS:
                if events[index].type == _WORD_EVENT:
                    words.append((events[index].text_position - 1, events[index].audio_position / 1000))
                index += 1
            return 0

        callback = _Callback(receive)  # must outlive the call
        library.espeak_SetSynthCallback(callback)
        if library.espeak_SetVoiceByName(self.name.encode()) != 0:
            raise SpeechFailed(f"espeak-ng has no voice {self.name!r}; `espeak-ng --voices` lists those it has.")
        library.espeak_SetParameter(_RATE, self.rate, 0)
        library.espeak_SetParameter(_PITCH, self.pitch, 0)
        text = sentence.encode()
        library.espeak_Synth(text, len(text) + 1, 0, _BY_CHARACTER, 0, _UTF8, None, None)
        library.espeak_Synchronize()
        if not pieces:
            raise SpeechFailed(f"espeak-ng spoke nothing for {sentence!r}.")
        sound = resample((np.concatenate(pieces) / 32768).astype(np.float32), sample_rate)
        return trim(sound, sentence.split(), _starts(sentence, words), [None] * len(sentence.split()))


def _starts(sentence: str, events: Sequence[tuple[int, float]]) -> list[float | None]:
    """Return the first event's time in each word; eSpeak gives "of the" one event."""
    starts: list[float | None] = []
    for match in re.finditer(r"\S+", sentence):
        inside = [time for position, time in events if match.start() <= position < match.end()]
        starts.append(inside[0] if inside else None)
    return starts
