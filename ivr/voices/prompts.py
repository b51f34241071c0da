"""Every sentence of the hotline that never changes, as it is read aloud."""

from __future__ import annotations

import importlib

import yaml

from actions.wording import DOMAIN_FILE
from ivr.spoken import speak_as
from ivr.voices.cut import sentences

_CHANNEL = "phone"


def fixed_sentences() -> list[str]:
    """The call flow's prompts first, then what the assistant says without a value in it."""
    # The call flow imports the voices; they know it only by name.
    flow = importlib.import_module("ivr.call")
    texts = [str(text) for text in flow.fixed_prompts()]
    domain = yaml.safe_load(DOMAIN_FILE.read_text("utf-8"))
    for variants in domain["responses"].values():
        own = [v for v in variants if v.get("channel") == _CHANNEL]
        for variant in own or [v for v in variants if not v.get("channel")]:
            if "{" not in variant["text"]:
                texts.append(str(variant["text"]))
    return list(dict.fromkeys(s for text in texts for s in sentences(speak_as(text))))
