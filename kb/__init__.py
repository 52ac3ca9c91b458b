"""The knowledge base: a catalogue of transcripts, an index over it, and answers in the speakers' own words."""

import os

# numpy multiplies small matrices here; OpenBLAS' threads would wait for one another in a loop, which takes twice the
# time of one question and most of the processors from others. It reads this when numpy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
