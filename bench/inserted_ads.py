"""An advertisement put into the example episode: by how much its publisher's times are off, before and after the check.

    python -m bench.inserted_ads --model FOLDER [--advert SOUND]

Four places: nowhere, before the first word, between two sentences, in the middle of one. The time is that of this
process with one thread; decoding happens in another one.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
EPISODE = ROOT / "corpus" / "npr-2019-07-08-ice-dmv-facial-recognition.vtt"
ADVERT = ROOT / "tests" / "material" / "speech" / "multilingual.mp3"
RATE = 16_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, help="a model's name or folder")
    parser.add_argument("--advert", type=Path, default=ADVERT, help="the sound that is put in")
    asked = parser.parse_args()

    import numpy as np

    from ingest.formats import parse
    from ingest.sound.clips import cut, to_flac
    from ingest.transcribing.recordings import Recogniser, Request

    published = parse(EPISODE, EPISODE.read_bytes())
    (recording,) = cut(EPISODE.with_suffix(".opus"), [(0.0, 900.0)])
    (advert,) = cut(asked.advert, [(0.0, 120.0)])
    begins = [segment.start for segment in published.segments if segment.start is not None]
    between = next(start for start in begins if start > 120) - 0.1
    recogniser = Recogniser(Request(model=asked.model, beam_size=1))
    print("| inserted | words over 1 s off before | after | without a time | CPU s |\n|---|---|---|---|---|")
    for name, second in (
        ("nothing", None),
        ("before the first word", 0.0),
        ("between two sentences", between),
        ("within a sentence", 151.3),
    ):
        place = round((second or 0.0) * RATE)
        sound = recording if second is None else np.concatenate([recording[:place], advert, recording[place:]])
        late = 0.0 if second is None else len(advert) / RATE
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "copy.flac")
            path.write_bytes(to_flac(sound))
            began = time.process_time()
            found = recogniser.check(path, published).transcript
            spent = time.process_time() - began
        was = [word.start for segment in published.segments for word in segment.words]
        now = [word.start for segment in found.segments for word in segment.words]
        true = [None if start is None else start + (late if start >= (second or 0.0) else 0.0) for start in was]
        before, after = (
            sum(abs(a - b) > 1 for a, b in zip(starts, true, strict=True) if a is not None and b is not None)
            for starts in (was, now)
        )
        lost = sum(a is not None and b is None for a, b in zip(was, now, strict=True))
        print(f"| {name} | {before} | {after} | {lost} | {spent:.1f} |", flush=True)


if __name__ == "__main__":
    main()
