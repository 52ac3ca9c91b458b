"""Whisper's English tokenizer as the ``tokenizer.json`` that faster-whisper wants, from openai-whisper's own table.

openai-whisper ships ``gpt2.tiktoken``: tokens by rank, without the merges that a BPE tokenizer needs. Each
token's merge is found by replaying byte-pair encoding on it with the lower ranks only.
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = ["byte_letters", "english_tokenizer"]


def byte_letters() -> dict[int, str]:
    """Return the printable letter that GPT-2 writes for each byte (source: ``encoder.py`` of openai/gpt-2)."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    return {byte: chr(byte) for byte in printable} | {byte: chr(256 + index) for index, byte in enumerate(others)}


def english_tokenizer() -> Tokenizer:
    """Return a tokenizer with exactly the ids of ``whisper.tokenizer.get_tokenizer(False)``."""
    import whisper
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
    from whisper.tokenizer import get_tokenizer

    letters = byte_letters()
    table = Path(whisper.__file__).parent / "assets" / "gpt2.tiktoken"
    ranks = {base64.b64decode(token): int(rank) for token, rank in map(str.split, table.read_text().splitlines())}

    def written(token: bytes) -> str:
        return "".join(letters[byte] for byte in token)

    merges = [_merge(token, ranks) for token in sorted(ranks, key=ranks.__getitem__) if len(token) > 1]
    tokenizer = Tokenizer(
        models.BPE(
            vocab={written(token): rank for token, rank in ranks.items()},
            merges=[(written(left), written(right)) for left, right in merges],
        )
    )
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = sorted(get_tokenizer(False).encoding._special_tokens.items(), key=lambda item: item[1])
    tokenizer.add_special_tokens([AddedToken(name, special=True, normalized=False) for name, _ in special])
    if any(tokenizer.token_to_id(name) != number for name, number in special):
        raise RuntimeError("openai-whisper numbers its special tokens otherwise than this script assumes")
    return tokenizer


def _merge(token: bytes, ranks: dict[bytes, int]) -> tuple[bytes, bytes]:
    """Return the two parts that are merged last into ``token``."""
    parts = [bytes([byte]) for byte in token]
    while len(parts) > 2:
        best = min(range(len(parts) - 1), key=lambda index: ranks.get(parts[index] + parts[index + 1], len(ranks)))
        parts[best : best + 2] = [parts[best] + parts[best + 1]]
    return parts[0], parts[1]
