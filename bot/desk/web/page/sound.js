/* New work is heard and seen: a soft tone, and the title blinking until somebody looks. */

const TITLE = document.title;
const BLINK_MS = 1000;
const TONES = { ring: [660, 880], message: [740], alarm: [520, 415, 520] };
const NOTE_S = 0.14;

let context = null;
let timer = null;
let muted = read() === "1";

function read() {
  try {
    return localStorage.getItem("yingda:desk:muted");
  } catch {
    return null;
  }
}

export const isMuted = () => muted;

export function setMuted(on) {
  muted = on;
  try {
    localStorage.setItem("yingda:desk:muted", on ? "1" : "0");
  } catch {
    // a browser without storage: it holds for this page
  }
}

/** Browsers let a page sound only after its user touched it once. */
export function wakeSound() {
  context ??= new AudioContext();
  if (context.state === "suspended") context.resume().catch(() => {});
}

export function beep(kind) {
  if (muted || !context || context.state !== "running") return;
  TONES[kind].forEach((frequency, index) => {
    const start = context.currentTime + index * NOTE_S;
    const tone = context.createOscillator();
    const volume = context.createGain();
    tone.frequency.value = frequency;
    tone.type = "sine";
    volume.gain.setValueAtTime(0, start);
    volume.gain.linearRampToValueAtTime(0.16, start + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.001, start + NOTE_S);
    tone.connect(volume).connect(context.destination);
    tone.start(start);
    tone.stop(start + NOTE_S);
  });
}

/** Blink until the page is looked at; does nothing while it is being looked at. */
export function blink(text) {
  if (document.hasFocus() && !document.hidden) return;
  clearInterval(timer);
  let on = true;
  document.title = text;
  timer = setInterval(() => {
    on = !on;
    document.title = on ? text : TITLE;
  }, BLINK_MS);
}

function calm() {
  clearInterval(timer);
  timer = null;
  document.title = TITLE;
}

window.addEventListener("focus", calm);
document.addEventListener("visibilitychange", () => !document.hidden && calm());
