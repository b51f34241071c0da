/* Tells the other side that somebody writes: now and then while it lasts, and when it is over. */

const EVERY_MS = 3_000;
const ENDS_MS = 5_000; // without another key

export class TypingSign {
  #saidAt = 0;
  #timer = null;

  constructor(send) {
    this.send = send;
  }

  say(on) {
    clearTimeout(this.#timer);
    if (!on) {
      if (this.#saidAt) this.send(false);
      this.#saidAt = 0;
      return;
    }
    if (Date.now() - this.#saidAt > EVERY_MS) {
      this.#saidAt = Date.now();
      this.send(true);
    }
    this.#timer = setTimeout(() => this.say(false), ENDS_MS);
  }
}
