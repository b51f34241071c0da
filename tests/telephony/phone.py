"""A telephone for tests, on pjsua2; runs in the engine's environment (Python 3.10), one a process.

Obeys lines on its standard input and reports what happens as lines of JSON on its output, each
with ``t``, seconds of this machine's monotonic clock:

    call URI · answer · reject CODE · play FILE.wav · digits 12# · hangup · quit

It registers if a registrar is given. What it hears is recorded from the moment sound is up.
"""

from __future__ import annotations

import argparse
import json
import os
import select
import sys
import time

import pjsua2 as pj

DIGIT_MS = 160
READY_CODES = {180: "ringing", 200: "answered"}


def report(what: str, **facts: object) -> None:
    """One event for whoever drives this phone."""
    print(json.dumps({"t": time.monotonic(), "what": what, **facts}), flush=True)


class Call(pj.Call):
    """One call, in or out."""

    def __init__(self, account: pj.Account, record: str, call_id: int = pj.PJSUA_INVALID_ID):
        super().__init__(account, call_id)
        self._record = record
        self._recorder = None
        self._players: list[pj.AudioMediaPlayer] = []
        self._sound = None

    def onCallState(self, prm: pj.OnCallStateParam) -> None:
        info = self.getInfo()
        report("state", state=info.stateText, code=int(info.lastStatusCode))

    def onCallMediaState(self, prm: pj.OnCallMediaStateParam) -> None:
        info = self.getInfo()  # kept: its media list is freed with it
        for index, media in enumerate(info.media):
            up = media.status == pj.PJSUA_CALL_MEDIA_ACTIVE
            if media.type == pj.PJMEDIA_TYPE_AUDIO and up:
                self._sound = self.getAudioMedia(index)
                if self._recorder is None:
                    self._recorder = pj.AudioMediaRecorder()
                    self._recorder.createRecorder(self._record)
                    report("sound")
                self._sound.startTransmit(self._recorder)

    def play(self, file: str) -> None:
        player = pj.AudioMediaPlayer()
        player.createPlayer(file, pj.PJMEDIA_FILE_NO_LOOP)
        player.startTransmit(self._sound)
        self._players.append(player)
        report("playing")

    def digits(self, keys: str) -> None:
        prm = pj.CallSendDtmfParam()
        prm.method, prm.digits, prm.duration = pj.PJSUA_DTMF_METHOD_RFC2833, keys, DIGIT_MS
        self.sendDtmf(prm)
        report("digits")

    def finish(self) -> None:
        """Write the recording's header."""
        self._players.clear()
        self._recorder = self._sound = None


class Account(pj.Account):
    """Who this phone is."""

    def __init__(self, record: str):
        super().__init__()
        self._record = record
        self.call: Call | None = None

    def onRegState(self, prm: pj.OnRegStateParam) -> None:
        report("registered", code=int(prm.code))

    def onIncomingCall(self, prm: pj.OnIncomingCallParam) -> None:
        self.call = Call(self, self._record, prm.callId)
        ringing = pj.CallOpParam()
        ringing.statusCode = 180
        self.call.answer(ringing)
        report("rung")

    def dial(self, uri: str) -> None:
        self.call = Call(self, self._record)
        self.call.makeCall(uri, pj.CallOpParam(True))


def obey(account: Account, line: str) -> bool:
    """Do what a line says; False ends."""
    word, _, rest = line.strip().partition(" ")
    parameters = pj.CallOpParam()
    if word == "quit":
        return False
    if word == "call":
        account.dial(rest)
    elif account.call is None:
        report("no call")
    elif word == "play":
        account.call.play(rest)
    elif word == "digits":
        account.call.digits(rest)
    else:
        parameters.statusCode = {"answer": 200, "hangup": 0}.get(word) or int(rest or 0)
        if word == "hangup":
            account.call.hangup(parameters)
        else:
            account.call.answer(parameters)
    return True


def endpoint(address: str, port: int) -> pj.Endpoint:
    """pjsua2 without threads of its own, sound card, echo canceller or silence detection."""
    ep = pj.Endpoint()
    ep.libCreate()
    config = pj.EpConfig()
    config.uaConfig.threadCnt = 0
    config.uaConfig.mainThreadOnly = True
    config.logConfig.level = config.logConfig.consoleLevel = 0
    config.medConfig.clockRate = 8000
    config.medConfig.ecTailLen = 0
    config.medConfig.noVad = True
    ep.libInit(config)
    transport = pj.TransportConfig()
    transport.port = port
    transport.boundAddress = transport.publicAddress = address
    ep.transportCreate(pj.PJSIP_TRANSPORT_UDP, transport)
    ep.audDevManager().setNullDev()
    ep.libStart()
    for codec in ep.codecEnum2():
        ep.codecSetPriority(codec.codecId, 255 if codec.codecId.startswith("PCMA") else 0)
    return ep


def main() -> None:
    """Be a phone until told to quit."""
    options = argparse.ArgumentParser()
    options.add_argument("--address", required=True)
    options.add_argument("--port", type=int, required=True)
    options.add_argument("--media-port", type=int, required=True)
    options.add_argument("--user", required=True)
    options.add_argument("--registrar")
    options.add_argument("--password", default="")
    options.add_argument("--record", required=True)
    said = options.parse_args()
    ep = endpoint(said.address, said.port)
    config = pj.AccountConfig()
    host = said.registrar.removeprefix("sip:") if said.registrar else f"{said.address}:{said.port}"
    config.idUri = f"sip:{said.user}@{host}"
    config.mediaConfig.transportConfig.boundAddress = said.address
    config.mediaConfig.transportConfig.port = said.media_port
    if said.registrar:
        config.regConfig.registrarUri = said.registrar
        credentials = pj.AuthCredInfo("digest", "*", said.user, 0, said.password)
        config.sipConfig.authCreds.append(credentials)
    account = Account(said.record)
    account.create(config)
    report("ready")
    going = True
    while going:
        ep.libHandleEvents(5)
        if select.select([sys.stdin], [], [], 0)[0]:
            line = sys.stdin.readline()
            going = bool(line) and obey(account, line)
    if account.call is not None:
        account.call.finish()
        if account.call.isActive():
            account.call.hangup(pj.CallOpParam())
            for _ in range(20):
                ep.libHandleEvents(10)
    account.call = None
    ep.libDestroy()
    report("done")
    os._exit(0)  # pjsua2's own tidying after Python's end crashes


main()
