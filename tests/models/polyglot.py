"""A multilingual Whisper whose weights know one sentence by heart: it is sure that it hears German, and what it means."""

from __future__ import annotations

from pathlib import Path

__all__ = ["SENTENCE", "write_polyglot"]

SENTENCE = "The gates stood open all night."

_WIDTH = 64
_WORDS = 3  # the place in the decoder's input of the first token that it writes: start, language, task come before
_LOUD = 20.0  # times as strong as the token before


def write_polyglot(folder: Path) -> Path:
    """Write the checkpoint, as openai-whisper reads it, into ``folder`` and return its path.

    Attention and the other layers give nothing, so that what is written at each place depends on the place alone.
    """
    import torch
    from whisper.model import ModelDimensions, Whisper
    from whisper.tokenizer import get_tokenizer

    torch.manual_seed(0)
    model = Whisper(ModelDimensions(80, 1500, _WIDTH, 1, 1, 51_865, 448, _WIDTH, 1, 1))
    tokenizer = get_tokenizer(multilingual=True, language="de", task="translate")
    begin = tokenizer.timestamp_begin
    written = [begin, *tokenizer.encode(f" {SENTENCE}"), begin + 1_400, tokenizer.eot]  # to 28 s, or the piece's end
    with torch.no_grad():
        decoder = model.decoder
        torch.nn.init.normal_(decoder.token_embedding.weight)
        for block in decoder.blocks:
            for layer in (block.attn.out, block.cross_attn.out, block.mlp[2]):
                torch.nn.init.zeros_(layer.weight)
                torch.nn.init.zeros_(layer.bias)
        decoder.positional_embedding.zero_()
        decoder.positional_embedding[0] = _LOUD * decoder.token_embedding.weight[tokenizer.language_token]
        for place, token in enumerate(written, _WORDS - 1):
            decoder.positional_embedding[place] = _LOUD * decoder.token_embedding.weight[token]
    path = folder / "polyglot.pt"
    torch.save({"dims": vars(model.dims), "model_state_dict": model.state_dict()}, path)
    return path
