"""An episode is translated from its sound by a real engine, as a job that goes on where it stood."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.files.sources import find_sources
from ingest.queue.batch import Listeners, ingest, work
from ingest.queue.translating import queue_translation
from ingest.transcribing.recordings import Request
from kb.cli.main import main
from kb.knowledge_base import KnowledgeBase
from kb.transcripts.timings import Timings
from kb.types import ImportResult

from .models.polyglot import SENTENCE, write_polyglot
from .models.tiny import ct2_folder
from .sounds import READING

pytestmark = [
    pytest.mark.slow,
    # three habits of openai-whisper that are ours to bear: see test_whisper.py
    pytest.mark.filterwarnings("ignore:__array_wrap__ must accept:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:unclosed file .*tiktoken:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:Exception ignored in.*tiktoken:pytest.PytestUnraisableExceptionWarning"),
]

CUES = "WEBVTT\n\n00:01.000 --> 00:06.000\n<v Ann>Die Tore standen offen.\n\n00:07.000 --> 00:13.000\n<v Bo>Das weiß niemand.\n"


@pytest.fixture(scope="module")
def polyglot(tmp_path_factory: pytest.TempPathFactory) -> Request:
    path = write_polyglot(tmp_path_factory.mktemp("polyglot"))
    return Request("whisper", str(path), "cpu", translate=True, beam_size=1)


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[Path]:
    """A German publisher's transcript beside its recording."""
    folder = tmp_path / "talk"
    folder.mkdir()
    (folder / "talk.opus").write_bytes(READING.read_bytes())
    (folder / "talk.vtt").write_text(CUES, "utf-8")
    (folder / "talk.json").write_text(json.dumps({"language": "de"}), "utf-8")
    return folder


def test_ingesting_keeps_the_words_and_translates_beside_them(kb: KnowledgeBase, talk: Path, polyglot: Request) -> None:
    (result,) = ingest(kb, find_sources([talk]), request=polyglot)
    assert (result.status, result.error) == ("added", None)
    assert "2 paragraphs were translated into English by polyglot.pt." in result.notes
    assert kb.text("talk") == "Die Tore standen offen.\n\nDas weiß niemand."
    assert kb.episode("talk").language == "de"
    found = kb.translations.of("talk")
    assert [(each.text, each.language, each.model, each.is_current) for each in found] == [
        (SENTENCE, "de", "polyglot.pt", True)
    ] * 2
    assert kb.jobs.all() == ()
    (again,) = ingest(kb, find_sources([talk]), request=polyglot)
    assert (again.status, again.notes) == ("unchanged", ())


def test_a_translation_that_was_stopped_goes_on_where_it_stood(
    kb: KnowledgeBase, talk: Path, polyglot: Request
) -> None:
    ingest(kb, find_sources([talk]))

    def stop(source: str, progress: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work(kb, [queue_translation(kb, "talk", polyglot)], Listeners(progress=stop))
    (first,) = kb.translations.of("talk")
    (job,) = kb.jobs.all()
    (result,) = work(kb, [job])
    assert result.notes == ("1 paragraph was translated into English by polyglot.pt.",)
    assert [each.paragraph.start for each in kb.translations.of("talk")] == [first.paragraph.start, 7.0]
    assert kb.jobs.all() == ()


def test_translating_again_goes_on_where_it_stood(kb: KnowledgeBase, talk: Path, polyglot: Request) -> None:
    ingest(kb, find_sources([talk]), request=polyglot)
    one, _ = kb.translations.of("talk")
    kb.translations.keep("talk", one.paragraph, "Older.", "de", engine="whisper", model="older")

    def stop(source: str, progress: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work(kb, [queue_translation(kb, "talk", polyglot, again=True)], Listeners(progress=stop))
    assert [each.text for each in kb.translations.of("talk")] == [SENTENCE] * 2  # the first is made anew
    assert queue_translation(kb, "talk", polyglot, again=True).request == kb.jobs.all()[0].request
    (result,) = work(kb, [queue_translation(kb, "talk", polyglot, again=True)])
    assert result.notes == ("1 paragraph was translated into English by polyglot.pt.",)
    (result,) = work(kb, [queue_translation(kb, "talk", polyglot, again=True)])
    assert result.notes == ("2 paragraphs were translated into English by polyglot.pt.",)


def test_what_is_corrected_meanwhile_is_translated_too(kb: KnowledgeBase, talk: Path, polyglot: Request) -> None:
    ingest(kb, find_sources([talk]))

    def correct(source: str, progress: object) -> None:
        if kb.current("talk").number == 1:
            kb.corrections.correct("talk", 1, 0, "Die Türen standen offen.", "Jo", ["Ann"], 1)

    (result,) = work(kb, [queue_translation(kb, "talk", polyglot)], Listeners(progress=correct))
    assert result.notes == ("3 paragraphs were translated into English by polyglot.pt.",)
    assert [(each.paragraph.words, each.is_current) for each in kb.translations.of("talk")] == [
        ("Die Türen standen offen.", True),
        ("Das weiß niemand.", True),
    ]


def test_an_episode_that_is_removed_takes_its_job_along(kb: KnowledgeBase, talk: Path, polyglot: Request) -> None:
    ingest(kb, find_sources([talk]))
    queue_translation(kb, "talk", polyglot)
    kb.remove("talk")
    assert kb.jobs.all() == ()


@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_the_translation_of_an_episode_that_is_gone_ends_with_a_sentence(
    kb: KnowledgeBase, talk: Path, polyglot: Request, when: str
) -> None:
    ingest(kb, find_sources([talk]))
    job = queue_translation(kb, "talk", polyglot)
    if when == "before":
        kb.remove("talk")
        kb.jobs.enqueue([(job.uri, job.request)])  # as one that an older Verbatim left

    def remove(source: str, progress: object) -> None:
        kb.remove("talk")

    (result,) = work(kb, [job], Listeners(progress=remove))
    assert (result.status, result.error) == ("unchanged", None)
    assert result.notes == ("talk was removed from the library, so its translation ended.",)
    assert (kb.jobs.all(), kb.episodes()) == ((), ())


def test_a_cluster_is_not_asked_to_translate(talk: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = tmp_path / "home"
    with pytest.raises(SystemExit) as end:
        main(["--home", str(home), "ingest", str(talk), "--translate", "--cluster", "127.0.0.1:1"])
    assert end.value.code == 2
    assert capsys.readouterr().err == (
        "kb: A cluster does not translate; leave --translate out, then use 'kb episodes translate ID'.\n"
    )
    assert not home.exists()


def test_an_english_model_is_refused_and_the_words_stay(kb: KnowledgeBase, talk: Path) -> None:
    english = Request(model=str(ct2_folder()), device="cpu", translate=True, beam_size=1)
    (result,) = ingest(kb, find_sources([talk]), request=english)
    assert result.status == "failed"
    assert "it is in the library, but could not be translated: The model tiny-segment-ct2 knows only English" in (
        result.error or ""
    )
    assert kb.text("talk") == "Die Tore standen offen.\n\nDas weiß niemand."
    (job,) = kb.jobs.all()  # to be done again with another model
    assert (job.uri, job.state) == ("translate:talk", "failed")


def test_an_english_model_is_refused_before_it_transcribes(kb: KnowledgeBase, talk: Path) -> None:
    english = Request(model=str(ct2_folder()), device="cpu", translate=True, beam_size=1)
    alone = talk / "alone.opus"
    alone.write_bytes((talk / "talk.opus").read_bytes())
    heard: list[object] = []
    (result,) = ingest(kb, [alone], request=english, listeners=Listeners(progress=lambda *told: heard.append(told)))
    assert (result.status, heard) == ("failed", [])
    assert "knows only English and does not translate; use a larger one." in (result.error or "")


def test_the_command_translates_and_prints_both(
    kb: KnowledgeBase, talk: Path, polyglot: Request, capsys: pytest.CaptureFixture[str]
) -> None:
    ingest(kb, find_sources([talk]))
    more = ["--engine", "whisper", "--model", str(polyglot.model), "--beam-size", "1"]

    def said(*arguments: str) -> str:
        with pytest.raises(SystemExit) as end:
            main(["--home", str(kb.home), "episodes", "translate", "talk", *arguments])
        assert end.value.code in (0, None)
        return capsys.readouterr().out

    out = said(*more)
    assert f"0:07 Bo (de): Das weiß niemand.\nMachine translation by polyglot.pt: {SENTENCE}" in out
    rows = json.loads(said("--json"))  # no model is needed to show what is translated
    assert [(row["text"], row["translation"], row["language"], row["current"]) for row in rows] == [
        ("Die Tore standen offen.", SENTENCE, "de", True),
        ("Das weiß niemand.", SENTENCE, "de", True),
    ]


def test_an_episode_without_a_recording_says_so(
    kb: KnowledgeBase, talk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (talk / "talk.opus").unlink()
    ingest(kb, find_sources([talk]))
    assert kb.episode("talk").audio is None
    with pytest.raises(SystemExit) as end:
        main(["--home", str(kb.home), "episodes", "translate", "talk"])
    assert end.value.code == 1
    assert capsys.readouterr().err == "kb: talk has no recording, and a translation is made from the sound.\n"


def test_the_library_says_that_an_episode_is_translated(kb: KnowledgeBase, talk: Path, polyglot: Request) -> None:
    """It said "translation of talk was in already": what a job returns names its source otherwise than its address."""
    from kb.web.library.adding import _done

    ingest(kb, find_sources([talk]))
    (done,) = (_done(each, kb) for each in work(kb, [queue_translation(kb, "talk", polyglot)]))
    assert (done.name, done.episode_id, done.became) == ("talk", "talk", "is translated into English")
    # Where only the times moved, the translation moved with them.
    before = kb.canonical("talk")
    spans = [replace(span, start=span.start + 30, end=span.end + 30) for span in before.timings.spans()]
    turns = tuple(replace(t, start=(t.start or 0) + 30, end=(t.end or 0) + 30) for t in before.turns)
    kb.revisions.write(kb.episode("talk"), replace(before, turns=turns, timings=Timings.from_spans(spans)))
    kb.corrections.edit(replace(kb.episode("talk"), title="The flood"))
    (done,) = (_done(each, kb) for each in work(kb, [queue_translation(kb, "talk", polyglot)]))
    assert (done.name, done.episode_id, done.became) == ("The flood", "talk", "was translated already")
    (result,) = work(kb, [queue_translation(kb, "talk", polyglot)])
    kb.remove("talk")
    gone = _done(result, kb)
    assert (gone.name, gone.episode_id, gone.became) == ("talk", None, "was cancelled")


def test_a_file_that_is_called_like_a_translation_is_a_source(kb: KnowledgeBase) -> None:
    from kb.web.library.adding import _done

    done = _done(ImportResult("/in/translation of talk", "translation-of-talk", "added"), kb)
    assert (done.name, done.became) == ("translation of talk", "is in")
