"""All commands in one place; what each does is in the module that its function imports."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from yingda.cli.causes import causes
from yingda.cli.report import app as report_app
from yingda.cli.sound import speech_app, voices_app
from yingda.cli.wechat import app as wechat_app

INTERRUPTED = 130

app = typer.Typer(
    name="yingda",
    help="应答 Yingda: omnichannel customer service for Chinese retail brands.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
evaluate_app = typer.Typer(no_args_is_help=True, help="Measure the understanding.")
app.add_typer(evaluate_app, name="evaluate")
app.add_typer(speech_app, name="speech")
app.add_typer(voices_app, name="voices")
app.add_typer(wechat_app, name="wechat")
report_app.command("causes")(causes)
app.add_typer(report_app, name="report")

AsJson = Annotated[bool, typer.Option("--json", help="JSON for machines, one line each.")]


@app.command()
def up(
    demo: Annotated[
        bool, typer.Option("--demo", help="Made-up shop and customers, generated secrets.")
    ] = False,
    host: Annotated[str | None, typer.Option(help="Address to listen on (YINGDA_HOST).")] = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port of the service (YINGDA_PORT).")
    ] = None,
    engine_port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, help="Port of the engine, loopback (YINGDA_ENGINE_PORT)."),
    ] = None,
) -> None:
    """Train if needed, start everything, keep it running; Ctrl-C stops it."""
    from yingda.launcher import Progress, configure
    from yingda.launcher.up import up as run_up

    settings = configure.settings(
        demo=True if demo else None, host=host, port=port, engine_port=engine_port
    )
    run_up(settings, Progress())


train_app = typer.Typer(help="Train the understanding; write training data to review.")
app.add_typer(train_app, name="train")


@train_app.callback(invoke_without_command=True)
def train(
    context: typer.Context,
    force: Annotated[bool, typer.Option("--force", help="Train even if nothing changed.")] = False,
    as_json: AsJson = False,
) -> None:
    """Train the understanding if its inputs changed."""
    from yingda.cli.train import run

    if context.invoked_subcommand is None:
        run(force=force, as_json=as_json)


@train_app.command("export")
def train_export(
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="File to write; default: print.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also what was exported before.")
    ] = False,
) -> None:
    """Texts that were not understood and labelled at the desk, as Rasa NLU YAML to review."""
    from yingda.cli.reporting import export

    export(out, everything=everything)


@app.command()
def parse(
    file: Annotated[
        str, typer.Argument(help="File with one text a line; - is standard input.")
    ] = "-",
    as_json: AsJson = False,
) -> None:
    """What the bot understands of each line of text."""
    from yingda.cli.parse import run

    run(file, as_json=as_json)


@app.command()
def chat(
    channel: Annotated[str, typer.Option(help="Channel to come in by.")] = "app_chat",
    customer: Annotated[
        str | None, typer.Option(help="Be this verified customer of the shop.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Talk to the bot: one line is one message."""
    from yingda.cli.chat import run

    run(channel=channel, customer=customer, as_json=as_json)


@app.command()
def call(
    what: Annotated[
        list[str], typer.Argument(help="WAV files to say, or key:… to press, one after the other.")
    ],
    out: Annotated[Path | None, typer.Option(help="Keep what the caller heard (WAV).")] = None,
    number: Annotated[str | None, typer.Option(help="Call from this number.")] = None,
    wide: Annotated[
        bool, typer.Option("--wide", help="16 kHz, as a browser; else 8 kHz, as a telephone.")
    ] = False,
    at_once: Annotated[
        bool, typer.Option("--at-once", help="Speak into the greeting instead of after it.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Call the hotline with recordings: transcript, replies, and how long each part took."""
    from yingda.cli.call import run

    run(what, out=out, number=number, wide=wide, at_once=at_once, as_json=as_json)


recordings_app = typer.Typer(no_args_is_help=True, help="Recorded calls.")
app.add_typer(recordings_app, name="recordings")


@recordings_app.command("open")
def recordings_open(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A .ydr file.")],
    out: Annotated[Path, typer.Option(help="WAV to write: left the caller, right us.")],
) -> None:
    """Decrypt a recording with the key of the settings."""
    from yingda.cli.recordings import run

    run(file, out)


@app.command()
def replay(
    files: Annotated[list[Path], typer.Argument(help="Dialogues in YAML, or folders of them.")],
    running: Annotated[
        bool,
        typer.Option(
            "--running", help="On the running Yingda; else on a temporary one with a fresh shop."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Run scripted dialogues and print what differs; exit code 1 if anything does."""
    from yingda.cli.replay import run

    run(files, running=running, as_json=as_json)


@evaluate_app.command("nlu")
def evaluate_nlu(
    file: Annotated[Path, typer.Argument(help="TSV: text, intent, …", exists=True, dir_okay=False)],
    as_json: AsJson = False,
) -> None:
    """Score intents on labelled lines (on the trained model)."""
    from yingda.cli.evaluate import run

    run(file, as_json=as_json)


@evaluate_app.command("emotion")
def evaluate_emotion(
    file: Annotated[
        Path, typer.Argument(help="TSV: text, label, level", exists=True, dir_okay=False)
    ],
    as_json: AsJson = False,
) -> None:
    """Score the reading of emotion on labelled lines (on the trained model)."""
    from yingda.cli.evaluate import run

    run(file, as_json=as_json, what="emotion")


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    add_help_option=False,
)
def rasa(context: typer.Context) -> None:
    """Rasa's own command line in its environment (yingda rasa data validate, test, shell)."""
    from yingda.cli.rasa import run

    run(context.args)


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Look at everything that a start needs and say what is wrong."""
    from yingda.cli.doctor import run

    run(as_json=as_json)


@app.command()
def simulate(
    days: Annotated[int, typer.Option(min=1, max=366, help="How many days.")] = 30,
    customers: Annotated[int, typer.Option(min=1, max=100_000, help="How many customers.")] = 5000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same history.")] = 1,
    until: Annotated[
        datetime | None,
        typer.Option("--to", formats=["%Y-%m-%d"], help="Last day; default yesterday."),
    ] = None,
    add: Annotated[
        bool, typer.Option("--add", help="Also into a database that has a history.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write a believable history through the real path, for a dashboard that lives."""
    from yingda.cli.history import run

    run(
        days=days,
        customers=customers,
        seed=seed,
        until=until.date() if until else None,
        add=add,
        as_json=as_json,
    )


agents_app = typer.Typer(no_args_is_help=True, help="Who may log in at the desk.")
app.add_typer(agents_app, name="agents")


@agents_app.command("add")
def agents_add(
    login: Annotated[str, typer.Argument(help="Small letters, digits and . _ -")],
    name: Annotated[str, typer.Option(help="As customers read it.")],
    role: Annotated[str, typer.Option(help="agent, supervisor or admin.")] = "agent",
    skills: Annotated[str, typer.Option(help="Of 售前,售后,投诉,电话.")] = "售前,售后,投诉,电话",
    capacity: Annotated[int, typer.Option(help="Conversations at once.")] = 5,
    extension: Annotated[str | None, typer.Option(help="Where their telephone rings.")] = None,
) -> None:
    """Add an agent; asks for the password (or reads it from a pipe)."""
    from yingda.cli.agents import add

    add(login, name, role, skills, capacity, extension)


@agents_app.command("list")
def agents_list(as_json: AsJson = False) -> None:
    """Everybody who may, or might once, log in."""
    from yingda.cli.agents import show

    show(as_json=as_json)


@agents_app.command("passwd")
def agents_passwd(
    login: str,
    drop_totp: Annotated[
        bool, typer.Option("--drop-totp", help="Take a lost second factor away as well.")
    ] = False,
) -> None:
    """Give an agent another password; every session of theirs ends."""
    from yingda.cli.agents import passwd

    passwd(login, drop_totp=drop_totp)


@agents_app.command("deactivate")
def agents_deactivate(login: str) -> None:
    """Let an agent in no more; their sessions end at once, their work is given back."""
    from yingda.cli.agents import deactivate

    deactivate(login)


def _add_shop(wanted: bool) -> None:
    """``yingda shop`` lives beside the shop; its code is loaded only for those who call it."""
    if wanted:
        from yingda.cli.shop import app as shop_app
    else:
        shop_app = typer.Typer(help="The demo shop 禾沐生活 and the back-office contract.")
        shop_app.callback()(lambda: None)
    app.add_typer(shop_app, name="shop")


def main() -> None:
    """Entry point of the ``yingda`` program."""
    from yingda.launcher.errors import LaunchError

    _add_shop(sys.argv[1:2] == ["shop"])
    try:
        app()
    except LaunchError as error:
        print(f"✗ {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:  # `yingda parse … | head`
        sys.stderr.close()
        sys.exit(0)
