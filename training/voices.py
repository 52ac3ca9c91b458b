"""The casts: who reads the corpus episode, and the many voices that the tiny model hears."""

from __future__ import annotations

from training.espeak import Espeak
from training.festival import Festival
from training.flite import Flite
from training.utterance import Voice

__all__ = ["CAST", "TRAINING_VOICES"]

#: Who reads whom in the corpus episode: voices that no listener confuses.
CAST: dict[str, Voice] = {
    "Audie Cornish": Espeak("en-us", rate=165, pitch=50),
    "Aarti Shahani": Flite("slt", stretch=1.05),
    "Alvaro Bedoya": Flite("rms", stretch=1.05),
}

#: What the tiny model hears beside the cast. (eSpeak's "klatt" variants are left out: they differ from run to run.)
TRAINING_VOICES: tuple[Voice, ...] = (
    Espeak("en-us", 150, 45),
    Espeak("en-us", 180, 55),
    Espeak("en-us+f2", 165, 55),
    Espeak("en-us+m3", 160, 40),
    Espeak("en", 160, 50),
    Flite("slt", 0.95),
    Flite("slt", 1.15),
    Flite("rms", 0.95),
    Flite("rms", 1.15),
    Flite("awb", 1.05),
    Flite("kal16", 1.05),
    Festival("kal_diphone", 1.0),
    Festival("kal_diphone", 1.12),
)
