"""Saved quotes keep their order, notes, tags and judgements, through corrections and removals of their episodes."""

from __future__ import annotations

import json
import random
import sqlite3
from dataclasses import replace

import pytest

from kb.catalogue import Source
from kb.cli import main
from kb.errors import NotFound, UsageError
from kb.inputs import checked_line, checked_lines, checked_name, checked_tags
from kb.knowledge_base import KnowledgeBase
from kb.saved.quotes import SavedQuote, Standing
from kb.types import Episode, Quote, Segment, Transcript

from .conftest import SEGMENT

SAID = ("Cabbages are cheaper than kings.", "Thank you.", "The queen is fond of cabbages.", "Thank you.", "Good night.")


def take_in(kb: KnowledgeBase, *said: str, speaker: str = "Ann Lee", title: str = "Cabbages") -> str:
    known = kb.catalogue.sources.find(title)
    segments = tuple(Segment(float(n), n + 1.0, text, speaker) for n, text in enumerate(said))
    episode = Episode(known[0] if known else "", "The Kitchen", title, published="2020-02-02")
    episode_id, _ = kb.add(episode, Transcript(segments), Source(title, title + "".join(said) + speaker))
    kb.sync()
    return episode_id


def quote_of(kb: KnowledgeBase, episode_id: str, text: str, nth: int = 0) -> Quote:
    whole, place = kb.text(episode_id), -1
    for _ in range(nth + 1):
        place = whole.index(text, place + 1)
    return kb.quote(f"{episode_id}@{kb.current(episode_id).number}:{place}-{place + len(text)}")


def saved(kb: KnowledgeBase, *quotes: Quote, name: str = "kitchen") -> tuple[SavedQuote, ...]:
    collection = kb.catalogue.collections.begin(name)[0]
    for quote in quotes:
        kb.catalogue.collections.add(collection, quote)
    return kb.collections.quotes(collection.name)


def test_quotes_keep_the_order_that_they_are_given(kb: KnowledgeBase) -> None:
    episode_id = take_in(kb, *(f"Sentence number {n} is here." for n in range(6)))
    quotes = [quote_of(kb, episode_id, f"Sentence number {n} is here.") for n in range(6)]
    saved(kb, *quotes)
    collections = kb.catalogue.collections
    collection = collections.get("KITCHEN")
    order, chance = [quote.id for quote in quotes], random.Random(1)
    for _ in range(60):
        picked, place = chance.choice(order), chance.randint(-1, 8)
        landed = collections.move(collection, picked, place)
        order.remove(picked)
        order.insert(landed - 1, picked)
        assert landed == min(max(1, place), 6)
        assert [each.quote.id for each in collections.quotes(collection)] == order
    collections.remove(collection, order[2])
    assert collections.move(collection, order[5], 99) == 5
    with pytest.raises(NotFound):
        collections.move(collection, order[2], 1)


def test_a_quote_is_saved_once_in_a_collection_and_in_many(kb: KnowledgeBase) -> None:
    quote = quote_of(kb, take_in(kb, *SAID), SAID[0])
    one, other = (kb.catalogue.collections.begin(name)[0] for name in ("one", "other"))
    assert kb.catalogue.collections.add(one, quote, "first", ["a", "b"])
    assert not kb.catalogue.collections.add(one, quote, "second")
    assert kb.catalogue.collections.add(other, quote)
    kb.catalogue.collections.annotate(one, quote.id, tags=("c",))
    (kept,) = kb.catalogue.collections.quotes(one)
    assert (kept.note, kept.tags) == ("first", ("c",))
    assert not kb.catalogue.collections.rename(one, "Other")
    assert kb.catalogue.collections.rename(one, "uno")
    kb.catalogue.collections.delete(other)
    assert [(each.name, each.quotes) for each in kb.catalogue.collections.all()] == [("uno", 1)]


def test_a_correction_re_anchors_equal_words_and_flags_changed_ones(kb: KnowledgeBase) -> None:
    episode_id = take_in(kb, *SAID)
    quotes = [quote_of(kb, episode_id, SAID[0]), quote_of(kb, episode_id, "Thank you.", 1)]
    quotes += [quote_of(kb, episode_id, SAID[2]), quote_of(kb, episode_id, SAID[4])]
    assert {each.standing.kind for each in saved(kb, *quotes)} == {"current"}
    take_in(kb, "Hello, all.", *SAID[:2], "The king is fond of cabbages.", "Thank you.")
    first, thanks, queen, night = kb.collections.quotes("kitchen")
    assert [each.quote for each in (first, thanks, queen, night)] == quotes  # in their own revision, as they were
    assert (first.standing.kind, first.standing.now and first.standing.now.text) == ("unchanged", SAID[0])
    assert thanks.standing.now == quote_of(kb, episode_id, "Thank you.", 1)
    assert (queen.standing.kind, queen.standing.now and queen.standing.now.text) == (
        "changed",
        "The king is fond of cabbages.",
    )
    assert "it now reads “The king is fond" in queen.standing.told(queen.quote)
    assert (night.standing.kind, night.standing.now) == ("deleted", None)


def test_other_speakers_are_told(kb: KnowledgeBase) -> None:
    episode_id = take_in(kb, *SAID)
    saved(kb, quote_of(kb, episode_id, SAID[0]))
    take_in(kb, *SAID, speaker="Bob Ray")
    (each,) = saved(kb)
    assert each.standing.kind == "unchanged"
    assert "but Bob Ray is now named as their speaker" in each.standing.told(each.quote)
    assert each.standing.now
    unknown = Standing("unchanged", replace(each.standing.now, speaker=None))
    assert "but nobody is now named as their speaker" in unknown.told(each.quote)


def test_a_removed_episode_leaves_its_words(kb: KnowledgeBase) -> None:
    episode_id = take_in(kb, *SAID)
    before = saved(kb, quote_of(kb, episode_id, SAID[0]))[0].quote
    kb.remove(episode_id)
    (each,) = saved(kb)
    assert (each.standing.kind, each.quote.text, each.quote.episode.title) == ("gone", before.text, "Cabbages")
    assert "no longer in the knowledge base" in each.standing.told(each.quote)
    take_in(kb, "Entirely other words were said on that day, and many more.", *SAID)
    (each,) = saved(kb)
    assert (each.standing.kind, each.quote.text) == ("gone", before.text)


def test_the_ledger_is_only_added_to(kb: KnowledgeBase) -> None:
    quote = quote_of(kb, take_in(kb, *SAID), SAID[0])
    assert saved(kb, quote)[0].status == "unheard"
    kb.catalogue.ledger.enter(quote, "heard", "Eve")
    kb.catalogue.ledger.enter(quote, "disputed", "Max", "He says “kinks”.")
    (each,) = saved(kb)
    assert [(entry.status, entry.by) for entry in each.history] == [("heard", "Eve"), ("disputed", "Max")]
    assert each.status == "disputed"
    kb.catalogue.collections.delete(kb.catalogue.collections.get("kitchen"))
    assert saved(kb, quote)[0].status == "disputed"  # the history outlives a collection
    with sqlite3.connect(kb.home / "catalogue.sqlite3") as sql:
        for change in ("UPDATE ledger SET by = 'Mallory'", "DELETE FROM ledger"):
            with pytest.raises(sqlite3.IntegrityError, match="only added to"):
                sql.execute(change)
    sql.close()


def test_what_is_typed_in_is_checked() -> None:
    assert checked_line("  my \n list ", "A name") == "my list"
    assert checked_lines("a\r\nb\x00\x1b[1mc\t", "A note") == "a\nb[1mc"
    assert checked_tags(["a", "b", "a"]) == ("a", "b")
    for wrong in ("", " \n", "x" * 81, "a\u202eb", "a\x00b"):
        with pytest.raises(UsageError):
            checked_line(wrong, "A name")
    for wrong in ("a/b", "..", ".", ""):
        with pytest.raises(UsageError):
            checked_name(wrong)
    with pytest.raises(UsageError):
        checked_tags(["a,b"])
    with pytest.raises(UsageError):
        checked_tags(f"t{n}" for n in range(31))
    with pytest.raises(UsageError):
        checked_lines("x" * 10_001, "A note")


def test_the_command_line_from_saving_to_the_ledger(
    corpus_kb: KnowledgeBase, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = f"{SEGMENT}@1:3188-3278", f"{SEGMENT}@1:0-30"

    def kb(*arguments: str, code: int = 0) -> str:
        with pytest.raises(SystemExit) as ended:
            main(["--home", str(corpus_kb.home), "saved", *arguments])
        told, wrong = capsys.readouterr()
        assert (int(ended.value.code or 0), bool(wrong)) == (code, code != 0), wrong
        assert len(wrong.splitlines()) <= 1
        return told or wrong

    assert "There are no collections yet" in kb()
    assert (
        kb("add", "dragnet", one, two, "--note", "For the lede", "--tag", "ICE")
        == f"saved      {one}\nsaved      {two}\n"
    )
    assert kb("add", "dragnet", one) == f"unchanged  {one}\n"
    kb("add", "dragnet", f"{SEGMENT}@9:1-2", code=1)
    kb("move", "dragnet", two, "1")
    kb("note", "dragnet", two, "line one\nline two")
    kb("tag", "dragnet", two, "DMV", "Utah")
    assert "Say who checked it" in kb("status", two, "heard", code=2)
    assert kb("status", two, "corrected", "--by", "Eve", "--remark", "a word").startswith(f"corrected  {two}\n")
    shown = json.loads(kb("show", "dragnet", "--json"))
    assert shown["quotes"] == 2
    assert [(i["quote"]["id"], i["note"], i["tags"], i["status"]) for i in shown["items"]] == [
        (two, "line one\nline two", ["DMV", "Utah"], "corrected"),
        (one, "For the lede", ["ICE"], "unheard"),
    ]
    assert shown["items"][0]["history"][0]["by"] == "Eve"
    assert "corrected by Eve: a word" in kb("show", "dragnet")
    kb("remove", "dragnet", one)
    kb("rename", "dragnet", "net")
    assert kb("list") == "net\t1 quote\n"
    kb("delete", "net", "--yes")
    assert "kb: There is no collection 'net'" in kb("show", "net", code=1)


def test_other_words_take_a_quotes_place_with_its_note_and_tags(kb: KnowledgeBase) -> None:
    episode_id = take_in(kb, *SAID)
    first, second = (quote_of(kb, episode_id, words) for words in (SAID[0], SAID[2]))
    for quote in (first, second):
        kb.collections.save("kitchen", quote.id, "A note", ("vegetables",))
    assert kb.collections.correct("kitchen", first.id) is None  # nothing was corrected
    take_in(kb, SAID[0], "Thank you.", "The queen is fond of kings.", "Thank you.", "Good night.")
    wanted = quote_of(kb, episode_id, "The queen is fond of kings.")
    assert kb.collections.correct("kitchen", second.id) == wanted
    found = kb.collections.quotes("kitchen")
    assert [(each.quote.id, each.note, each.tags) for each in found] == [
        (first.id, "A note", ("vegetables",)),
        (wanted.id, "A note", ("vegetables",)),
    ]
    other = quote_of(kb, take_in(kb, "Rain.", title="Weather"), "Rain.")
    for wrong, told in ((other.id, "another episode"), (first.id, "already")):
        with pytest.raises(UsageError, match=told):
            kb.collections.exchange("kitchen", wanted.id, wrong)
    with pytest.raises(NotFound):
        kb.collections.exchange("kitchen", second.id, wanted.id)
    assert kb.collections.exchange("kitchen", wanted.id, second.id)[1] == 2  # and back
    assert [each.quote for each in kb.collections.quotes("kitchen")] == [first, second]
