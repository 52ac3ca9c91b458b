"""From a recording to a transcript: engines, blocks, doubtful segments, alignment."""
