"""One valid file for each format, with all that the format can hold."""

from __future__ import annotations

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
}
