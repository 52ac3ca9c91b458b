"""The log of questions, where somebody asked for one: each question is an entry of the activity log."""

from __future__ import annotations

import logging
from collections.abc import Callable

from ..errors import VerbatimError
from ..translatable import Phrase, phrase, phrases
from ..types import Answer
from .activity import Activity

__all__ = ["LOGGED", "SUMMARISED", "QuestionLog", "asked_within"]


_UNANSWERED = phrase("asked (not answered)")


def _answered(count: int) -> Phrase:
    return phrases("asked (answered with %(count)s quote)", "asked (answered with %(count)s quotes)", count=count)


def _nearest(count: int) -> Phrase:
    return phrases(
        "asked (not surely answered, %(count)s quote shown as nearest)",
        "asked (not surely answered, %(count)s quotes shown as nearest)",
        count=count,
    )


def _found(count: int) -> Phrase:
    return phrases("searched (%(count)s passage)", "searched (%(count)s passages)", count=count)


def asked_within(count: int) -> Phrase:
    """Return what is logged of a question within one episode."""
    return phrases(
        "asked within an episode (%(count)s quote)", "asked within an episode (%(count)s quotes)", count=count
    )


SUMMARISED = phrase("asked for a summary")
#: What is logged, with any values, for a page that reads it from the log.
LOGGED = (_answered(2), _nearest(2), _UNANSWERED, _found(2), asked_within(2), SUMMARISED)


class QuestionLog:
    """Logs the questions of one server; without ``is_on`` it does nothing.

    ``is_on`` does not change while a server runs, because its pages say whether questions are logged. A setting that is
    turned off is heeded at once, one that is turned on at the next start. ``always`` logs whatever the setting says.
    """

    def __init__(self, activity: Activity, who: Callable[[], str], always: bool = False) -> None:
        self._activity = activity
        self._who = who
        self._always = always
        self.is_on = activity.can_add and (always or activity.logs_questions)

    def answered(self, question: str, answer: Answer, by: str | None = None) -> None:
        """Log a question, whether it was answered, and with how many quotes; ``by`` if ``who`` cannot know it."""
        count = len(answer.quotes)
        self.note(_answered(count) if answer.answered else _nearest(count) if count else _UNANSWERED, question, by)

    def found(self, query: str, count: int) -> None:
        """Log a search for passages, and how many it found."""
        self.note(_found(count), query)

    def note(self, what: str, question: str, by: str | None = None) -> None:
        """Log that somebody did ``what`` with a question."""
        if not self.is_on or not (self._always or self._activity.logs_questions):
            return
        try:
            # An assistant may send half a character, which no text of a database can hold.
            self._activity.note(by or self._who(), what, question.encode("utf-8", "replace").decode())
        except VerbatimError as error:  # the question itself is answered
            logging.getLogger(__name__).error("a question is not in the log: %s", error)
