"""About thirty odd files as they come from the world, each with what a user sees; and what decoding promises for all."""

from __future__ import annotations

import hashlib
import wave
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from ingest.sound.decoding import Decoder, probe, sha256_of
from ingest.sound.reports import DRIFT, AudioReport
from ingest.transcribing.loading import EngineSettings, load
from ingest.transcribing.transcription import transcribe_file
from kb.errors import AudioError
from kb.types import SAMPLE_RATE
from tests.conftest import MATERIAL
from tests.models.tiny import ct2_folder
from tests.sounds import RATE, chord, noise, silence, speech, tune, write, write_film

SENTENCE = "Now we are going to look more broadly at what is been revealed today about ICE"
DOCS = Path(__file__).parent.parent / "docs" / "transcription.md"


@dataclass(frozen=True)
class Odd:
    """One kind of file: how to make it in a folder, what the user is told, and words that must be in the transcript."""

    what: str
    make: Callable[[Path], Path]
    told: str = ""
    words: str = ""
    fails: bool = False


def _bytes(name: str, content: bytes) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    return make


def _garbage(size: int) -> bytes:
    return np.random.default_rng(1).bytes(size)


def _sound(name: str, samples: Callable[[], np.ndarray], codec: str, rate: int = RATE, layout: str = "mono", **more):
    return lambda folder: write(folder / name, samples(), codec, rate, layout, **more)


def _damaged(name: str, codec: str, place: float, length: int, rate: int = 44_100) -> Callable[[Path], Path]:
    """A file in which ``length`` bytes at ``place`` (0..1) are overwritten with garbage."""

    def make(folder: Path) -> Path:
        path = write(folder / name, speech(0, 30), codec, rate)
        content = bytearray(path.read_bytes())
        at = int(place * len(content))
        content[at : at + length] = _garbage(length)
        path.write_bytes(content)
        return path

    return make


def _cut(name: str, codec: str, keep: float, rate: int = 44_100) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = write(folder / name, speech(0, 30), codec, rate)
        path.write_bytes(path.read_bytes()[: int(path.stat().st_size * keep)])
        return path

    return make


def _glued(folder: Path) -> Path:
    """A jingle at 22 kHz in stereo, glued before a programme at 44 kHz in mono, as advertisements are."""
    jingle = write(folder / "jingle.mp3", np.stack([chord(5), chord(5)]), "libmp3lame", 22_050, "stereo", options=RAW)
    programme = write(folder / "programme.mp3", speech(), "libmp3lame", 44_100, options=RAW)
    glued = folder / "glued.mp3"
    glued.write_bytes(jingle.read_bytes() + programme.read_bytes())
    return glued


def _with_rubbish(folder: Path) -> Path:
    path = write(folder / "tagged.mp3", speech(), "libmp3lame", 44_100)
    path.write_bytes(path.read_bytes() + b"LYRICSBEGIN" + b"la " * 500)
    return path


def _strange_rate(folder: Path) -> Path:
    with wave.open(str(folder / "slow.wav"), "wb") as file:
        file.setparams((1, 2, 1_000, 0, "NONE", ""))
        file.writeframes(bytes(20_000))
    return folder / "slow.wav"


def _unknown_codec(folder: Path) -> Path:
    path = write(folder / "odd.wav", speech(), "pcm_s16le")
    content = bytearray(path.read_bytes())
    content[20:22] = b"\xee\xee"  # the format tag of the WAV header
    path.write_bytes(content)
    return path


def _playlist(folder: Path) -> Path:
    write(folder / "part.mp3", speech(), "libmp3lame", 44_100)
    (folder / "list.m3u8").write_text("#EXTM3U\n#EXT-X-TARGETDURATION:30\n#EXTINF:15,\npart.mp3\n#EXT-X-ENDLIST\n")
    return folder / "list.m3u8"


def _interview() -> np.ndarray:
    """Both speakers on their own side: one speaks while the other is silent."""
    left, right = speech(0, 15), speech(15, 30)
    return np.stack([np.concatenate([left, 0 * right]), np.concatenate([0 * left, right])])


def _surround() -> np.ndarray:
    """Speech in the centre, a soft tune in the other seven."""
    channels = np.tile(0.02 * tune(15), (8, 1))
    channels[2] = speech()
    return channels


RAW = {"write_xing": "0", "id3v2_version": "0"}

ODD = [
    Odd("an empty file", _bytes("empty.mp3", b""), "is empty (0 bytes). Fetch the file again.", fails=True),
    Odd("0.1 s of sound", _sound("blip.wav", lambda: speech(1, 1.1), "pcm_s16le"), "holds only 0.10 s of sound.", fails=True),
    Odd("garbage named .mp3", _bytes("garbage.mp3", _garbage(50_000)), "holds no sound that can be read.", fails=True),
    Odd("a web page named .mp3", _bytes("page.mp3", b"<!doctype html>\n<p>Not found</p>\n" * 9), "holds no sound that can be read.", fails=True),
    Odd("a text file", _bytes("notes.txt", b"Only text.\n" * 50), "holds no sound that can be read.", fails=True),
    Odd("a playlist", _playlist, "is a playlist, a list of links. Name the sound files that it lists.", fails=True),
    Odd("a folder", lambda folder: folder, "is a folder. Name a sound or video file.", fails=True),
    Odd("a name that is not there", lambda folder: folder / "gone.mp3", "is not there. Name a sound or video file.", fails=True),
    Odd("a video without sound", lambda folder: write_film(folder / "film.mp4", 4), "is a video without sound. Name one that has sound.", fails=True),
    Odd("sound in an unknown codec", _unknown_codec, "holds sound in a form that FFmpeg does not know. Convert it to MP3 or FLAC first.", fails=True),
    Odd("a sampling rate of 1 kHz", _strange_rate, "is sampled only 1,000 times a second. Speech needs 4,000 or more.", fails=True),
    Odd("an M4A without its end", _cut("cut.m4a", "aac", 0.5), "holds no sound that can be read.", fails=True),
    Odd("an MP3 without its end", _cut("cut.mp3", "libmp3lame", 0.5), "Only 0:14 of the declared 0:30 could be decoded; the file seems to be cut off.", SENTENCE),
    Odd("a FLAC without its end", _cut("cut.flac", "flac", 0.5), "1 damaged piece was skipped", SENTENCE),
    Odd("garbage in the middle of an MP3", _damaged("middle.mp3", "libmp3lame", 0.45, 20_000), "damaged pieces were skipped (near 0:1", SENTENCE),
    Odd("garbage in the middle of an M4A", _damaged("middle.m4a", "aac", 0.42, 20_000), "s of sound are missing and count as silence, so later times stay right.", SENTENCE),
    Odd("garbage in the middle of an Opus file", _damaged("middle.opus", "libopus", 0.42, 9_000, 48_000), "s of sound are missing and count as silence, so later times stay right.", SENTENCE),
    Odd("a video with sound", _sound("film.mp4", speech, "aac", 48_000, picture=True), words=SENTENCE),
    Odd("a video whose sound begins 3 s late", _sound("late.mkv", speech, "aac", 48_000, picture=True, late=3.0), "3.0 s of sound are missing and count as silence", SENTENCE),
    Odd("a telephone at 8 kHz (μ-law)", _sound("phone.wav", speech, "pcm_mulaw", 8_000), words=SENTENCE),
    Odd("24 bit at 96 kHz", _sound("studio.wav", speech, "pcm_s24le", 96_000), words=SENTENCE),
    Odd("surround sound (7.1)", _sound("surround.flac", _surround, "flac", 48_000, "7.1"), words=SENTENCE),
    Odd("a stereo interview, one speaker a side", _sound("interview.wav", _interview, "pcm_s16le", 44_100, "stereo"), words=SENTENCE),
    Odd("an Ogg file", _sound("speech.ogg", speech, "libopus", 48_000), words=SENTENCE),
    Odd("an MP3 with rubbish behind its end", _with_rubbish, words=SENTENCE),
    Odd("an MP3 glued from two formats", _glued, words=SENTENCE),
    Odd("ten seconds of silence", _sound("silence.flac", lambda: silence(10), "flac"), "No voice was heard in 0:10 of sound, so the transcript is empty."),
    Odd("ten seconds of noise", _sound("noise.flac", lambda: noise(10), "flac"), "No voice was heard in 0:10 of sound, so the transcript is empty."),
    Odd("a held chord", _sound("chord.flac", lambda: chord(10), "flac"), "No voice was heard in 0:10 of sound, so the transcript is empty."),
    Odd("a jingle", _sound("tune.flac", lambda: tune(10), "flac"), "No voice was heard in 0:10 of sound, so the transcript is empty."),
]  # fmt: skip


@pytest.fixture(scope="module")
def engine():
    return load(EngineSettings(ct2_folder(), threads=1, beam_size=1))


@pytest.mark.slow
@pytest.mark.parametrize("odd", ODD, ids=lambda odd: odd.what)
def test_odd_file(odd, tmp_path, engine):
    path = odd.make(tmp_path)
    if odd.fails:
        with pytest.raises(AudioError) as error:
            transcribe_file(path, engine.settings, engine=engine)
        assert odd.told in str(error.value)
        assert str(error.value).startswith(f"{path}: ")
        return
    result = transcribe_file(path, engine.settings, engine=engine)
    assert odd.told in "\n".join(result.notes)
    if not odd.told:
        assert result.notes == ()
    text = " ".join(segment.text for segment in result.transcript.segments)
    assert odd.words in text
    if not odd.words:
        assert text == ""


def test_the_documentation_has_the_table():
    rows = DOCS.read_text(encoding="utf-8")
    assert [odd.what for odd in ODD if f"| {odd.what} |" not in rows] == []
    assert [odd.what for odd in ODD if odd.fails and odd.told not in rows] == []


# What holds for every file


def _decoded(path: Path, **more) -> tuple[np.ndarray, AudioReport]:
    decoder = Decoder(path, **more)
    parts = list(decoder)
    assert all(part.dtype == np.float32 and part.ndim == 1 and 0 < len(part) <= 10 * SAMPLE_RATE for part in parts)
    return np.concatenate(parts), decoder.report


def _lag(found: np.ndarray, known: np.ndarray) -> float:
    """How many seconds later ``found`` has what ``known`` has, by correlation of the first and last three seconds."""
    lags = []
    for at in (0, len(known) - 3 * RATE):
        piece = known[at : at + 3 * RATE]
        low, high = max(0, at - RATE), at + 4 * RATE
        match = np.correlate(found[low:high], piece, "valid")
        lags.append((low + int(np.argmax(match)) - at) / RATE)
    return max(lags, key=abs)


@pytest.mark.parametrize(
    ("name", "codec", "rate", "layout"),
    [
        ("a.mp3", "libmp3lame", 44_100, "mono"),
        ("a.m4a", "aac", 22_050, "mono"),
        ("a.opus", "libopus", 48_000, "stereo"),
        ("a.flac", "flac", 96_000, "stereo"),
        ("a.wav", "pcm_f32le", 11_025, "mono"),
        ("a.mkv", "ac3", 48_000, "5.1"),
    ],
)
def test_length_and_times_are_those_of_the_sound(name, codec, rate, layout, tmp_path):
    known = speech(0, 25)
    path = write(tmp_path / name, known, codec, rate, layout)
    found, report = _decoded(path)
    assert report.decoded == pytest.approx(25, abs=0.1)
    assert report.declared == pytest.approx(25, abs=0.1)
    assert report.notes == ()
    assert abs(_lag(found, known)) <= 0.06  # an encoder's delay; where the container tells it, it is taken off


def test_time_lost_in_the_middle_moves_nothing_after_it(tmp_path):
    known = speech(0, 30)
    found, report = _decoded(_damaged("middle.m4a", "aac", 0.5, 20_000)(tmp_path))
    assert report.filled > 10 * DRIFT
    assert report.damaged > 10
    assert abs(_lag(found, known)) < 0.06


def test_each_side_of_an_interview_alone(tmp_path):
    path = write(tmp_path / "interview.wav", _interview(), "pcm_s16le", 44_100, "stereo")
    left, right = _decoded(path, channel=0)[0], _decoded(path, channel=1)[0]
    half = 15 * RATE
    assert np.abs(left[:half]).max() > 0.1
    assert np.abs(left[half + 100 :]).max() < 0.01
    assert np.abs(right[: half - 100]).max() < 0.01
    assert np.abs(right[half:]).max() > 0.1
    with pytest.raises(AudioError, match="has 2 channels, so there is no channel 2"):
        Decoder(path, channel=2)


@pytest.mark.parametrize("channels", [3, 8, 16, 24])
def test_any_number_of_channels_without_a_known_layout(channels, tmp_path):
    with wave.open(str(tmp_path / "many.wav"), "wb") as file:
        file.setparams((channels, 2, RATE, 0, "NONE", ""))
        file.writeframes(np.repeat((speech() * 32767).astype("<i2"), channels).tobytes())
    known = speech()
    for channel in (None, channels - 1):
        found, _ = _decoded(tmp_path / "many.wav", channel=channel)
        assert np.corrcoef(found[: len(known)], known[: len(found)])[0, 1] > 0.99


@pytest.mark.parametrize("channels", [9, 64])
def test_channels_that_cannot_be_mixed_are_the_reason_told(channels, tmp_path):
    with wave.open(str(tmp_path / "many.wav"), "wb") as file:
        file.setparams((channels, 2, RATE, 0, "NONE", ""))
        file.writeframes(bytes(2 * channels * RATE))
    with pytest.raises(AudioError, match=f"has {channels} channels, which FFmpeg cannot mix"):
        _decoded(tmp_path / "many.wav")


def test_a_playlist_opens_no_other_file(tmp_path, monkeypatch):
    playlist = _playlist(tmp_path)
    renamed = playlist.rename(tmp_path / "innocent.mp3")
    with pytest.raises(AudioError, match="holds no sound"):
        Decoder(renamed)
    concat = tmp_path / "other.mp3"
    concat.write_text("ffconcat version 1.0\nfile part.mp3\n")
    with pytest.raises(AudioError, match="holds no sound"):
        Decoder(concat)


def test_probe_tells_what_the_file_declares(tmp_path):
    info = probe(write(tmp_path / "a.flac", np.stack([speech(), speech()]), "flac", 44_100, "stereo"))
    assert (info.container, info.codec, info.sample_rate, info.channels, info.streams) == ("flac", "flac", 44_100, 2, 1)
    assert info.duration == pytest.approx(15, abs=0.01)


def test_real_recordings():
    lengths = {"jfk.flac": 11.0, "hotwords.mp3": 4.0, "multilingual.mp3": 59.9, "stereo_diarization.wav": 5.0}
    for name, seconds in lengths.items():
        _, report = _decoded(MATERIAL / "speech" / name)
        assert report.decoded == pytest.approx(seconds, abs=0.05)
        assert report.notes == ()


def test_sha256(tmp_path):
    (tmp_path / "a").write_bytes(b"abc" * 100_000)
    assert sha256_of(tmp_path / "a") == hashlib.sha256(b"abc" * 100_000).hexdigest()
    with pytest.raises(AudioError, match=r"cannot be read \(No such file or directory\)"):
        sha256_of(tmp_path / "b")


def test_a_small_file_cannot_be_a_day_long(tmp_path, monkeypatch):
    monkeypatch.setattr("ingest.sound.decoding.LONGEST", 12.0)
    with pytest.raises(AudioError, match="lasts more than"):
        list(Decoder(write(tmp_path / "long.flac", silence(30), "flac")))


@pytest.mark.parametrize("seed", range(12))
def test_random_damage_never_ends_in_a_traceback(seed, tmp_path):
    """Whatever is hit, header or sound: an error in one sentence, or sound with a report."""
    random = np.random.default_rng(seed)
    name, codec, rate = [("a.mp3", "libmp3lame", 44_100), ("a.m4a", "aac", 44_100), ("a.opus", "libopus", 48_000),
                         ("a.flac", "flac", 16_000), ("a.wav", "pcm_s16le", 16_000), ("a.mkv", "ac3", 44_100)][seed % 6]  # fmt: skip
    path = write(tmp_path / name, speech(0, 8), codec, rate)
    content = bytearray(path.read_bytes())
    for _ in range(8):
        at = int(random.integers(0, len(content)))
        content[at : at + 200] = random.bytes(min(200, len(content) - at))
    path.write_bytes(content)
    told = ""
    try:
        decoder = Decoder(path)
        total = sum(len(part) for part in decoder)
        assert decoder.report.decoded == total / RATE
    except AudioError as error:
        told = str(error)
    assert "\n" not in told
