/* Microphone and loudspeaker of a call. */

const FRAME_MS = 20;

export class Sound {
  /** onFrame(ArrayBuffer) for every 20 ms that is said; onLevel(0…1) for the meter. */
  constructor(onFrame, onLevel) {
    this.onFrame = onFrame;
    this.onLevel = onLevel;
    this.muted = false;
  }

  /** Must be called from a click. Resolves with whether there is a microphone. */
  async open() {
    this.context = new AudioContext({ sampleRate: 16000, latencyHint: "interactive" });
    await this.context.audioWorklet.addModule("/phone/worklet.js");
    this.player = new AudioWorkletNode(this.context, "player", { numberOfInputs: 0, outputChannelCount: [1] });
    this.player.connect(this.context.destination);
    await this.context.resume();
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({
        audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true },
      });
    } catch {
      this.beSilent();
      return false;
    }
    this.capture = new AudioWorkletNode(this.context, "capture", { numberOfOutputs: 0 });
    this.capture.port.onmessage = ({ data }) => {
      this.onLevel(this.muted ? 0 : data.peak);
      this.onFrame(this.muted ? new ArrayBuffer(data.frame.byteLength) : data.frame);
    };
    this.context.createMediaStreamSource(this.stream).connect(this.capture);
    return true;
  }

  /** Without a microphone the line still has a beat: silence, so that the other side knows we live. */
  beSilent() {
    this.timer = setInterval(() => this.onFrame(new ArrayBuffer(640)), FRAME_MS);
  }

  play(frame) {
    this.player?.port.postMessage(frame, [frame]);
  }

  flush() {
    this.player?.port.postMessage("flush");
  }

  async close() {
    clearInterval(this.timer);
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    if (this.context && this.context.state !== "closed") await this.context.close();
  }
}
