"""Speak with Festival, which knows the start and end of each token; one process speaks all sentences of a voice."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from training.sound import read_wav
from training.utterance import SpeakerMissing, SpeechFailed, Utterance, trim

__all__ = ["Festival"]

# Prints ("TOK" name ((start end) ...)) for every token: one token can be several words ("2015").
_DUMP = """
(define (dump utterance)
  (set! token (utt.relation.first utterance 'Token))
  (while token
    (print (list "TOK" (item.name token)
      (mapcar (lambda (word) (list (item.feat word "word_start") (item.feat word "word_end"))) (item.daughters token))))
    (set! token (item.next token))))
"""
_SPAN = re.compile(r"\(([\d.]+) ([\d.]+)\)")

_Spans = list[tuple[float | None, float | None]]


@dataclass(frozen=True, slots=True)
class Festival:
    """A Festival voice such as ``kal_diphone``; a larger ``stretch`` speaks more slowly."""

    name: str
    stretch: float = 1.0

    def speak(self, sentences: Sequence[str]) -> list[Utterance]:
        """Return one utterance a sentence; raises ``SpeakerMissing`` or ``SpeechFailed``."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            tokens = _tokens(_festival(self._script(sentences, folder), folder))
            if len(tokens) != len(sentences):
                raise SpeechFailed(f"festival spoke {len(tokens)} of {len(sentences)} sentences; is {self.name} there?")
            sounds = [read_wav(folder / f"{index}.wav") for index in range(len(sentences))]
        spoken = []
        for sentence, sound, spans in zip(sentences, sounds, tokens, strict=True):
            words = sentence.split()
            if len(spans) != len(words):
                raise SpeechFailed(f"festival split {sentence!r} into {len(spans)} tokens, not {len(words)} words.")
            spoken.append(trim(sound, words, [start for start, _ in spans], [end for _, end in spans]))
        return spoken

    def _script(self, sentences: Sequence[str], folder: Path) -> str:
        lines = [f"(voice_{self.name})", f"(Parameter.set 'Duration_Stretch {self.stretch:g})", _DUMP]
        for index, sentence in enumerate(sentences):
            quoted = sentence.replace("\\", "").replace('"', "")
            lines.append(f'(set! spoken (SynthText "{quoted}"))')
            lines.append(f'(utt.save.wave spoken "{folder / f"{index}.wav"}" \'riff)')
            lines += ['(print "SENTENCE")', "(dump spoken)"]
        return "\n".join(lines)


def _festival(script: str, folder: Path) -> str:
    program = shutil.which("festival")
    if program is None:
        raise SpeakerMissing("festival", "festival festvox-kallpc16k")
    path = folder / "speak.scm"
    path.write_text(script)
    done = subprocess.run([program, "-b", str(path)], capture_output=True, text=True, timeout=300, check=False)
    return done.stdout


def _tokens(printed: str) -> list[_Spans]:
    """Return per sentence and token its span in seconds, ``None`` where a token is silent."""
    sentences: list[_Spans] = []
    for line in printed.splitlines():
        if line.startswith('"SENTENCE'):
            sentences.append([])
        elif line.startswith('("TOK"') and sentences:
            spans = [(float(start), float(end)) for start, end in _SPAN.findall(line)]
            spans = [(start, end) for start, end in spans if end > 0]  # punctuation is a word of (0 0)
            sentences[-1].append((spans[0][0], spans[-1][1]) if spans else (None, None))
    return sentences
