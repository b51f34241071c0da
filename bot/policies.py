"""Policies that people edit: YAML files, checked as a whole."""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import BaseModel, ValidationError


def read_policy[P: BaseModel](model: type[P], path: Path, fault: type[Exception]) -> P:
    """Read a policy file.

    Args:
        model: what must be in it.
        path: the YAML file.
        fault: raised, with the file's name and every place at fault, if it cannot be used.
    """
    try:
        return model.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        raise fault(f"{path.name}: {'; '.join(faults)}") from error
    except (OSError, yaml.YAMLError, ValueError) as error:
        raise fault(f"{path.name}: {error}") from error
