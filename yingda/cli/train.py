"""``yingda train``."""

from __future__ import annotations

import json
import sys

from yingda.launcher import Progress, configure
from yingda.launcher.training import ensure_model, model_path


def run(*, force: bool, as_json: bool) -> None:
    """Train if needed and say where the model is."""
    home = configure.home()
    fresh = model_path(home).exists() and not force
    progress = Progress(sys.stderr if as_json else sys.stdout)
    model = ensure_model(home, progress, force=force)
    if as_json:
        print(json.dumps({"model": str(model), "trained": not fresh}))
    else:
        word = "is up to date" if fresh else "is ready"
        progress.done(f"model {model.name.removesuffix('.tar.gz')} {word}")
