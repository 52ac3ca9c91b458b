"""Words and sentences, with nothing else of the program: folding, stems, stop words, sentence boundaries."""
