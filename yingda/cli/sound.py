"""``yingda speech`` and ``yingda voices``: the hotline's models and prompts."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

speech_app = typer.Typer(no_args_is_help=True, help="Speech recognition: its models.")
voices_app = typer.Typer(no_args_is_help=True, help="The hotline's voice: model, prompts, check.")

SENTENCE = "您好，这里是禾沐生活客服热线，请问有什么可以帮您？"


class SpeechModel(StrEnum):
    """What can be installed for recognition."""

    WHISPER = "whisper-base"
    VOSK_CN = "vosk-cn"
    VOSK_KO = "vosk-ko"


@speech_app.callback()
def _speech() -> None:
    """Speech recognition: its models."""


@speech_app.command("install")
def speech_install(
    models: Annotated[
        list[SpeechModel] | None,
        typer.Argument(
            help="whisper-base (default), vosk-cn (streaming, from Vosk's own site), "
            "vosk-ko (for tests)."
        ),
    ] = None,
) -> None:
    """Bring recognition models into $YINGDA_HOME/speech; goes on where it was interrupted."""
    from yingda.cli.install import speech

    speech([model.value for model in models or [SpeechModel.WHISPER]])


@voices_app.callback()
def _voices() -> None:
    """The hotline's voice: model, prompts, check."""


@voices_app.command("install")
def voices_install() -> None:
    """Bring the local voice into $YINGDA_HOME/voices; goes on where it was interrupted."""
    from yingda.cli.install import voices

    voices()


@voices_app.command()
def render(
    engine: Annotated[
        str | None, typer.Option(help="edge or kokoro; default the best that can speak.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Only so many sentences (to try it).")
    ] = None,
) -> None:
    """Speak all fixed prompts and sentences beforehand, so that nobody waits for them."""
    from yingda.cli.render import render as run

    run(engine, limit)


@voices_app.command()
def check(
    text: Annotated[str, typer.Argument(help="What to say.")] = SENTENCE,
    out: Annotated[
        str | None, typer.Option(help="Folder that gets a recording of each engine.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="JSON for machines, one line each.")
    ] = False,
) -> None:
    """Let every engine speak a sentence; time to the first sound, and what is heard back."""
    from yingda.cli.render import check as run

    run(text, out, as_json=as_json)
