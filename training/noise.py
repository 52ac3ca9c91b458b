"""What is not speech, and what happens to speech on its way: noise, chords, gain, a telephone's narrow band."""

from __future__ import annotations

import numpy as np

from training.utterance import RATE, Sound

__all__ = ["chords", "coloured_noise", "narrow_band", "no_speech", "weather"]

_Random = np.random.Generator


def coloured_noise(random: _Random, length: int) -> Sound:
    """Return noise of unit power whose spectrum falls by 0 (white) to 2 (brown) powers of the frequency."""
    spectrum = np.fft.rfft(random.standard_normal(length))
    spectrum /= np.maximum(1, np.arange(len(spectrum)) * 500 / len(spectrum)) ** (random.uniform(0, 2) / 2)
    noise = np.fft.irfft(spectrum, length)
    return (noise / max(1e-9, float(np.sqrt(np.mean(noise**2))))).astype(np.float32)


def chords(random: _Random, length: int) -> Sound:
    """Return fading chords of a few notes with overtones, about one a second, of unit peak."""
    sound = np.zeros(length, np.float32)
    start = 0
    while start < length:
        duration = int(random.uniform(0.2, 3.0) * RATE)
        time = np.arange(min(duration, length - start)) / RATE
        for frequency in 110 * 2 ** (random.integers(0, 37, random.integers(1, 5)) / 12):
            for overtone in range(1, int(random.integers(2, 7))):
                wave = np.sin(2 * np.pi * frequency * overtone * time + random.uniform(0, 6)) / overtone
                sound[start : start + len(time)] += (wave * np.exp(-time / random.uniform(0.2, 2.0))).astype(np.float32)
        start += int(duration * random.uniform(0.5, 1.0))
    return (sound / max(1e-9, float(np.abs(sound).max()))).astype(np.float32)


def no_speech(random: _Random) -> Sound:
    """Return 1 to 30 s without a word: silence, noise, chords, or both."""
    length = int(random.uniform(1, 30) * RATE)
    kind = random.integers(4)
    sound = np.zeros(length, np.float32)
    if kind in (1, 3):
        sound += coloured_noise(random, length) * np.float32(10 ** random.uniform(-4, -0.8))
    if kind in (2, 3):
        sound += chords(random, length) * np.float32(10 ** random.uniform(-2, -0.2))
    return np.asarray(np.clip(sound, -1, 1), np.float32)


def narrow_band(sound: Sound, cutoff: float) -> Sound:
    """Return ``sound`` without what lies above ``cutoff`` Hz, as a copy at a lower rate has it."""
    spectrum = np.fft.rfft(sound)
    spectrum[int(len(spectrum) * cutoff / (RATE / 2)) :] = 0
    return np.asarray(np.fft.irfft(spectrum, len(sound)), np.float32)


def weather(random: _Random, sound: Sound) -> Sound:
    """Return speech (of the reading's loudness) as it may arrive: louder, softer, noisy, narrow."""
    if random.random() < 0.12:
        sound = narrow_band(sound, random.uniform(3400, 4000))
    if random.random() < 0.4:
        sound = sound + coloured_noise(random, len(sound)) * np.float32(0.05 * 10 ** (-random.uniform(15, 50) / 20))
    louder = sound * np.float32(10 ** random.uniform(-0.9, 0.45))
    return np.asarray(np.clip(louder, -1, 1), np.float32)
