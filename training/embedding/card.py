"""The model card that lies beside the vectors: what they were made of, how, under which licences."""

from __future__ import annotations

__all__ = ["model_card"]

_CARD = """\
---
license: cc-by-sa-4.0
language: en
library_name: sentence-transformers
pipeline_tag: sentence-similarity
---

# verbatim-static

Verbatim's built-in embedding: a static one, in which a text's vector is the weighted sum of its words' vectors. It finds
passages that say in other words what a question asks. English; of other languages it knows names and loan words.

| | |
|---|---|
| vectors | {rows:,} of {dimension} numbers, int8 with a scale each; the first {short} numbers work by themselves |
| vocabulary | {tokens:,} tokens: words, forms of a word sharing a vector, and pieces for unseen words |
| trained with | `python -m training.embedding --seed {seed} ...`, {minutes:.0f} minutes on one core |

`SentenceTransformer("this folder")` gives the same vectors as Verbatim's own loader, which needs neither torch nor
sentence-transformers. The tensors `embeddings`, `mapping` and `weights` are model2vec's.

## Made from

| source | licence | used for |
|---|---|---|
| [Changelog podcast transcripts](https://github.com/thechangelog/transcripts), (c) Changelog Media LLC; without `bigtent`, some episodes held out | CC BY-SA 4.0 | sentences and their passages, questions and answers |
| [MedQuAD](https://github.com/abachaa/MedQuAD), Ben Abacha and Demner-Fushman 2019 | CC BY 4.0 | questions and answers |
| OpenStax, *Introduction to Anthropology*, *Introduction to Business*, *Principles of Economics* | CC BY 4.0 | headings, objectives, glossaries, sentences and their passages |
| WordNet 3.0, (c) 2006 Princeton University | WordNet 3.0 licence | glosses, synonyms, examples |
| [GloVe](https://nlp.stanford.edu/projects/glove/) 6B, 100 dimensions, Pennington, Socher and Manning 2014 | Public Domain Dedication and License 1.0 | initial vectors, beside our own |

No text under a non-commercial licence was used, and none of the texts or questions that it is measured by. GloVe's
vectors, which their authors gave to the public, were made from Wikipedia and newswire (Gigaword); we had only the vectors. The vectors are shared under CC BY-SA 4.0, as the transcripts are.

WordNet's licence stands in full in [LICENSE-WordNet](LICENSE-WordNet).

## Figures

docs/embedding.md has them, with the commands that print them. Episodes that `bench/questions` asks about were kept from
training, and so was one in ten of the others.

## Limits

Unseen words, most of them names, say nothing in a text. A bag of words: it cannot tell "the dog bit the man" from "the man bit the dog", nor a claim from its denial. The
transcripts are about software, so its sense of words leans that way ("cell", "patch", "tree"). Words of one kind are
near each other whatever they say: "cabbage" and "turnip", "Monday" and "Tuesday".
"""


def model_card(rows: int, dimension: int, short: int, tokens: int, seed: int, minutes: float) -> str:
    """Return the card of a model of ``rows`` vectors and ``tokens`` tokens that was trained in ``minutes``."""
    return _CARD.format(rows=rows, dimension=dimension, short=short, tokens=tokens, seed=seed, minutes=minutes)
