"""The training of the built-in model, whole, on a made-up language: its sources' formats in, a model's folder out."""

from __future__ import annotations

import gzip
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from kb.embedding import StaticEmbedder
from tests.conftest import ROOT

_SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprtv" for vowel in "aeiou"][:48]
_WORDS = [f"{one}{other}n" for one in _SYLLABLES for other in _SYLLABLES if one != other]
random.Random(0).shuffle(_WORDS)
#: Words that stand together, and never beside those of another subject.
SUBJECTS = [_WORDS[place : place + 20] for place in range(0, 1_200, 20)]
UNSEEN = "zuzu"
_FILES = ("0_StaticEmbedding/model.safetensors", "0_StaticEmbedding/tokenizer.json")

_TRAIN = "from training.embedding.__main__ import main; main()"
_EMBED = """
import json, os
import numpy as np
from sentence_transformers import SentenceTransformer
model = SentenceTransformer(os.environ["MODEL"], device="cpu", local_files_only=True)
np.save(os.environ["VECTORS"], model.encode(json.loads(os.environ["TEXTS"])))
"""
_WITHOUT_TORCH = """
import os, sys
from pathlib import Path
from kb.embedding import StaticEmbedder
StaticEmbedder(Path(os.environ["MODEL"])).embed_passages(["a text"])
print([name for name in ("torch", "scipy", "transformers", "sentence_transformers") if name in sys.modules])
"""


def sentence(drawn: random.Random, subject: Sequence[str], ending: str = ".") -> str:
    return " ".join(drawn.choices(subject, k=9)).capitalize() + ending


def told(drawn: random.Random, subject: Sequence[str], sentences: int) -> str:
    return " ".join(sentence(drawn, subject) for _ in range(sentences))


def write_transcripts(folder: Path, drawn: random.Random) -> None:
    folder.mkdir(parents=True)
    for number, subject in enumerate(SUBJECTS):
        turns = []
        for _ in range(3):
            turns.append(f"**Ann Lee:** {told(drawn, subject, 2)} {sentence(drawn, subject, '?')}")
            turns.append(f"**Bob Ray:** {told(drawn, subject, 8)}")
        (folder / f"episode-{number}.md").write_text("\n\n".join(turns) + "\n")


def sections(drawn: random.Random) -> Iterator[object]:
    for subject in SUBJECTS:
        part = {"title": " ".join(subject[:3]), "paras": [told(drawn, subject, 8), told(drawn, subject, 8)]}
        yield {
            "objs": [f"Explain {' '.join(subject[:4])}"],
            "sections": [part],
            "qa": [[sentence(drawn, subject, "?"), told(drawn, subject, 1)]],
            "gloss": [[subject[0], told(drawn, subject[1:], 1)]],
        }


def articles(drawn: random.Random) -> Iterator[object]:
    for subject in SUBJECTS:
        yield {"qa": [[sentence(drawn, subject, "?"), told(drawn, subject, 6)]]}


def write_lines(file: Path, values: Iterator[object]) -> None:
    file.parent.mkdir(exist_ok=True)
    with gzip.open(file, "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(value) + "\n" for value in values)


def write_wordnet(folder: Path, drawn: random.Random) -> None:
    """Write a database of nouns (see wndb(5WN)): two synonyms a subject, under the subject before it."""
    folder.mkdir()
    for name in ("noun", "verb", "adj", "adv"):
        for file in (f"data.{name}", f"index.{name}", f"{name}.exc"):
            (folder / file).write_text("  1 A licence that goes with every copy.\n" if file.startswith("data") else "")
    data, index = [], []
    for number, subject in enumerate(SUBJECTS, start=1):
        above = f"001 @ {max(1, number - 1):08} n 0000"
        gloss = f'{told(drawn, subject, 1)}; "{sentence(drawn, subject)}"'
        data.append(f"{number:08} 03 n 02 {subject[0]} 0 {subject[1]} 0 {above} | {gloss}\n")
        index += [f"{word} n 1 1 @ 1 0 {number:08}\n" for word in subject[:2]]
    with (folder / "data.noun").open("a") as file:
        file.writelines(data)
    (folder / "index.noun").write_text("".join(sorted(index)))


def write_glove(file: Path) -> None:
    """Write vectors of most words, those of a subject near each other."""
    drawn = np.random.default_rng(0)
    vectors = {}
    for subject in SUBJECTS:
        centre = drawn.standard_normal(100)
        vectors |= {word: (centre + drawn.standard_normal(100)).round(4).tolist() for word in subject[:15]}
    file.write_text(json.dumps({"words": list(vectors), "vectors": vectors}))


def python(program: str, *arguments: str | Path, **variables: str) -> str:
    """Run a program in a process of its own and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1", **variables},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def texts() -> list[str]:
    drawn = random.Random(7)
    return [told(drawn, subject, 2) for subject in SUBJECTS] + [UNSEEN, "", "Ça, İstanbul — 李雷!"]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> Path:
    """A folder with the model of two trainings, ``one`` and ``other``, and sentence-transformers' vectors by ``one``."""
    folder, drawn = tmp_path_factory.mktemp("training"), random.Random(1)
    write_transcripts(folder / "data" / "changelog" / "show", drawn)
    write_lines(folder / "data" / "training" / "openstax-cc-by.jsonl.gz", sections(drawn))
    write_lines(folder / "data" / "training" / "medquad.jsonl.gz", articles(drawn))
    write_wordnet(folder / "wordnet", drawn)
    write_glove(folder / "glove.json")
    sources = ["--data", folder / "data", "--wordnet", folder / "wordnet", "--glove", folder / "glove.json"]
    options = [*sources, "--steps", "3", "--seed", "3", "--out"]
    told_of = {"MODEL": str(folder / "one"), "VECTORS": str(folder / "vectors.npy"), "TEXTS": json.dumps(texts)}
    python(_TRAIN, *options, folder / "one", PYTHONHASHSEED="1")
    with ThreadPoolExecutor() as both:  # each spends seconds on its imports
        works = [
            both.submit(python, _TRAIN, *options, folder / "other", PYTHONHASHSEED="2"),
            both.submit(python, _EMBED, **told_of),
        ]
        for work in works:
            work.result()
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("file", _FILES)
def test_the_same_seed_gives_the_same_model_byte_for_byte(trained: Path, file: str) -> None:
    assert (trained / "one" / file).read_bytes() == (trained / "other" / file).read_bytes()


@pytest.mark.slow
def test_it_loads_without_what_trained_it(trained: Path) -> None:
    assert python(_WITHOUT_TORCH, MODEL=str(trained / "one")) == "[]\n"


@pytest.mark.slow
def test_sentence_transformers_gives_the_same_vectors(trained: Path, texts: list[str]) -> None:
    ours = StaticEmbedder(trained / "one").embed_passages(texts)
    assert ours.shape == (len(texts), 256)
    assert not ours[texts.index(UNSEEN)].any()
    assert np.allclose(np.load(trained / "vectors.npy"), ours, atol=1e-5)


@pytest.mark.slow
def test_it_has_learnt_what_belongs_together(trained: Path) -> None:
    embedder = StaticEmbedder(trained / "one")
    drawn = random.Random(9)
    asked = embedder.embed_questions([" ".join(subject[:10]) for subject in SUBJECTS])
    answers = embedder.embed_passages([told(drawn, subject[10:], 2) for subject in SUBJECTS])  # in other words
    found = (asked @ answers.T).argmax(axis=1)
    assert (found == np.arange(len(SUBJECTS))).mean() > 0.9


@pytest.mark.slow
def test_the_licence_of_wordnet_goes_with_it(trained: Path) -> None:
    assert (trained / "one" / "LICENSE-WordNet").read_text() == "A licence that goes with every copy.\n"
