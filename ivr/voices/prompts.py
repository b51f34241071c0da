"""Every sentence of the hotline that never changes, as it is read aloud."""

from __future__ import annotations

import importlib

from actions.wording import Phrases
from ivr.spoken import speak_as
from ivr.voices.cut import sentences

_CHANNEL = "phone"


def fixed_sentences() -> list[str]:
    """The call flow's prompts first, then what the assistant says without a value in it."""
    # The call flow imports the voices; they know it only by name.
    flow = importlib.import_module("ivr.call")
    texts = [str(text) for text in flow.fixed_prompts()]
    phrases = Phrases.load()
    for name in sorted(phrases.names()):
        texts += [v.text for v in phrases.variants(name, _CHANNEL) if "{" not in v.text]
    return list(dict.fromkeys(s for text in texts for s in sentences(speak_as(text))))
