"""The trained matrix as a folder that sentence-transformers, model2vec and ``kb.embedding`` load."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from .vocabulary import Vocabulary

__all__ = ["export_model", "quantised"]

_MODULES = [
    {"idx": 0, "name": "0", "path": "0_StaticEmbedding", "type": "sentence_transformers.models.StaticEmbedding"},
    {"idx": 1, "name": "1", "path": "1_Normalize", "type": "sentence_transformers.models.Normalize"},
]
_SETTINGS = {
    "model_type": "SentenceTransformer",
    "prompts": {},
    "default_prompt_name": None,
    "similarity_fn_name": "cosine",
}


def quantised(matrix: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return the matrix in int8 and each row's scale: ``matrix`` is nearly ``int8 * scale[:, None]``."""
    scales = np.abs(matrix).max(axis=1) / 127
    return np.round(matrix / np.maximum(scales, 1e-12)[:, None]).astype(np.int8), scales.astype(np.float32)


def export_model(folder: Path, matrix: NDArray[np.float32], vocabulary: Vocabulary, card: str, licence: str) -> None:
    """Write the model into ``folder``: its tokenizer, its vectors in int8, its card and WordNet's licence."""
    embedding, normalise = folder / "0_StaticEmbedding", folder / "1_Normalize"
    embedding.mkdir(parents=True, exist_ok=True)
    normalise.mkdir(exist_ok=True)
    embeddings, scales = quantised(matrix)
    # model2vec's names: a token's vector is embeddings[mapping[token]] * weights[token]. Pieces weigh nothing in a
    # text: what the letters of an unseen name are near tells nothing about what it means.
    weights = np.where(_whole_words(vocabulary), scales[vocabulary.rows], 0).astype(np.float32)
    tensors = {"embeddings": embeddings, "mapping": vocabulary.rows, "weights": weights}
    save_file(tensors, embedding / "model.safetensors")
    vocabulary.tokenizer.save(str(embedding / "tokenizer.json"), pretty=False)
    (normalise / "config.json").write_text("{}\n")
    (folder / "modules.json").write_text(json.dumps(_MODULES, indent=2) + "\n")
    (folder / "config_sentence_transformers.json").write_text(json.dumps(_SETTINGS, indent=2) + "\n")
    (folder / "README.md").write_text(card)
    (folder / "LICENSE-WordNet").write_text(licence)


def _whole_words(vocabulary: Vocabulary) -> NDArray[np.bool_]:
    """Return for each token whether it is a whole word."""
    whole = np.zeros(len(vocabulary.rows), dtype=np.bool_)
    for token, number in vocabulary.tokenizer.get_vocab().items():
        whole[number] = token.endswith("$") and not token.startswith("##")
    return whole
