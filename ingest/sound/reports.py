"""What was at fault in a recording's sound, in sentences for a person."""

from __future__ import annotations

from dataclasses import dataclass

from kb.timecode import clock
from kb.translatable import phrase, phrases

__all__ = ["DRIFT", "AudioReport"]

# seconds; no word is shorter, and Whisper invents text for less
DRIFT = 0.15  # seconds between the file's clock and ours, from which on the file's is used


@dataclass(frozen=True, slots=True)
class AudioReport:
    """The faults found in decoding; lengths in seconds, ``decoded`` with the inserted silence."""

    declared: float | None
    decoded: float
    filled: float = 0.0
    damaged: int = 0
    #: The first few damaged places, in seconds.
    places: tuple[float, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """Return a sentence for each fault."""
        notes = []
        if self.damaged:
            places = ", ".join(dict.fromkeys(clock(place) for place in self.places))
            notes.append(
                phrases(
                    "%(count)s damaged piece was skipped (near %(times)s); words there may be missing.",
                    "%(count)s damaged pieces were skipped (near %(times)s); words there may be missing.",
                    self.damaged,
                    times=places,
                )
            )
        if self.filled >= DRIFT:
            notes.append(
                phrase(
                    "%(seconds)s s of sound are missing and count as silence, so later times stay right.",
                    seconds=format(self.filled, ".1f"),
                )
            )
        if self.declared is not None and self.declared - self.decoded > max(1.0, 0.01 * self.declared):
            notes.append(
                phrase(
                    "Only %(decoded)s of the declared %(declared)s could be decoded; the file seems to be cut "
                    "off. Fetch it again if you can.",
                    decoded=clock(self.decoded),
                    declared=clock(self.declared),
                )
            )
        return tuple(notes)
