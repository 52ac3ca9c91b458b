"""The words of the block before, which a recogniser is told so that it goes on in their spelling.

An error may spread to the next block in this way. So a block is told nothing after one that went wrong, and one that
goes wrong itself is decoded without them.
"""

from __future__ import annotations

from dataclasses import dataclass

from ingest.sound.blocks import Block
from ingest.transcribing.block_store import Heard
from ingest.transcribing.doubts import review, unheard
from ingest.transcribing.hearing import hear
from ingest.transcribing.loading import EngineSettings, LoadedEngine
from kb.types import Segment

__all__ = ["BlockContext", "context_after", "hear_on", "takes_context"]

LONGEST_PAUSE = 10.0  # seconds of silence or music after which something else may be spoken of


@dataclass(frozen=True, slots=True)
class BlockContext:
    """What was said in a block, in which language, and the second at which its speech ended."""

    text: str
    language: str
    end: float

    def before(self, block: Block, language: str) -> str:
        """Return the words to tell for the next block, which is in ``language``; "" if it has another one, or if
        the pause between them is long.
        """
        start = block.speech[0][0] if block.speech else block.start
        return self.text if language == self.language and start - self.end <= LONGEST_PAUSE else ""


def context_after(block: Block, heard: Heard) -> BlockContext | None:
    """Return what may be told after a block; ``None`` if it was decoded twice, or anything in it is doubtful."""
    judged = review(heard.segments, block.speech)
    if heard.again is not None or judged.doubts or not judged.kept:
        return None
    text = " ".join(segment.text.strip() for segment in judged.kept)
    return BlockContext(text, heard.spoken.language, block.speech[-1][1] if block.speech else block.end)


def hear_on(engine: LoadedEngine, block: Block, language: str, before: str) -> tuple[Segment, ...]:
    """Return the segments of a block that is told the words ``before`` it.

    Told words may make a recogniser silent or doubtful; then the block is decoded without them.
    """
    (heard,) = hear(engine, [block], language, before=before)
    judged = review(heard, block.speech)
    if judged.doubts or unheard(judged.kept, block.speech):
        (heard,) = hear(engine, [block], language)
    return heard


def takes_context(settings: EngineSettings) -> bool:
    """Return whether blocks are told the words before: where that was measured, and where there is room for them.

    A batch has one prompt for all its blocks. Names and a prompt of the user take the room that the words would.
    """
    alone = settings.engine == "faster-whisper" and settings.batch == 1
    return alone and not (settings.hotwords or settings.initial_prompt)
