"""From a recording to a transcript: engines, blocks, doubts, alignment."""
