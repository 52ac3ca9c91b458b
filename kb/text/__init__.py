"""Words and sentences, independent of the rest of the program: folding, stems, stop words, sentence boundaries."""
