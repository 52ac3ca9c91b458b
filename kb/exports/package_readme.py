"""The README of an evidence package: how an editor checks each quote by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..text.cleaning import visible
from ..timecode import clock
from .report import Report

__all__ = ["readme"]

_HOW = """\
EVIDENCE FOR {n} IN “{title}”

How to check a quote
1. Open quotes.html in a browser: it has every quote with its source and its footnote.
2. Play the quote's clip, named below. It begins ten seconds before the quote and ends ten seconds after it.
3. Look for the words in the transcript, named below: it is the whole text in which they were found.
4. To be sure of the clip, get the programme from its publisher and listen at the time given. If you have the very
   file that the clip was cut from, its SHA-256 is the one given.
5. Where a quote says "Heard again", another speech recogniser heard the same seconds: listen where the two differ.
   Two recognisers that agree can still be wrong together.

How to check the package
Run "kb verify PACKAGE.zip" (Verbatim, no knowledge base needed). It compares every file with its SHA-256 in
manifest.json, looks for each quote in its transcript, and decodes each clip. It shows that nothing was damaged or
changed since the package was made. It cannot show who made it: whoever changes a file can write a new manifest. Ask the
sender for the SHA-256 of manifest.json, which "kb verify" prints, in another message.

What is here
quotes.html          the quotes, readable
clips/               the sound around each quote (FLAC, 16 kHz, one channel, as it was transcribed)
transcripts/         the whole transcripts in which the quotes stand, and beside each the same words turn by turn, with
                     times and speakers (...-speakers.txt)
references.txt       the references; references.csl.json for a reference manager
manifest.json        everything about each quote, and the SHA-256 of every other file

The quotes
"""

#: What is said in place of a transcript's name, by the quote's standing.
_WITHOUT = {
    "gone": "no transcript; the episode is no longer in the knowledge base.",
    "damaged": "no transcript; the one in the knowledge base is damaged.",
}


def readme(report: Report, quotes: Sequence[Mapping[str, Any]]) -> str:
    """Return the text for a package; ``quotes`` as its manifest describes them."""
    n = len(report.items)
    head = _HOW.format(n=f"{n} {'QUOTE' if n == 1 else 'QUOTES'}", title=" ".join(report.title.split()))
    entries = zip(report.items, quotes, strict=True)
    return head + "\n".join(_entry(item.text, item.source, item.details, found) for item, found in entries)


def _entry(text: str, source: str, details: Sequence[tuple[str, str]], found: Mapping[str, Any]) -> str:
    lines = [f"{found['number']}. “{text}”", source]
    clip, made = found["clip"], found["engine"] or ""
    if clip:
        begins, ends = found["start"] - clip["start"], found["end"] - clip["start"]
        lines.append(f"Clip: {clip['file']}; the quote is from {clock(begins)} to {clock(ends)} in it.")
    else:
        lines.append(f"Clip: none. {found['missing']}")
    lines.append(f"Words in: {found['transcript'] or _WITHOUT.get(found['standing'], 'no transcript.')}")
    if found["speakers"]:
        lines.append(f"Who speaks when: {found['speakers']}")
    if made:
        lines.append(f"Transcribed by: {made}{', ' + found['model'] if found['model'] else ''}")
    if found["recording"]:
        lines.append(f"Recording: {found['recording']['name']}, SHA-256 {found['recording']['sha256']}")
    lines += [f"{label}: {detail}" for label, detail in details]
    lines += [f"{hearing['model']} hears: {hearing['heard'] or 'nothing'}" for hearing in found["hearings"]]
    return visible("\n   ".join("\n".join(lines).splitlines())) + "\n"
