"""Late interaction over one encoder: a logit a sentence out of its tokens' cosines to the question's tokens.

ColBERT's maximal similarity (Khattab and Zaharia 2020, arXiv:2004.12832) per sentence, with learned weights of the
question's tokens, in the context of its passage. 0 is the logit of "nothing here answers". The mean of a text's tokens
is its vector, as in sentence-transformers' mean pooling, so that one pass over a passage gives all that search needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn.functional import normalize, pad
from transformers import AutoModel, BertConfig, BertModel

__all__ = [
    "CLS",
    "MOST_HEADING",
    "MOST_PASSAGE",
    "MOST_QUESTION",
    "MOST_SENTENCE",
    "NARROW",
    "SEP",
    "Reader",
    "Sentences",
    "Tokens",
    "padded",
]

CLS, SEP = 101, 102
#: Tokens of a question, a heading, a sentence and a passage that are read.
MOST_QUESTION, MOST_HEADING, MOST_SENTENCE, MOST_PASSAGE = 40, 40, 70, 224
#: What a token's vector is brought down to before tokens are compared: what the program keeps of each.
NARROW = 64
#: all-MiniLM-L6-v2's shape, where only its trained form is at hand.
_MINILM = {"hidden_size": 384, "num_hidden_layers": 6, "num_attention_heads": 12, "intermediate_size": 1536}
#: A batch is run in so many parts by length, so that short texts are not padded to the longest.
_PARTS = 3


class Reader(nn.Module):
    """The encoder, and the head's few weights."""

    def __init__(self, base: Path | None) -> None:
        """Begin from the model in ``base``; without one the encoder has no sense until a checkpoint is loaded."""
        super().__init__()
        self.encoder: nn.Module
        if base is None:
            self.encoder = BertModel(BertConfig(**_MINILM), add_pooling_layer=False)
        else:
            self.encoder = AutoModel.from_pretrained(str(base), add_pooling_layer=False)
        width = self.encoder.config.hidden_size
        #: Of the sentence's late interaction, its pooled cosine, its passage's late interaction, the late interaction
        #: with the sentence before it, and the constant.
        self.mix = nn.Parameter(torch.tensor([12.0, 4.0, 4.0, 2.0, -10.0]))
        self.weight, self.answer = nn.Linear(width, 1, bias=False), nn.Linear(width, 1, bias=False)
        self.narrow = nn.Linear(width, NARROW, bias=False)
        self.down_q, self.down_s = nn.Linear(width, 64, bias=False), nn.Linear(width, 64, bias=False)
        nn.init.zeros_(self.weight.weight)
        nn.init.zeros_(self.answer.weight)
        nn.init.normal_(self.down_q.weight, std=0.02)
        nn.init.zeros_(self.down_s.weight)

    def encode(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Return each token's vector, shape ``(texts, tokens, width)``, float32; short texts apart from long ones."""
        lengths = mask.sum(1)
        order = lengths.argsort()
        found = []
        for part in order.chunk(_PARTS):
            longest = int(lengths[part].max())
            tokens = self.encoder(input_ids=ids[part, :longest], attention_mask=mask[part, :longest]).last_hidden_state
            found.append(pad(tokens.float(), (0, 0, 0, ids.shape[1] - longest)))
        return torch.cat(found)[order.argsort()]

    def logits(self, questions: Tensor, mask: Tensor, sentences: Sentences) -> Tensor:
        """Return the logit of each sentence for each question, shape ``(questions, sentences)``."""
        asked, tokens, _ = questions.shape
        count, longest, _ = sentences.vectors.shape
        likeness = (
            normalize(self.narrow(questions), dim=-1).reshape(asked * tokens, NARROW)
            @ normalize(self.narrow(sentences.vectors), dim=-1).reshape(count * longest, NARROW).T
        )
        likeness = likeness.reshape(asked, tokens, count, longest)
        best = likeness.masked_fill((sentences.mask == 0)[None, None], -1.0).amax(3)
        weights = torch.softmax(self.weight(questions).squeeze(-1).masked_fill(mask == 0, -1e4), 1)
        late = torch.einsum("qt,qts->qs", weights, best)
        before = torch.cat([best[:, :, :1], best[:, :, :-1]], 2)
        pair = torch.maximum(best, torch.where(sentences.first[None, None], best, before))
        whole = torch.stack(
            [best[:, :, sentences.passage == i].amax(2) for i in range(int(sentences.passage.max()) + 1)], 2
        )[:, :, sentences.passage]
        asked_mean = (questions * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        said_mean = (sentences.vectors * sentences.mask[..., None]).sum(1) / sentences.mask.sum(1, keepdim=True).clamp(
            1
        )
        mix = self.mix
        return (
            mix[0] * late
            + mix[1] * (normalize(asked_mean, dim=-1) @ normalize(said_mean, dim=-1).T)
            + mix[2] * torch.einsum("qt,qts->qs", weights, whole)
            + mix[3] * torch.einsum("qt,qts->qs", weights, pair)
            + mix[4]
            + self.answer(said_mean).squeeze(-1)[None]
            + self.down_q(asked_mean) @ self.down_s(said_mean).T
        )


@dataclass(frozen=True, slots=True)
class Sentences:
    """The token vectors of all sentences of a batch of passages."""

    #: ``(sentences, tokens, width)`` and ``(sentences, tokens)``.
    vectors: Tensor
    mask: Tensor
    #: The number of each one's passage, and whether it is its first.
    passage: Tensor
    first: Tensor

    @classmethod
    def of(cls, tokens: Tensor, spans: Sequence[Sequence[tuple[int, int]]]) -> Sentences:
        """Cut the passages' ``tokens``, shape ``(passages, tokens, width)``, at each one's ``spans``."""
        rows = [(p, a, b, i == 0) for p, some in enumerate(spans) for i, (a, b) in enumerate(some)]
        longest = max(1, *(b - a for _, a, b, _ in rows))
        index = torch.zeros(len(rows), longest, dtype=torch.long)
        mask = torch.zeros(len(rows), longest)
        for row, (_, start, end, _) in enumerate(rows):
            index[row, : end - start] = torch.arange(start, end)
            mask[row, : max(1, end - start)] = 1  # one that was cut off has its passage's first token
        passage = torch.tensor([row[0] for row in rows])
        return cls(tokens[passage[:, None], index], mask, passage, torch.tensor([row[3] for row in rows]))


class Tokens:
    """Texts as numbers of their tokens; each distinct text is tokenised once."""

    def __init__(self, base: Path) -> None:
        self._tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._known: dict[str, list[int]] = {}

    def passage(self, sentences: Sequence[str], heading: str = "") -> tuple[list[int], list[tuple[int, int]]]:
        """Return the tokens of a passage, and where each sentence stands among them; nowhere if it is cut off."""
        found, spans = [CLS, *self._of(heading)[:MOST_HEADING]], []
        for sentence in sentences:
            tokens = self._of(sentence)[:MOST_SENTENCE][: max(0, MOST_PASSAGE - 1 - len(found))]
            spans.append((len(found), len(found) + len(tokens)))
            found += tokens
        return [*found, SEP], spans

    def question(self, text: str) -> list[int]:
        """Return the tokens of a question."""
        return [CLS, *self._of(text)[: MOST_QUESTION - 2], SEP]

    def _of(self, text: str) -> list[int]:
        if text not in self._known:
            self._known[text] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return self._known[text]


def padded(texts: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Return texts' tokens as one tensor, padded with 0, and its mask of 1 and 0."""
    longest = max(map(len, texts))
    ids = torch.zeros(len(texts), longest, dtype=torch.long)
    mask = torch.zeros(len(texts), longest, dtype=torch.long)
    for row, text in enumerate(texts):
        ids[row, : len(text)] = torch.tensor(text)
        mask[row, : len(text)] = 1
    return ids, mask
