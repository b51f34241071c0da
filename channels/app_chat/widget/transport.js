/* The socket: hello, heartbeat, reconnect with jittered back-off. Knows nothing of the screen.
 *
 * Callbacks (all required): onState("connecting" | "online" | "offline" | "stopped"), onFrame(frame),
 * hello() → promise of { session, user_token, after, limit }, asked anew for each connection.
 */

const PING_MS = 25_000; // well under the 60 s idle time-out of common proxies
const ANSWER_MS = 10_000; // a ping or hello unanswered for so long means a dead line
const BACKOFF_MS = [500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000];
// Close codes after which trying again by ourselves cannot help (docs/chat-protocol.md).
const FINAL = new Set([4401, 4403]);

export class Transport {
  #socket = null;
  #attempt = 0;
  #timers = new Map();
  #running = false;
  #abort = null;

  constructor(server, callbacks) {
    const url = new URL("ws", server);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    this.url = url.href;
    this.callbacks = callbacks;
    this.ready = false;
  }

  start() {
    if (this.#running) return;
    this.#running = true;
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    // The browser knows at once; the socket itself would find out with the next ping.
    window.addEventListener("offline", () => this.#socket && this.#lost(this.#socket), { signal });
    window.addEventListener("online", () => this.#hurry(), { signal });
    document.addEventListener("visibilitychange", () => this.#hurry(), { signal });
    this.#connect();
  }

  stop() {
    this.#running = false;
    this.#abort?.abort();
    this.#dropSocket();
    this.callbacks.onState("stopped");
  }

  /** Start again at once with a new hello (another user token, a retry by hand). */
  restart() {
    this.stop();
    this.#attempt = 0;
    this.start();
  }

  /** False if the frame could not be handed to an open, greeted socket. */
  send(frame) {
    if (!this.ready) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  #connect() {
    this.#clear("retry");
    this.callbacks.onState("connecting");
    const socket = new WebSocket(this.url);
    this.#socket = socket;
    this.#after("answer", ANSWER_MS, () => this.#lost(socket));
    socket.onopen = async () => {
      const hello = await this.callbacks.hello();
      if (socket !== this.#socket) return;
      this.#after("answer", ANSWER_MS, () => this.#lost(socket));
      socket.send(JSON.stringify({ type: "hello", ...hello }));
    };
    socket.onmessage = (event) => this.#receive(socket, event.data);
    socket.onclose = (event) => this.#lost(socket, event.code);
  }

  #receive(socket, data) {
    if (socket !== this.#socket) return;
    this.#clear("answer");
    const frame = JSON.parse(data);
    if (frame.type === "ready") {
      this.ready = true;
      this.#attempt = 0;
      this.callbacks.onState("online");
    }
    this.#after("ping", PING_MS, () => {
      this.send({ type: "ping" });
      this.#after("answer", ANSWER_MS, () => this.#lost(socket));
    });
    this.callbacks.onFrame(frame);
  }

  #lost(socket, code) {
    if (socket !== this.#socket) return;
    this.#dropSocket();
    if (!this.#running) return;
    if (FINAL.has(code)) {
      this.#running = false;
      this.#abort.abort();
      this.callbacks.onState("stopped");
      return;
    }
    this.callbacks.onState("offline");
    const ceiling = BACKOFF_MS[Math.min(this.#attempt, BACKOFF_MS.length - 1)];
    this.#attempt += 1;
    // Half fixed, half random: a restarted server is not hit by every page in the same instant.
    this.#after("retry", ceiling / 2 + (Math.random() * ceiling) / 2, () => this.#connect());
  }

  /** The network or the tab came back: do not sit out the rest of the back-off. */
  #hurry() {
    if (document.visibilityState === "visible" && this.#timers.has("retry")) this.#connect();
  }

  #dropSocket() {
    const socket = this.#socket;
    this.#socket = null;
    this.ready = false;
    for (const name of [...this.#timers.keys()]) this.#clear(name);
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
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
