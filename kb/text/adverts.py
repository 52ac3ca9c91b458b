"""The sentences about advertisements that are stored with a transcript, and how a page gets them back as phrases."""

from __future__ import annotations

from ..translatable import Phrase, phrase, recognised

__all__ = ["advert_chapter", "advert_label", "as_advert", "not_written"]


def advert_label(label: str) -> Phrase:
    """Return why a turn is an advertisement: by the label of its speaker."""
    return phrase("The transcript names its speaker “%(label)s”.", label=label)


def advert_chapter(title: str) -> Phrase:
    """Return why a turn is an advertisement: by the title of its chapter."""
    return phrase("Its chapter is titled “%(title)s”.", title=title)


def not_written(seconds: str) -> Phrase:
    """Return what a stretch of a recording is that its transcript lacks."""
    return phrase(
        "%(seconds)s s of this recording are not in its transcript; probably an advertisement.", seconds=seconds
    )


def as_advert(stored: str) -> str:
    """Return such a sentence, which was stored as text, as a phrase that a page can translate."""
    return recognised(stored, (advert_label(""), advert_chapter(""), not_written("")))
