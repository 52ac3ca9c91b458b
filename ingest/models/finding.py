"""Find a Whisper model on this machine, and say what could be fetched; nothing here touches the network.

A model is looked for in this order: the path given, the project's own models folder, the engine's own cache.
The engines' ways of finding models are not used, because both start a download when they find none.
"""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal, get_args

from kb.errors import ModelNotAvailable, UsageError
from kb.translatable import phrase

__all__ = [
    "MODEL_FILES",
    "OFFERS",
    "Engine",
    "ModelFile",
    "Offer",
    "default_models_folder",
    "find_model",
    "list_models",
    "offer_of",
    "snapshots",
]

Engine = Literal["faster-whisper", "openai-whisper"]

#: What faster-whisper needs in a folder; without tokenizer.json it would ask the hub for one.
_NEEDED = ("model.bin", "config.json", "tokenizer.json")
_VOCABULARIES = ("vocabulary.json", "vocabulary.txt")
#: The names of the files that faster-whisper reads.
MODEL_FILES = re.compile(r"(?:preprocessor_)?config\.json|tokenizer\.json|vocabulary\.(?:json|txt)|model\.bin")
_HUB_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
#: A cache holds dozens of models; the limit is for a folder of other files.
_MOST_ENTRIES = 1000


@dataclass(frozen=True, slots=True)
class Offer:
    """A model that can be downloaded.

    ``source`` is the path below the server's base address (openai-whisper) or the hub repository (faster-whisper).
    ``size`` is in bytes (about right for faster-whisper), ``sha256`` is known beforehand for openai-whisper only.
    """

    name: str
    engine: Engine
    source: str
    size: int | None
    licence: str = "MIT"
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model on this machine (``path``, ``problem`` if it cannot be used) or on offer (``path`` is ``None``)."""

    name: str
    engine: Engine
    path: Path | None
    size: int | None
    licence: str
    found: str
    problem: str | None = None


#: name, bytes and SHA-256 of the files that openai-whisper 20250625 names in ``whisper._MODELS``.
_OPENAI = """
tiny.en        75571315   d3dd57d32accea0b295c96e26691aa14d8822fac7d9d27d5dc00b4ca2826dd03
tiny           75572083   65147644a518d12f04e32d6f3b26facc3f8dd46e5390956a9424a650c0ce22b9
base.en        145261783  25a8566e1d0c1e2231d1c762132cd20e0f96a85d16145c3a00adf5d1ac670ead
base           145262807  ed3a0b6b1c0edf879ad9b11b1af5a0e6ab5db9205f891f668f8b0e6c6326e34e
small.en       483615683  f953ad0fd29cacd07d5a9eda5624af0f6bcf2258be67c92b79389873d91e0872
small          483617219  9ecf779972d90ba49c06d968637d720dd632c55bbf19d441fb42bf17a411e794
medium.en      1528006491 d7440d1dc186f76616474e0ff0b3b6b879abc9d1a4926b7adfa41db2d497ab4f
medium         1528008539 345ae4da62f9b3d59415adc60127b97c714f32e89e936602e85993674d08dcb1
large-v1       3086999982 e4b87e7e0bf463eb8e6956e646f1e277e901512310def2c24bf0e11bd3c28e9a
large-v2       3086999982 81f7c96c852ee8fc832187b0132e569d6c3065a3252ed18e56effd0b6a73e524
large-v3       3087371615 e5b1a55b89c1367dacf97e3e19bfd829a01529dbfdeefa8caeb59b3f1b81dadb
large-v3-turbo 1617941637 aff26ae408abcba5fbf8813c21e62b0941638c5f6eebfb145be0c9839262a19a
"""
#: name, megabytes (about) and hub repository, as in ``faster_whisper.utils._MODELS`` 1.2.1.
_FASTER = """
tiny.en           78   Systran/faster-whisper-tiny.en
tiny              78   Systran/faster-whisper-tiny
base.en           148  Systran/faster-whisper-base.en
base              148  Systran/faster-whisper-base
small.en          486  Systran/faster-whisper-small.en
small             486  Systran/faster-whisper-small
medium.en         1531 Systran/faster-whisper-medium.en
medium            1531 Systran/faster-whisper-medium
large-v1          3090 Systran/faster-whisper-large-v1
large-v2          3090 Systran/faster-whisper-large-v2
large-v3          3091 Systran/faster-whisper-large-v3
large-v3-turbo    1622 mobiuslabsgmbh/faster-whisper-large-v3-turbo
distil-small.en   335  Systran/faster-distil-whisper-small.en
distil-medium.en  792  Systran/faster-distil-whisper-medium.en
distil-large-v2   1516 Systran/faster-distil-whisper-large-v2
distil-large-v3   1516 Systran/faster-distil-whisper-large-v3
distil-large-v3.5 1516 distil-whisper/distil-large-v3.5-ct2
"""
#: Names under which both engines know another model.
_SAME_AS = {"large": "large-v3", "turbo": "large-v3-turbo"}


def _offers() -> Iterator[Offer]:
    for line in _FASTER.split("\n")[1:-1]:
        name, megabytes, repository = line.split()
        yield Offer(name, "faster-whisper", repository, int(megabytes) * 1_000_000)
    for line in _OPENAI.split("\n")[1:-1]:
        name, size, sha256 = line.split()
        yield Offer(name, "openai-whisper", f"{sha256}/{name}.pt", int(size), sha256=sha256)


#: Every model that can be fetched by name.
OFFERS: tuple[Offer, ...] = tuple(_offers())


def offer_of(name: str, engine: Engine) -> Offer | None:
    """Return what can be downloaded under ``name``: a known model, or a hub repository ``owner/model``."""
    known = {offer.name: offer for offer in OFFERS if offer.engine == engine}
    known |= {offer.source: offer for offer in known.values()}
    offer = known.get(_SAME_AS.get(name, name))
    if offer is None and engine == "faster-whisper" and _HUB_REPOSITORY.fullmatch(name):
        return Offer(name, engine, name, None, licence=f"stated at https://huggingface.co/{name}")
    return offer


def default_models_folder() -> Path:
    """Return the project's own models folder: ``KB_MODELS``, or ``models`` in the platform's user data folder."""
    if os.environ.get("KB_MODELS"):
        return Path(os.environ["KB_MODELS"]).expanduser()
    from kb.home import default_home

    return default_home() / "models"


def place_in(folder: Path, offer: Offer) -> Path:
    """Return where a fetched model lies in a models folder: a CTranslate2 folder, or a ``.pt`` file."""
    name = offer.name.replace("/", "--") + (".pt" if offer.engine == "openai-whisper" else "")
    return folder / offer.engine / name


def find_model(name_or_path: str | Path, engine: Engine = "faster-whisper", models_folder: Path | None = None) -> Path:
    """Return the model's file (openai-whisper) or folder (faster-whisper), without ever touching the network.

    A name that an engine knows (``tiny``, ``large-v3``, ``Systran/faster-whisper-tiny``) is always that model; anything
    else is a path, e.g. on a USB stick. Raises ``ModelNotAvailable`` with the places tried and a remedy, and
    ``UsageError`` for an engine that does not exist.
    """
    check_engine(engine)
    folder = models_folder or default_models_folder()
    given = str(name_or_path)
    offer = _meant(name_or_path, engine)
    places = _places_of(offer, folder) if offer else _places_at(given, engine, folder)
    looked = []
    for place in places:
        problem = fault_in(place, engine)
        if problem is None:
            return place.absolute()
        looked.append(str(place) if problem == _ABSENT else f"{place}, which {problem}")
    raise ModelNotAvailable(given, looked, _remedy(given, offer, engine, folder))


def _meant(name_or_path: str | Path, engine: Engine) -> Offer | None:
    # A known name has priority over a file of that name, so that a command means the same in every folder.
    offer = None if isinstance(name_or_path, Path) else offer_of(name_or_path, engine)
    return offer if offer in OFFERS or not _exists(str(name_or_path)) else None


def check_engine(engine: str) -> None:
    """Raise ``UsageError`` unless ``engine`` is one of the two."""
    if engine not in get_args(Engine):
        raise UsageError(
            phrase(
                "There is no engine %(engine)s; choose %(known)s.",
                engine=repr(engine),
                known=" or ".join(get_args(Engine)),
            )
        )


def list_models(models_folder: Path | None = None) -> tuple[ModelFile, ...]:
    """Return every model on this machine, usable or not, then every one on offer that is not here."""
    installed = tuple(_installed(models_folder or default_models_folder()))
    here = {(model.engine, model.name) for model in installed if model.problem is None}
    offered = (
        ModelFile(offer.name, offer.engine, None, offer.size, offer.licence, "download")
        for offer in OFFERS
        if (offer.engine, offer.name) not in here
    )
    return installed + tuple(offered)


# Where a model may be


def _exists(text: str) -> bool:
    try:
        return Path(text).expanduser().exists()
    except (OSError, RuntimeError, ValueError):
        return False


def _openai_cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "whisper"


def _hub_cache() -> Path:
    """Return the hub's cache folder by the rules of ``huggingface_hub.constants``, without importing it."""
    for variable in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        if variable in os.environ:
            return _expanded(os.environ[variable])
    home = os.environ.get("HF_HOME")
    if home is None:
        home = os.path.join(os.environ.get("XDG_CACHE_HOME", os.path.join("~", ".cache")), "huggingface")
    return _expanded(os.path.join(home, "hub"))


def _expanded(text: str) -> Path:
    return Path(os.path.expandvars(os.path.expanduser(text)))


def snapshots(repository: Path) -> list[Path]:
    """Return the revisions in a hub repository's cache folder: the one that ``main`` names first."""
    try:
        with (repository / "refs" / "main").open(encoding="ascii", errors="replace") as file:
            main = file.read(100).strip()
    except (OSError, ValueError):
        main = ""
    return sorted(_entries(repository / "snapshots"), key=lambda path: path.name != main)


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(islice(folder.iterdir(), _MOST_ENTRIES))
    except (OSError, ValueError):  # ValueError: a null character in the path
        return []


def _places_of(offer: Offer, folder: Path) -> list[Path]:
    own = place_in(folder, offer)
    places = [own, folder / own.name]
    if offer.engine == "openai-whisper":
        return [*places, _openai_cache() / f"{offer.name}.pt"]
    repository = _hub_cache() / f"models--{offer.source.replace('/', '--')}"
    return [*places, *(snapshots(repository) or [repository]), *([] if offer in OFFERS else [Path(offer.source)])]


def _places_at(given: str, engine: Engine, folder: Path) -> list[Path]:
    """Return what a path may mean: itself, the folder around ``model.bin``, the one ``.pt`` file in a folder, ..."""
    try:
        path = Path(given).expanduser()
    except RuntimeError:
        path = Path(given)
    # ... or the name of the user's own model in the models folder.
    own = [folder / engine / given, folder / given] if path.name == given and not _exists(given) else []
    if engine == "faster-whisper":
        return [path.parent] if path.name == "model.bin" else (snapshots(path) or [path]) + own
    checkpoints = [entry for entry in _entries(path) if entry.suffix == ".pt"]
    own = [place.with_name(f"{given.removesuffix('.pt')}.pt") for place in own]
    return checkpoints if len(checkpoints) == 1 else [path, *own]


# Whether a found model can be used

_ABSENT = phrase("is not there")


def fault_in(path: Path, engine: Engine) -> str | None:
    """Return why a model cannot be used, as the end of a sentence about it, or ``None``."""
    try:
        return _fault_in_folder(path) if engine == "faster-whisper" else _fault_in_checkpoint(path)
    except (OSError, ValueError) as error:
        return phrase("cannot be read (%(reason)s)", reason=str(getattr(error, "strerror", None) or error))


def _fault_in_folder(folder: Path) -> str | None:
    if not folder.is_dir():
        return phrase("is a file and not a CTranslate2 folder") if folder.exists() else _ABSENT
    missing = [name for name in _NEEDED if not (folder / name).is_file()]
    if not any((folder / name).is_file() for name in _VOCABULARIES):
        missing.append(_VOCABULARIES[0])
    if missing:
        if missing == ["tokenizer.json"]:
            return phrase("has no %(file)s, without which the engine would ask the internet", file=missing[0])
        return phrase("has no %(files)s", files=" and no ".join(missing))
    with (folder / "model.bin").open("rb") as file:
        head = file.read(64)
    # A copy cloned without Git LFS holds 130-byte pointer files in place of the weights.
    if head.startswith(b"version https://git-lfs"):
        return phrase("holds a Git LFS pointer in place of model.bin")
    return None if b"Whisper" in head else phrase("holds a model.bin that is not CTranslate2's Whisper")


def _fault_in_checkpoint(path: Path) -> str | None:
    if not path.is_file():
        return phrase("is a folder and not a .pt file") if path.is_dir() else _ABSENT
    with path.open("rb") as file:
        head = file.read(2)
    if head == b"PK":
        # openai-whisper downloads straight to the final name, so a stopped download looks like a model.
        return None if zipfile.is_zipfile(path) else phrase("is incomplete")
    return None if head[:1] == b"\x80" else phrase("is not a PyTorch checkpoint")


def _remedy(given: str, offer: Offer | None, engine: Engine, folder: Path) -> str:
    if offer is not None:
        option = "" if engine == "faster-whisper" else f" --engine {engine}"
        return phrase(
            "Run `kb models fetch %(model)s%(option)s` once, or copy the model to %(place)s.",
            model=given,
            option=option,
            place=str(place_in(folder, offer)),
        )
    wanted = "a Whisper .pt file"
    if engine == "faster-whisper":
        wanted = f"a folder that holds {', '.join(_NEEDED)} and {_VOCABULARIES[0]}"
    names = ", ".join(known.name for known in OFFERS if known.engine == engine)
    return phrase("Give the path of %(wanted)s, or one of the names %(names)s.", wanted=wanted, names=names)


# What is here


def _installed(folder: Path) -> Iterator[ModelFile]:
    for engine in get_args(Engine):
        for place in (folder / engine, folder):
            yield from (
                _model_file(_name_of(entry, engine), engine, entry, "models folder")
                for entry in _entries(place)
                if _looks_like(entry, engine)
            )
    for entry in _entries(_openai_cache()):
        if _looks_like(entry, "openai-whisper"):
            yield _model_file(entry.stem, "openai-whisper", entry, "openai-whisper cache")
    for repository in _entries(_hub_cache()):
        usable = [entry for entry in snapshots(repository) if _looks_like(entry, "faster-whisper")]
        if usable and repository.name.startswith("models--"):
            source = repository.name.removeprefix("models--").replace("--", "/", 1)
            yield _model_file(source, "faster-whisper", usable[0], "Hugging Face cache")


def _looks_like(entry: Path, engine: Engine) -> bool:
    try:
        return entry.suffix == ".pt" if engine == "openai-whisper" else (entry / "model.bin").is_file()
    except OSError:
        return False


def _name_of(entry: Path, engine: Engine) -> str:
    return entry.stem if engine == "openai-whisper" else entry.name.replace("--", "/", 1)


def _model_file(name: str, engine: Engine, path: Path, found: str) -> ModelFile:
    offer = offer_of(name, engine)
    known = offer if offer in OFFERS else None
    files = _entries(path) if path.is_dir() else [path]
    size = sum(os.stat(file).st_size for file in files if os.path.isfile(file))
    licence = known.licence if known else "unknown"
    return ModelFile(known.name if known else name, engine, path, size, licence, found, fault_in(path, engine))
