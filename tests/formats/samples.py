"""One valid file for each format, with all that the format can hold."""

from __future__ import annotations

import zipfile
from io import BytesIO

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def docx(body: str, declaration: str = "") -> bytes:
    """A Word document with ``body`` in its text, as small as Word reads it."""
    text = f'<?xml version="1.0" encoding="UTF-8"?>{declaration}<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'
    return package(text.encode())


def package(text: bytes, name: str = "word/document.xml") -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(name, text)
    return stream.getvalue()


SAMPLES: dict[str, bytes] = {
    "talk.vtt": b"""WEBVTT

NOTE made by hand

1
00:00:00.000 --> 00:00:02.760 align:start
<v.loud Sarah>In <00:00:01.000>today's <i>episode</i> &amp; more</v>

00:02.760 --> 00:00:06.090
<v Sarah>we talk. <v Bob>Hi.
Hello.
""",
    "named.vtt": b"WEBVTT\n\n00:01.000 --> 00:02.000\nBob: Hi.\n\n00:02.000 --> 00:03.000\nAnn: Hi.\nBob: Ho.\n",
    "talk.srt": "1\n00:00:00,179 --> 00:00:02,399\nTravis: Café <i>first</i>\nget started\n\n2\n00:00:02,400 --> 00:00:04,799\n"
    "Sarah: {\\an8}almost &amp; there\n".encode("cp1252"),
    "talk.txt": b"AUDIE CORNISH, HOST: Now.\n\n(SOUNDBITE OF MUSIC)\n\n[00:01:02] CORNISH: Here's Aarti Shahani.\n\nHi.\n",
    "prose.txt": b"One. Two.  Three. Four. Five.",
    "service.txt": b"Jane Doe  0:03\nHello there.\n\nBob (00:09):\nAnd bye.\n",
    "podcast.json": b"""{"version": "1.0.0", "segments": [
  {"speaker": "Darth", "startTime": 0.5, "endTime": 0.75, "body": "I"},
  {"speaker": "Darth", "startTime": 1, "endTime": "1.25", "body": "am.\\n"},
  {"speaker": "Luke", "startTime": 2.75, "endTime": 3.0, "body": "No"}]}""",
    "own.json": b"""{"version": "1.0.0", "source": "machine", "language": "en", "engine": "whisper", "segments": [
  {"speaker": "Ann", "startTime": 0.5, "endTime": 2, "body": "Hi all.", "avgLogprob": -0.2, "noSpeechProb": 0.01,
   "words": [{"body": "Hi", "startTime": 0.5, "endTime": 1, "probability": 0.9}, {"body": "all."}]}]}""",
    "whisper.json": b"""{"text": " Hi all.", "language": "en", "segments": [
  {"id": 0, "seek": 0, "start": 0.0, "end": 2.36, "text": " Hi all.", "tokens": [1, 2], "temperature": 0.0,
   "avg_logprob": -0.25, "compression_ratio": 1.1, "no_speech_prob": 0.02,
   "words": [{"word": " Hi", "start": 0.0, "end": 0.5, "probability": 0.97},
             {"word": " all.", "start": 0.5, "end": 2.36, "probability": 0.88}]}]}""",
    "whisperx.json": b"""{"segments": [{"start": 0.5, "end": 4.0, "text": " It was 1984.", "speaker": "SPEAKER_00",
   "words": [{"word": "It", "start": 0.5, "end": 0.7, "score": 0.91, "speaker": "SPEAKER_00"},
             {"word": "was", "start": 0.8, "end": 1.0, "score": 0.5}, {"word": "1984."}]}],
   "word_segments": [], "language": "en"}""",
    "deepgram.json": b"""{"results": {"channels": [{"alternatives": [{"transcript": "hi all bye", "words": [
  {"word": "hi", "punctuated_word": "Hi", "start": 0.5, "end": 0.7, "confidence": 0.9, "speaker": 0},
  {"word": "all", "punctuated_word": "all.", "start": 0.8, "end": 1, "confidence": 0.9, "speaker": 0},
  {"word": "bye", "punctuated_word": "Bye.", "start": 2, "end": 2.5, "confidence": 0.9, "speaker": 1}]}]}]}}""",
    "amazon.json": b"""{"results": {"speaker_labels": {"segments": [{"items": [{"start_time": "0.5",
   "speaker_label": "spk_0"}]}]}, "items": [
  {"type": "pronunciation", "start_time": "0.5", "end_time": "0.9", "alternatives": [{"content": "Hi", "confidence": "0.9"}]},
  {"type": "punctuation", "alternatives": [{"content": ".", "confidence": "0.0"}]}]}}""",
    "whispercpp.json": b"""{"model": {"type": "base"}, "result": {"language": "en"}, "transcription": [
  {"timestamps": {"from": "00:00:00,000", "to": "00:00:02,000"}, "offsets": {"from": 0, "to": 2000}, "text": " Hiya all",
   "tokens": [{"text": "[_BEG_]", "offsets": {"from": 0, "to": 0}, "p": 0.9},
              {"text": " Hi", "offsets": {"from": 0, "to": 400}, "p": 0.9},
              {"text": "ya", "offsets": {"from": 400, "to": 700}, "p": 0.7},
              {"text": " all", "offsets": {"from": 800, "to": 2000}, "p": 0.6}]}]}""",
    "api.json": b"""{"task": "transcribe", "language": "english", "duration": 4.0, "text": "One. Two.",
  "segments": [{"id": 0, "start": 0.0, "end": 2.0, "text": "One."}, {"id": 1, "start": 2.0, "end": 4.0, "text": "Two."}],
  "words": [{"word": "One", "start": 0.1, "end": 0.9}, {"word": "Two", "start": 2.1, "end": 3.0}]}""",
    "talk.html": b"""<!DOCTYPE html><html><head><title>Talk</title><style>p { color: red }</style></head><body>
<!-- <p>not said</p> --><h1>Talk</h1><cite>Kevin:</cite>
<time>0:00</time>
<p>
  We have an <b>update</b> &amp; more,<br>as in <cite>Nature</cite>.
</p><p>And on.</p>
<cite>Alban :</cite> <time datetime="PT9S">0:09</time> <p>You&#39;re triggering Tom.</p>
<script>if (a < b) { document.write("<p>no</p>") }</script></body></html>""",
    "page.htm": b"<title>x</title><div>ANN LEE, HOST: Hi.</div><p>BOB ROE, BYLINE: Ho.<br>LEE: So.</p>",
    "talk.md": b"""# A title

**Ann Lee:** Hi, \\[laughs\\] *all* of `you` at [the fair](https://example.org/a_b). \\[00:04:01.06\\] Go on.

1984\\. It was 5 \\* 3, snake_case.

**Break**: \\[04:20\\] to \\[05:00\\]

> Nobody's.

**Bob: ** So?

Ann Lee: No.
""",
    "talk.docx": docx(
        "<w:p><w:r><w:t>ANN LEE, HOST: Hi</w:t></w:r><w:del><w:r><w:t>gone</w:t></w:r></w:del><w:r><w:t> all</w:t><w:br/></w:r></w:p>"
        "<w:p><w:r><w:t>LEE:</w:t><w:tab/><w:t>So &amp; so.</w:t></w:r></w:p>"
    ),
}
