"""The comparison of a saved quote with a second transcription, in words."""

from __future__ import annotations

from ..catalogue import HeardAgain, Revision
from ..revisions import Revisions
from ..timecode import clock

__all__ = ["first_label", "is_heard", "told"]

_WRITTEN, _CORRECTED = "the transcript", "the corrected transcript"


def first_label(revisions: Revisions, made: Revision) -> str:
    """Return the label of a transcript's words in a comparison: its model, if a machine made them. Words that a person
    has corrected no longer count as a recogniser's.
    """
    if made.origin != "machine":
        return _WRITTEN
    corrected = False
    for each in revisions.notes(made.episode_id):
        if each.number <= made.number:  # a revision that no person made counts as the recogniser's again
            corrected = each.correction is not None and (corrected or each.correction.what == "words")
    return _CORRECTED if corrected else made.model or made.engine or "the first hearing"


def is_heard(first: str) -> bool:
    """Return whether the words with the label ``first`` are a recogniser's."""
    return first not in (_WRITTEN, _CORRECTED)


def told(hearing: HeardAgain) -> str:
    """Return one sentence: two recognisers agree, or where they hear something else."""
    by = f"{hearing.model} ({', '.join(filter(None, (hearing.engine, hearing.language)))})"
    first = hearing.first
    says = "hears" if is_heard(first) else "says"
    if hearing.agrees:
        if not is_heard(first):
            return f"{by} hears every word as {first} says it."
        if hearing.model == first:
            return f"{by} hears every word as before."
        return f"Two recognisers agree on every word: {first} and {by}."
    differences = (
        f"at {clock(each.start)} {first} {says} {_quoted(each.first)} and {hearing.model} hears {_quoted(each.second)}"
        for each in hearing.differences
    )
    agreed = f"{by} hears {hearing.agreed} of {hearing.words} words as {first} {says} them"
    return f"{'; '.join((agreed, *differences))}."


def _quoted(text: str) -> str:
    return f"“{text}”" if text else "nothing"
