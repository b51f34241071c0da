/* Sound between the browser's rate and the call's 16 kHz: what is heard, and what is said. */

const RATE = 16000;
const FRAME = 320; // 20 ms
const START = RATE * 0.1; // so much is gathered before playing begins: the network's jitter
const MOST = RATE * 30;

/* Says: microphone → frames of 20 ms, as Int16. */
class Capture extends AudioWorkletProcessor {
  constructor() {
    super();
    this.step = sampleRate / RATE;
    this.at = 0;
    this.last = 0;
    this.frame = new Int16Array(FRAME);
    this.filled = 0;
    this.peak = 0;
  }

  process([input]) {
    const samples = input[0];
    if (!samples) return true;
    // Linear interpolation: the browser's own rate is 16 kHz nearly everywhere (see sound.js).
    for (; this.at < samples.length; this.at += this.step) {
      const index = Math.floor(this.at);
      const before = index > 0 ? samples[index - 1] : this.last;
      const value = before + (samples[index] - before) * (this.at - index);
      this.peak = Math.max(this.peak, Math.abs(value));
      this.frame[this.filled++] = Math.max(-1, Math.min(1, value)) * 32767;
      if (this.filled === FRAME) {
        this.port.postMessage({ frame: this.frame.buffer, peak: this.peak }, [this.frame.buffer]);
        this.frame = new Int16Array(FRAME);
        this.filled = this.peak = 0;
      }
    }
    this.at -= samples.length;
    this.last = samples[samples.length - 1];
    return true;
  }
}

/* Hears: Int16 frames → loudspeaker, after a short wait whenever the line ran dry. */
class Player extends AudioWorkletProcessor {
  constructor() {
    super();
    this.step = RATE / sampleRate;
    this.parts = [];
    this.held = 0;
    this.at = 0;
    this.playing = false;
    this.port.onmessage = ({ data }) => {
      if (data === "flush") {
        this.parts = [];
        this.held = this.at = 0;
        this.playing = false;
      } else if (this.held < MOST) {
        const part = new Int16Array(data);
        this.parts.push(part);
        this.held += part.length;
      }
    };
  }

  process(_inputs, [output]) {
    const out = output[0];
    if (!this.playing && this.held < START) {
      // What is left of a sentence's end is shorter than START: play it when nothing more comes.
      this.idle = (this.idle ?? 0) + out.length / sampleRate;
      if (!this.held || this.idle < 0.15) return true;
    }
    this.playing = true;
    this.idle = 0;
    for (let n = 0; n < out.length; n++) {
      const part = this.parts[0];
      if (!part) {
        this.playing = false;
        this.held = 0;
        break;
      }
      out[n] = part[Math.floor(this.at)] / 32768;
      this.at += this.step;
      if (this.at >= part.length) {
        this.at -= part.length;
        this.held -= part.length;
        this.parts.shift();
      }
    }
    return true;
  }
}

registerProcessor("capture", Capture);
registerProcessor("player", Player);
