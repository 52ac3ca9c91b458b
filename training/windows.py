"""Training windows: up to 30 s of lines with pauses, and what Whisper is to write for them.

A window imitates what the engines feed the model: a block cut in silence (most of them), one cut anywhere, or 30 s
out of a longer stream. As in Whisper, a sentence is ``<start> words <end>``; one that a full window cuts off has
only its start, so that the next window begins there. About half the windows are written without timestamps,
because both engines align words in that mode.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from training.lines import Line, SpokenWord
from training.make_reading import CHANGE, PAUSE
from training.noise import no_speech, weather
from training.utterance import RATE, Sound

__all__ = ["Label", "Sampler", "Window"]

#: Seconds that the model sees at once.
SPAN = 30.0
#: The longest pause that a word's attention may cover: the next word then starts where its sound does.
REACH = 1.5
#: How windows are cut, and how often: in silence, at 30 s out of a stream, in the midst of the last or first line.
_CUTS = {"silence": 0.62, "stream": 0.08, "end": 0.14, "start": 0.16}


@dataclass(frozen=True, slots=True)
class Label:
    """A token to write, and the seconds that the decoder should attend to when it does (``None``: anywhere)."""

    token: int
    span: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """Sound of at most 30 s; ``labels`` follow the start-of-transcript token, ``inputs`` are what precedes each."""

    sound: Sound
    labels: tuple[Label, ...]
    inputs: tuple[int, ...]


@dataclass(slots=True)
class _Scene:
    """Lines laid out in time, while a window is being put together."""

    sound: Sound
    sentences: list[list[SpokenWord]]
    #: The whole words, and the start, of a sentence that goes on after the end.
    cut: list[SpokenWord] = field(default_factory=list)
    cut_start: float | None = None

    @property
    def duration(self) -> float:
        return len(self.sound) / RATE

    @property
    def words(self) -> list[SpokenWord]:
        return [word for sentence in [*self.sentences, self.cut] for word in sentence]


@dataclass
class Sampler:
    """Draws windows: ``reading`` is the corpus reading's lines, ``voices`` the same sentences in other voices."""

    reading: Sequence[Line]
    voices: Sequence[Sequence[Line]]
    seed: int = 0
    random: np.random.Generator = field(init=False)

    def __post_init__(self) -> None:
        from whisper.tokenizer import get_tokenizer

        self.random = np.random.default_rng(self.seed)
        self.tokenizer = get_tokenizer(False)

    def window(self) -> Window:
        """Return the next window."""
        timed = self.random.random() < 0.5
        tokenizer = self.tokenizer
        first = tokenizer.timestamp_begin if timed else tokenizer.no_timestamps
        if self.random.random() < 0.08:
            nothing = Label(tokenizer.no_speech), Label(tokenizer.eot)
            return Window(no_speech(self.random), nothing, (tokenizer.sot, first))
        scene = self._scene()
        labels = tuple(self._timed(scene) if timed else self._untimed(scene))
        inputs = (tokenizer.sot, *(label.token for label in labels[:-1]))
        return Window(weather(self.random, scene.sound), labels, inputs)

    def _scene(self) -> _Scene:
        """Lay out lines up to a random length and cut the sound as its source would."""
        random = self.random
        cut = random.choice(list(_CUTS), p=list(_CUTS.values()))
        limit = SPAN + 10 if cut == "stream" else max(random.uniform(1, 28), random.uniform(1, 28))
        scene = self._lay_out(limit)
        if cut == "start":
            _behead(scene, random.uniform(0, 0.8) * scene.sentences[0][-1].end)
        if cut == "end":
            _truncate(scene, random.uniform(0.3, 1.0) * scene.duration)
        if scene.duration > SPAN:
            _truncate(scene, SPAN)
        return scene if scene.words else self._scene()

    def _lay_out(self, limit: float) -> _Scene:
        """Put lines one after another for at most ``limit`` seconds, but one at least."""
        scene = _Scene(self._silence(self.random.uniform(0, 0.6)), [])
        for pause, line in self._lines():
            if scene.sentences and scene.duration + pause + len(line.sound) / RATE > limit:
                break
            if scene.sentences:
                scene.sound = np.concatenate([scene.sound, self._silence(pause)])
            scene.sentences.append([word.moved(scene.duration) for word in line.words])
            scene.sound = np.concatenate([scene.sound, line.sound])
        scene.sound = np.concatenate([scene.sound, self._silence(self.random.uniform(0, 0.6))])
        return scene

    @staticmethod
    def _silence(seconds: float) -> Sound:
        return np.zeros(int(seconds * RATE), np.float32)

    def _lines(self) -> list[tuple[float, Line]]:
        """Return lines with the pause before each: as in the episode, or in any order and mixed voices."""
        random = self.random
        count = len(self.reading)
        start = int(random.integers(count))
        in_order = random.random() < 0.6
        numbers = [(start + step) % count for step in range(count)] if in_order else random.permutation(count).tolist()
        mixed = random.random() < 0.3
        cast = self._cast()
        lines, before = [], ""
        for number in numbers:
            line = cast[number]
            pause = (CHANGE if line.speaker != before else PAUSE) * random.uniform(0.7, 1.3)
            lines.append((pause if random.random() < 0.7 else random.uniform(0.05, 2.0), line))
            cast = self._cast() if mixed and line.speaker != before else cast
            before = line.speaker
        return lines

    def _cast(self) -> Sequence[Line]:
        if self.random.random() < 0.65:
            return self.reading
        return self.voices[int(self.random.integers(len(self.voices)))]

    def _untimed(self, scene: _Scene) -> list[Label]:
        words = self._words(scene.words, scene)
        return [Label(self.tokenizer.no_timestamps), *words, Label(self.tokenizer.eot)]

    def _timed(self, scene: _Scene) -> list[Label]:
        labels: list[Label] = []
        whole = [(sentence, sentence[-1].end) for sentence in scene.sentences] or [(scene.cut, scene.duration)]
        for index, (sentence, end) in enumerate(whole):
            start = sentence[0].start
            latest = SPAN if index else 1.0  # both engines allow no later first timestamp
            labels += [self._timestamp(min(start, latest), start), *self._words(sentence, scene)]
            labels.append(self._timestamp(end, end))
        if scene.sentences and scene.cut_start is not None:
            labels.append(self._timestamp(scene.cut_start, scene.cut_start))
        return [*labels, Label(self.tokenizer.eot)]

    def _timestamp(self, seconds: float, where: float) -> Label:
        return Label(self.tokenizer.timestamp_begin + min(1500, round(seconds / 0.02)), (where - 0.06, where + 0.06))

    def _words(self, words: Sequence[SpokenWord], scene: _Scene) -> list[Label]:
        """Label each token with its share of the word by bytes; the last one also has the pause that follows."""
        following = [word.start for word in scene.words] + [scene.cut_start or scene.duration, scene.duration]
        labels: list[Label] = []
        for word in words:
            after = min(time for time in following if time >= word.end - 0.05 and time > word.start)
            sizes = [len(self.tokenizer.encoding.decode_single_token_bytes(token)) for token in word.tokens]
            bounds = [word.start + (word.end - word.start) * part / sum(sizes) for part in np.cumsum([0, *sizes])]
            bounds[-1] = max(word.end, min(after, word.end + REACH))
            labels += [Label(token, span) for token, span in zip(word.tokens, pairwise(bounds), strict=True)]
        return labels


def _behead(scene: _Scene, seconds: float) -> None:
    """Cut off the start; a word of which more than half is gone is not to be written."""
    scene.sound = scene.sound[int(seconds * RATE) :]
    moved = [[word.moved(-seconds) for word in sentence] for sentence in scene.sentences]
    kept = [[word for word in sentence if word.start + word.end > 0] for sentence in moved]
    scene.sentences = [
        [SpokenWord(word.tokens, max(0.0, word.start), word.end) for word in sentence] for sentence in kept if sentence
    ]


def _truncate(scene: _Scene, seconds: float) -> None:
    """Cut off the end; a word that is not whole is not to be written."""
    scene.sound = scene.sound[: int(seconds * RATE)]
    for sentence in scene.sentences:
        if sentence[0].start < seconds - 0.02 and sentence[-1].end > seconds:
            scene.cut = [word for word in sentence if word.end <= seconds]
            scene.cut_start = sentence[0].start
    scene.sentences = [sentence for sentence in scene.sentences if sentence[-1].end <= seconds]
