"""What goes before questions and passages: what the model's file says, else what its card is known to ask."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.embedding.prompts import Prompts, prompts_of

BGE = "Represent this sentence for searching relevant passages: "
CONFIG = "config_sentence_transformers.json"


@pytest.mark.parametrize(
    ("name", "query", "passage"),
    [
        ("all-MiniLM-L6-v2", "", ""),
        ("sentence-transformers/all-mpnet-base-v2", "", ""),
        ("BAAI/bge-small-en-v1.5", BGE, ""),
        ("BAAI/bge-large-en", BGE, ""),
        ("BAAI/bge-base-zh-v1.5", "为这个句子生成表示以用于检索相关文章：", ""),
        ("BAAI/bge-m3", "", ""),
        ("intfloat/e5-small-v2", "query: ", "passage: "),
        ("intfloat/multilingual-e5-large", "query: ", "passage: "),
        ("intfloat/e5-mistral-7b-instruct", "Instruct: ", ""),
        ("intfloat/multilingual-e5-large-instruct", "Instruct: ", ""),
        ("thenlper/gte-base", "", ""),
        ("Alibaba-NLP/gte-modernbert-base", "", ""),
        ("nomic-ai/nomic-embed-text-v1.5", "search_query: ", "search_document: "),
        ("nomic-ai/modernbert-embed-base", "search_query: ", "search_document: "),
        ("mixedbread-ai/mxbai-embed-large-v1", BGE, ""),
        ("Snowflake/snowflake-arctic-embed-m", BGE, ""),
        ("Snowflake/snowflake-arctic-embed-m-v1.5", BGE, ""),
        ("Snowflake/snowflake-arctic-embed-m-v2.0", "", ""),
        ("/media/usb/BGE-small-en-v1.5/", BGE, ""),
        ("~nobody-of-that-name/e5-base", "query: ", "passage: "),
        ("somebody/my-e5-notes", "", ""),
        ("", "", ""),
    ],
)
def test_known_models_get_what_their_cards_ask(tmp_path: Path, name: str, query: str, passage: str) -> None:
    found = prompts_of(name, tmp_path)
    assert found.passage == passage
    assert found.query == query or (query == "Instruct: " and found.query.startswith(query))


@pytest.mark.parametrize(
    ("prompts", "query", "passage"),
    [
        ({"query": "question: ", "document": "text: "}, "question: ", "text: "),
        ({"query": "question: ", "passage": "text: "}, "question: ", "text: "),
        ({"query": "question: ", "document": "", "passage": "text: "}, "question: ", "text: "),
        ({"query": None, "corpus": "text: "}, "", "text: "),
        ({"query": "q" * 3_000, "passage": 7, "document": ["x"], "corpus": "c: "}, "", "c: "),
    ],
)
def test_what_the_models_file_says_goes_first(tmp_path: Path, prompts: object, query: str, passage: str) -> None:
    (tmp_path / CONFIG).write_text(json.dumps({"prompts": prompts}))
    assert prompts_of("BAAI/bge-small-en", tmp_path) == Prompts(query, passage)


@pytest.mark.parametrize("prompts", [{}, {"query": "", "document": ""}, {"query": None}, None, [], "x"])
def test_a_file_that_says_nothing_leaves_it_to_the_table(tmp_path: Path, prompts: object) -> None:
    (tmp_path / CONFIG).write_text(json.dumps({"prompts": prompts, "similarity_fn_name": "cosine"}))
    assert prompts_of("BAAI/bge-small-en", tmp_path) == Prompts(BGE)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(name=st.text(max_size=30), said=st.binary(max_size=40) | st.just(b"[" * 100_000))
def test_any_name_and_file_give_prompts(tmp_path: Path, name: str, said: bytes) -> None:
    (tmp_path / CONFIG).write_bytes(said)
    assert isinstance(prompts_of(name, tmp_path), Prompts)
