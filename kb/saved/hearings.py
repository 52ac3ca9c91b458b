"""The comparison of a saved quote with a second transcription, in words."""

from __future__ import annotations

from ..catalogue import HeardAgain, HeardOtherwise, Revision
from ..revisions import Revisions
from ..timecode import clock
from ..translatable import joined, phrase

__all__ = ["first_label", "is_heard", "told"]

_WRITTEN, _CORRECTED = phrase("the transcript"), phrase("the corrected transcript")
#: Labels that come back from the catalogue as plain text.
_LABELS: dict[str, str] = {label: label for label in (_WRITTEN, _CORRECTED, phrase("the first hearing"))}


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
    first = _LABELS.get(hearing.first, hearing.first)
    if hearing.agrees:
        if not is_heard(first):
            return phrase("%(by)s hears every word as %(first)s says it.", by=by, first=first)
        if hearing.model == first:
            return phrase("%(by)s hears every word as before.", by=by)
        return phrase("Two recognisers agree on every word: %(first)s and %(by)s.", first=first, by=by)
    # Not with commas between thousands: these were stable in exports before they were translated.
    agreed, words = str(hearing.agreed), str(hearing.words)
    if is_heard(first):
        told = phrase(
            "%(by)s hears %(agreed)s of %(words)s words as %(first)s hears them",
            by=by,
            agreed=agreed,
            words=words,
            first=first,
        )
    else:
        told = phrase(
            "%(by)s hears %(agreed)s of %(words)s words as %(first)s says them",
            by=by,
            agreed=agreed,
            words=words,
            first=first,
        )
    differences = [_difference(each, first, hearing.model) for each in hearing.differences]
    return joined("", (joined("; ", (told, *differences)), "."))


def _difference(each: HeardOtherwise, first: str, model: str) -> str:
    time, one, other = clock(each.start), _quoted(each.first), _quoted(each.second)
    if is_heard(first):
        return phrase(
            "at %(time)s %(first)s hears %(one)s and %(model)s hears %(other)s",
            time=time,
            first=first,
            one=one,
            model=model,
            other=other,
        )
    return phrase(
        "at %(time)s %(first)s says %(one)s and %(model)s hears %(other)s",
        time=time,
        first=first,
        one=one,
        model=model,
        other=other,
    )


def _quoted(text: str) -> str:
    return phrase("“%(words)s”", words=text) if text else phrase("nothing")
