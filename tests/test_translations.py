"""Translations stand beside the words they were made of, and are told from them wherever they are shown."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from ingest.transcribing.recordings import Request
from kb.catalogue import Source
from kb.citations import find_style
from kb.exports.gathering import export_quotes
from kb.knowledge_base import KnowledgeBase
from kb.outputs import USUAL_STYLE, ExportFormat
from kb.types import OTHER_LANGUAGE, Episode, Remark, Segment, Transcript
from kb.web.ask.cards import quote_html
from kb.web.background.worker import Worker
from kb.web.reader.page import reader_html
from kb.web.reader.translating import add_translating

from .sounds import READING

ANN = "Die Tore standen die ganze Nacht offen."
BO = "Niemand hat sie geschlossen."
MEANT = "The <b>gates</b> stood open all night."
LABEL = "Machine translation by base"


def add(
    kb: KnowledgeBase,
    episode_id: str = "flut",
    language: str = "de",
    remarks: tuple[Remark, ...] = (),
    later: float = 0.0,
) -> None:
    spoken = ((1, 4, ANN, "Ann"), (5, 7, BO, "Bo"), (8, 11, ANN, "Ann"))
    said = tuple(Segment(start + later, end + later, words, speaker) for start, end, words, speaker in spoken)
    episode = Episode(episode_id, "Show", "Die Flut", language=language, audio=str(READING))
    kb.add(
        episode,
        Transcript(said, language, "machine", "faster-whisper", "base", remarks=remarks),
        Source(episode_id, "a"),
    )


def keep(kb: KnowledgeBase, text: str = MEANT, language: str = "de", doubtful: bool = False) -> None:
    """Keep the translation of the first paragraph that lacks one."""
    first = kb.translations.missing("flut")[0]
    kb.translations.keep("flut", first, text, language, engine="faster-whisper", model="base", doubtful=doubtful)


@pytest.fixture
def flood(kb: KnowledgeBase) -> KnowledgeBase:
    """A library with a German episode of three turns, of which the first is translated."""
    add(kb)
    kb.sync()
    keep(kb)
    return kb


def starts(kb: KnowledgeBase) -> list[float | None]:
    return [each.start for each in kb.translations.missing("flut")]


def test_a_translation_belongs_to_its_words_at_their_time(flood: KnowledgeBase) -> None:
    (first,) = flood.translations.of("flut")
    assert (first.paragraph.words, first.paragraph.start, first.text) == (ANN, 1.0, MEANT)
    assert (first.is_current, first.label) == (True, LABEL)
    assert starts(flood) == [5.0, 8.0]  # the same words were said again later, and are not translated there
    flood.corrections.edit(replace(flood.episode("flut")), {"Ann": "Ann Lee"})
    assert flood.current("flut").number == 2
    assert [each.is_current for each in flood.translations.of("flut")] == [True]


def test_a_correction_puts_a_translation_out_of_date_until_it_is_made_anew(flood: KnowledgeBase) -> None:
    keep(flood, "Nobody closed them.")
    flood.corrections.correct("flut", 1, 1, "Niemand hat sie verschlossen.", "Jo", ["Bo"], 1)
    _, old = flood.translations.of("flut")
    assert (old.is_current, old.text) == (False, "Nobody closed them.")
    assert old.label == f"{LABEL} (out of date: the words were corrected since)"
    assert [each.is_current for each in flood.translations.of("flut", 1)] == [
        True
    ] * 2  # the older revision's own words
    assert starts(flood) == [5.0, 8.0]
    keep(flood, "Nobody locked them.", doubtful=True)
    _, new = flood.translations.of("flut")
    assert (new.is_current, new.text, new.label) == (True, "Nobody locked them.", f"{LABEL} (the model was unsure)")


@pytest.mark.parametrize("later", [-0.5, 4.0, 90.0])
def test_translations_move_with_their_words(flood: KnowledgeBase, later: float) -> None:
    keep(flood, "Nobody closed them.")
    add(flood, later=later)
    assert flood.current("flut").number == 2
    found = [(each.paragraph.words, each.text, each.is_current) for each in flood.translations.of("flut")]
    assert found == [(ANN, MEANT, True), (BO, "Nobody closed them.", True)]
    assert starts(flood) == [8.0 + later]
    keep(flood, "The gates, again.")
    add(flood, later=2 * later + 5)
    assert starts(flood) == []
    assert [each.text for each in flood.translations.of("flut")] == [MEANT, "Nobody closed them.", "The gates, again."]


def test_words_said_twice_at_one_time_have_one_translation(kb: KnowledgeBase) -> None:
    said = (Segment(1, 4, "Ja.", "Ann"), Segment(1, 4, "Ja.", "Bo"), Segment(5, 6, "Ja.", "Ann"))
    kb.add(Episode("flut", "Show", "Die Flut"), Transcript(said, "de", "machine"), Source("flut", "a"))
    keep(kb, "Yes.")
    assert starts(kb) == [5.0]
    assert [each.text for each in kb.translations.of("flut")] == ["Yes."] * 2
    keep(kb, "Sure.")
    assert [each.text for each in kb.translations.of("flut")] == ["Yes.", "Yes.", "Sure."]


def test_an_older_translation_does_not_stand_where_its_words_no_longer_are(flood: KnowledgeBase) -> None:
    """With an advertisement of four seconds more, others speak when the first words were said."""
    said = (Segment(1, 4, "Und nun die Werbung.", "Bo"), Segment(5, 8, ANN, "Ann"))
    episode = flood.episode("flut")
    flood.add(episode, Transcript(said, "de", "machine"), Source("flut", "b"))
    ((paragraph, text),) = [(each.paragraph.words, each.text) for each in flood.translations.of("flut")]
    assert (paragraph, text) == (ANN, MEANT)
    assert starts(flood) == [1.0]


def test_what_was_spoken_in_english_is_done_and_not_shown(flood: KnowledgeBase) -> None:
    keep(flood, "", "en")
    assert starts(flood) == [8.0]
    assert len(flood.translations.of("flut")) == 1


def test_a_translation_goes_with_its_episode(flood: KnowledgeBase) -> None:
    flood.remove("flut")
    add(flood)
    assert starts(flood) == [1.0, 5.0, 8.0]


def test_it_is_neither_searched_nor_quoted(flood: KnowledgeBase) -> None:
    assert not flood.ask("Which gates stood open all night?").answered
    assert all("gates" not in hit.text for hit in flood.search("gates stood open"))
    assert "gates" not in flood.text("flut")


def test_a_card_tells_it_from_the_speakers_words(flood: KnowledgeBase) -> None:
    first, second = (flood.quote(f"flut@1:{start}-{start + len(text)}") for start, text in ((0, ANN), (40, BO)))
    html = str(quote_html(first, flood.context(first)))
    assert (
        f'{LABEL}, of the passage with the quote: <span lang="en" dir="ltr">The &lt;b&gt;gates&lt;/b&gt; stood' in html
    )
    assert html.index(ANN) < html.index(LABEL)
    assert LABEL not in str(quote_html(second, flood.context(second)))


def test_exports_print_it_below_the_quote(flood: KnowledgeBase) -> None:
    flood.collections.save("Flut", f"flut@1:0-{len(ANN)}")
    saved, style = flood.collections.quotes("Flut"), find_style(USUAL_STYLE)
    for form in (ExportFormat.MARKDOWN, ExportFormat("zip")):
        file = io.BytesIO()
        export_quotes(flood, "Flut", saved, form, style, file)
        if form == ExportFormat.MARKDOWN:
            printed = file.getvalue().decode()
            assert printed.index(ANN) < printed.index(f"{LABEL}, of the passage with the quote")
            continue
        with zipfile.ZipFile(file) as archive:
            (quote,) = json.loads(archive.read("manifest.json"))["quotes"]
            assert LABEL in archive.read("README.txt").decode()
        (told,) = quote["translations"]
        assert (quote["text"], told["text"], told["label"], told["model"]) == (ANN, MEANT, LABEL, "base")


def test_a_damaged_transcript_costs_a_collection_only_the_translation(flood: KnowledgeBase) -> None:
    flood.collections.save("Flut", f"flut@1:0-{len(ANN)}")
    with flood.catalogue._database.transaction() as sql:
        sql.execute("UPDATE revisions SET text = replace(text, 'Tore', 'Tiere')")
    (saved,) = flood.collections.quotes("Flut")
    assert (saved.quote.text, saved.standing.kind, saved.translations) == (ANN, "damaged", ())


def test_the_reader_shows_it_below_its_paragraph(flood: KnowledgeBase) -> None:
    html = str(reader_html(flood, "flut"))
    assert (
        f'<b>{LABEL}:</b> <span lang="en" dir="ltr">The &lt;b&gt;gates&lt;/b&gt; stood open all night.</span>' in html
    )
    assert html.count(LABEL) == 1
    assert html.index(ANN) < html.index(LABEL) < html.index(BO)
    assert "Translate the rest to English</button>" in html


@pytest.mark.parametrize(
    ("remarks", "offered"), [((), False), ((Remark("note", 5, 7, "", f"{OTHER_LANGUAGE}: 'de'."),), True)]
)
def test_the_button_is_there_only_where_another_language_is_spoken(
    kb: KnowledgeBase, remarks: tuple[Remark, ...], offered: bool
) -> None:
    add(kb, language="en", remarks=remarks)
    assert ("Translate to English</button>" in str(reader_html(kb, "flut"))) is offered


def test_the_button_queues_a_job_that_the_page_tells_of(flood: KnowledgeBase) -> None:
    app = FastAPI()
    add_translating(app, flood, Worker(flood))  # which was not started, so the job waits
    with TestClient(app) as client:
        answer = client.post("/episode/flut/translate", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/episode/flut")
    (job,) = flood.jobs.all()
    assert job.uri == "translate:flut"
    html = str(reader_html(flood, "flut"))
    assert "A translation waits in the queue. Load this page again to see it." in html
    assert "</button>" not in html[html.index("waits in the queue") : html.index('class="vb-tools"')]
    flood.jobs.fail(job, "No model <is> there.")
    html = str(reader_html(flood, "flut"))
    assert "The translation failed: No model &lt;is&gt; there." in html
    assert "Translate to English again</button>" in html


def test_only_a_transcript_that_holds_the_translation_alone_is_transcribed_anew() -> None:
    older, now = '{"task": "translate", "request": {"translate": true}}', '{"task": "transcribe", "request": {}}'
    assert Request(translate=True).wants_other_than(older)
    assert not Request().wants_other_than(older)
    assert not Request(translate=True).wants_other_than(now)
