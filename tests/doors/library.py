"""The small library that the script is played over: the corpus, and five short episodes that were made up for it.

Together they have what doors show differently: two shows, two languages, a known and an unknown speaker, exact times,
times of cues and none, a publisher's and a machine's transcript, an episode without a date.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from ..conftest import CORPUS

__all__ = ["QUESTIONS", "write_library"]

_FLOOD = """WEBVTT

00:00.000 --> 00:05.500
<v Mara Lindqvist>Good evening, this is Harbour Radio. Tonight we talk about the flood of the old harbour.

00:06.000 --> 00:13.000
<v Tom Okafor>The water rose two metres in one night, and nobody had closed the gates.

00:13.500 --> 00:18.000
<v Mara Lindqvist>Why did nobody close the gates?

00:18.500 --> 00:27.000
<v Tom Okafor>The mayor said that the pumps would hold. They did not, and forty cellars were under water by midnight.

00:27.500 --> 00:33.000
<v Speaker 3>I carried my piano up the stairs with four neighbours. Thanks for listening.
"""
_FLOOD_ABOUT = """show = "Harbour Radio"
title = "The night of the flood"
published = 2021-03-14
publisher = "Harbour Media"
medium = "radio"
origin = "publisher"
language = "en"
season = "2"
number = "5"
url = "https://example.com/flood"

[[people]]
name = "Mara Lindqvist"
role = "host"

[[people]]
name = "Tom Okafor"
role = "guest"

[[chapters]]
start = 0
title = "Hello"

[[chapters]]
start = 13.5
title = "The gates"
"""
_MORNING = """1
00:00:02,000 --> 00:00:08,000
The morning after the flood, the ferry could not land at the old harbour.

2
00:00:08,500 --> 00:00:15,000
According to the harbour master, the repairs of the gates will cost three million.
"""
_BRIDGE = """MARA LINDQVIST: The council voted on the new bridge yesterday, and the bridge was refused by one vote.

ANA PETROVA: I never promised a bridge. I promised that we would count the money before we build anything.

MARA LINDQVIST: And what does the money say?

ANA PETROVA: It says that a bridge costs eleven million and a ferry costs two.
"""
_GERMAN = """WEBVTT

00:00.000 --> 00:06.000
<v Jens Albers>Das Hochwasser kam in der Nacht, und die Tore am alten Hafen standen offen.

00:06.500 --> 00:12.000
<v Jens Albers>Vierzig Keller liefen voll, und die Pumpen waren zu schwach.
"""
_TIDE = " We measured the tide every hour. The highest tide of the year came on a Sunday in November."
_AGAIN = "WEBVTT\n\n00:01.000 --> 00:06.000\n<v Tom Okafor>The lighthouse keeper counted ninety ships in a week.\n"

#: For ``kb eval`` and ``kb ask --batch``.
QUESTIONS = (
    '{"question": "How far did the water rise?", "quotes": ["The water rose two metres in one night"]}\n'
    '{"question": "Who repaired the aquarium?", "answerable": false}\n'
)


def write_library(folder: Path) -> None:
    """Write the sources that the script names into ``folder``."""
    library = folder / "library"
    shutil.copytree(CORPUS, library)
    for name, text in {
        "flood-night.vtt": _FLOOD,
        "flood-night.toml": _FLOOD_ABOUT,
        "flood-morning.srt": _MORNING,
        "flood-morning.toml": 'show = "Harbour Radio"\ntitle = "The morning after"\npublished = 2021-04-02\n',
        "bridge-vote.txt": _BRIDGE,
        "bridge-vote.toml": 'show = "Town Hall"\ntitle = "One vote"\npublished = 2022-01-09\norigin = "person"\n',
        "hochwasser.vtt": _GERMAN,
        "hochwasser.toml": 'show = "Hafenfunk"\ntitle = "Die Tore"\npublished = 2021-03-16\nlanguage = "de"\n',
        "tide.json": json.dumps(_recognised(_TIDE)),
    }.items():
        (library / name).write_text(text, "utf-8")
    (folder / "later.vtt").write_text(_AGAIN, "utf-8")
    (folder / "broken.srt").write_text("1\n00:00:01,000 --> 00:99:99,000\nHello\n", "utf-8")
    (folder / "questions.jsonl").write_text(QUESTIONS, "utf-8")


def _recognised(text: str) -> dict[str, object]:
    """Return a transcript as Whisper writes it, with one word that it was unsure of."""
    words = [
        {"word": f" {word}", "start": n * 0.5, "end": n * 0.5 + 0.4, "probability": 0.31 if word == "Sunday" else 0.93}
        for n, word in enumerate(text.split())
    ]
    segment = {"id": 0, "start": 0.0, "end": words[-1]["end"], "text": text, "words": words}
    return {"text": text, "segments": [segment], "language": "en"}
