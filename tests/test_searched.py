"""What is told about a search besides its quotes: dates that nothing meets, what was left out, what was not read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kb.cli.printing import print_answer
from kb.knowledge_base import KnowledgeBase
from kb.questions.foreign import foreign_to
from kb.questions.query import MAX_QUESTION
from kb.types import Answer, Filters
from kb.web.ask.cards import answer_html

from .test_answering import take_in

TURNIPS = "Which farmers grow turnips every winter"
MILL = "Which old mill burned down in 1932?"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    """One episode with a date and two without; not to be changed."""
    with KnowledgeBase(tmp_path_factory.mktemp("library") / "home") as kb:
        take_in(
            kb,
            "The garden",
            ("Ann Lee", "The farmers of Kent grow turnips every winter."),
            published="2019-07-08",
        )
        take_in(kb, "The mill", ("Bob Ray", "The old mill of Dover burned down in 1932."))
        take_in(kb, "The river", ("Bob Ray", "The old bridge over the river was closed on Monday."))
        kb.sync()
        yield kb


@pytest.mark.parametrize(
    ("when", "told"),
    [
        ("in 2031", "No episode here is dated 2031."),
        ("on 3 May 1999", "No episode here is dated 3 May 1999."),
        ("in May 1999", "No episode here is dated 1 May 1999 to 31 May 1999."),
        ("since 2030", "No episode here is dated 1 January 2030 or later."),
        ("before 2001", "No episode here is dated 31 December 2000 or earlier."),
    ],
)
def test_a_date_that_no_episode_has_is_told_and_nothing_surely_answers(
    library: KnowledgeBase, when: str, told: str
) -> None:
    assert library.ask(f"{TURNIPS}?").verdict == "answers"
    answer = library.ask(f"{TURNIPS} {when}?")
    assert answer.verdict == "nearest"
    assert answer.searched.notes == (told,)


def test_a_date_that_is_met_or_spoken_of_is_not_told(library: KnowledgeBase) -> None:
    assert library.ask(f"{TURNIPS} in July 2019?").searched.notes == ()
    assert library.ask(MILL).searched.notes == ()
    assert library.ask(MILL).verdict == "answers"
    # A filter by date wins over the question's.
    dated = Filters(since="2019-01-01")
    assert library.ask(f"{TURNIPS} in 2031?", filters=dated).searched.notes == (
        "2 episodes without a date were left out.",
    )


def test_episodes_that_a_filter_leaves_out_for_want_of_a_date_are_counted(library: KnowledgeBase) -> None:
    left_out = "2 episodes without a date were left out."
    answer = library.ask(MILL, filters=Filters(since="2019-01-01"))
    assert answer.searched.notes == (left_out,)
    assert library.ask(f"{TURNIPS}?", filters=Filters(speakers=("Ann Lee",))).searched.notes == ()
    nothing = library.ask(MILL, filters=Filters(since="2031-01-01")).searched
    assert nothing.problem == f"Your filter leaves no passage to search; remove it. {left_out}"
    assert nothing.notes == ()
    both = Filters(since="2031-01-01", speakers=("Ann Lee",))
    assert library.why_nothing(both) == "Your filters leave no passage to search; remove one of them."


def test_quoted_words_that_no_passage_has_are_told(library: KnowledgeBase) -> None:
    answer = library.ask("Who said “farmer of Kent grows”?")
    assert answer.verdict == "none"
    assert answer.searched.notes == (
        "No passage has exactly these words: “farmer of Kent grows”. Ask without the quotation marks.",
    )
    assert library.ask("Who said “farmers of Kent grow”?").searched.notes == ()
    nothing = library.ask("Who said “farmer of Kent grows”?", filters=Filters(shows=("Nowhere",))).searched
    assert (nothing.passages, nothing.notes) == (0, ())  # the filters are why
    assert nothing.problem


def test_a_long_question_is_read_to_a_words_end_and_kept_as_asked(library: KnowledgeBase) -> None:
    asked = f"{TURNIPS}, {'and turnips ' * 200}and farmers?"
    answer = library.ask(asked)
    assert answer.question == asked
    assert answer.searched.unknown_words == ()
    assert answer.searched.notes == ("Only the first 2,000 characters of the question were read.",)
    assert len(library.reading(asked).query.text) <= MAX_QUESTION
    assert library.reading("x" * 3000).query.text == "x" * MAX_QUESTION


@pytest.mark.parametrize("question", ["????", '"', "the and of"])
def test_a_question_without_a_word_to_search_for_is_told_so(library: KnowledgeBase, question: str) -> None:
    answer = library.ask(question)
    assert answer.verdict == "none"
    assert answer.searched.problem == "Your question has no word to search for."


def test_a_question_in_another_language_is_told_so_without_its_common_words(library: KnowledgeBase) -> None:
    answer = library.ask("¿Qué dijo Bob Ray sobre el puente que está en el río?")
    assert answer.searched.notes == ("The question seems to be in another language than your library.",)
    assert set(answer.searched.unknown_words) == {"dijo", "puente", "río"}


@pytest.mark.parametrize(
    ("question", "languages", "foreign"),
    [
        ("Was hat er über den Hund gesagt?", ("en",), "de"),
        ("Was hat er über den Hund gesagt?", ("de",), None),
        ("Who sang La Bohème?", ("en",), None),
        ("What did he say of it?", ("de",), None),
        ("", ("en",), None),
    ],
)
def test_a_foreign_question_is_known_by_its_common_words(
    question: str, languages: tuple[str, ...], foreign: str | None
) -> None:
    assert foreign_to(question, languages) == foreign


def test_a_letter_with_a_sign_is_not_told_without_it(library: KnowledgeBase) -> None:
    assert library.ask("Which farmers grow turnips in F#?").searched.unknown_words == ()
    assert library.ask("Which farmers grow turnips in F?").searched.unknown_words == ("F",)


def test_a_name_is_not_said_in_these_episodes_only_where_some_are_shown(library: KnowledgeBase) -> None:
    answer = library.ask("Who sold Dover?", filters=Filters(speakers=("Ann Lee",)))
    shown: tuple[object, ...] = answer.quotes + answer.nearest
    assert (answer.verdict, shown) == ("none", ())
    assert answer.searched.unsaid_names == ()


def test_notes_are_on_the_page_and_in_the_terminal(library: KnowledgeBase, capsys: pytest.CaptureFixture[str]) -> None:
    def told(answer: Answer) -> tuple[str, str]:
        print_answer(answer)
        contexts = {quote.id: library.context(quote) for quote in answer.quotes + answer.nearest}
        return capsys.readouterr().out, answer_html(answer, contexts)

    for text in told(library.ask(f"{TURNIPS} in 2031?")):
        assert "No episode here is dated 2031." in text
    for text in told(library.ask("Who said “farmer of Kent grows”?")):
        assert "No passage has exactly these words" in text
