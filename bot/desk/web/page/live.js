/* The socket of /api/desk/live: sign of life, reconnect with jittered back-off, watching again.
 *
 * Callbacks: onState("connecting" | "online" | "offline" | "stopped"), onFrame(frame).
 */

const BEAT_MS = 20_000;
const ANSWER_MS = 12_000; // a socket that says nothing for so long to a hello or a beat is dead
const BACKOFF_MS = [500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000];
const SIGNED_OUT = 4401;

export class Live {
  #socket = null;
  #attempt = 0;
  #timers = new Map();
  #running = false;
  #watched = null;
  #abort = null;

  constructor({ onState, onFrame, onSignedOut }) {
    Object.assign(this, { onState, onFrame, onSignedOut });
  }

  start() {
    if (this.#running) return;
    this.#running = true;
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    // The browser knows at once; the socket itself would wait for minutes.
    window.addEventListener("offline", () => this.#socket && this.#lost(this.#socket), { signal });
    window.addEventListener("online", () => this.hurry(), { signal });
    document.addEventListener("visibilitychange", () => !document.hidden && this.hurry(), { signal });
    this.#connect();
  }

  stop() {
    this.#running = false;
    this.#abort?.abort();
    this.#drop();
    this.onState("stopped");
  }

  /** False if the frame did not leave; nothing of it is kept. */
  send(frame) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  /** Follow one conversation, also after a reconnect; null for none. */
  watch(conversation) {
    if (conversation === this.#watched) return;
    if (this.#watched) this.send({ type: "unwatch" });
    this.#watched = conversation;
    if (conversation) this.send({ type: "watch", conversation });
  }

  /** Try at once instead of sitting out the back-off. */
  hurry() {
    if (this.#timers.has("retry")) this.#connect();
  }

  #connect() {
    this.#clear("retry");
    this.onState("connecting");
    const url = new URL("/api/desk/live", location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(url);
    this.#socket = socket;
    this.#after("answer", ANSWER_MS, () => this.#lost(socket));
    socket.onmessage = (event) => this.#receive(socket, event.data);
    socket.onclose = (event) => this.#lost(socket, event.code);
  }

  #receive(socket, data) {
    if (socket !== this.#socket) return;
    this.#clear("answer");
    const frame = JSON.parse(data);
    if (frame.type === "snapshot") {
      this.#attempt = 0;
      this.onState("online");
      if (this.#watched) this.send({ type: "watch", conversation: this.#watched });
      this.#beat();
    }
    this.onFrame(frame);
  }

  #beat() {
    this.#after("beat", BEAT_MS, () => {
      this.send({ type: "beat" });
      const socket = this.#socket;
      this.#after("answer", ANSWER_MS, () => this.#lost(socket)); // it beats back
      this.#beat();
    });
  }

  #lost(socket, code) {
    if (socket !== this.#socket) return;
    this.#drop();
    if (!this.#running) return;
    if (code === SIGNED_OUT) {
      this.#running = false;
      this.#abort.abort();
      this.onState("stopped");
      this.onSignedOut();
      return;
    }
    this.onState("offline");
    const ceiling = BACKOFF_MS[Math.min(this.#attempt, BACKOFF_MS.length - 1)];
    this.#attempt += 1;
    // Half fixed, half random: a restarted service is not hit by every desk in the same instant.
    this.#after("retry", ceiling / 2 + (Math.random() * ceiling) / 2, () => this.#connect());
  }

  #drop() {
    const socket = this.#socket;
    this.#socket = null;
    for (const name of [...this.#timers.keys()]) this.#clear(name);
    if (!socket) return;
    socket.onmessage = socket.onclose = null;
    socket.close();
  }

  #after(name, ms, callback) {
    this.#clear(name);
    const run = () => {
      this.#timers.delete(name);
      callback();
    };
    this.#timers.set(name, setTimeout(run, ms));
  }

  #clear(name) {
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
  }
}
