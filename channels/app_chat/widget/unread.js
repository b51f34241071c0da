/* What the customer has not read yet, over all tabs of this browser. */

const AGAIN_MS = 5_000; // until the server is told once more what it could not take

export class Unread {
  #seqs = new Set();
  #read = 0; // seq up to which the customer has read
  #again; // timer

  /** tell(count) is called after each change; send(seq) tells the server how far was read. */
  constructor(memory, tell, send) {
    this.memory = memory;
    this.tell = tell;
    this.send = send;
  }

  /** Another conversation, read up to this seq. */
  begin(read) {
    this.#read = read;
    this.#seqs.clear();
    this.tell(0);
  }

  /** Tell again: where it is shown has changed. */
  refresh() {
    this.tell(this.#seqs.size);
  }

  add(seq) {
    if (seq > this.#read) this.#seqs.add(seq);
    this.tell(this.#seqs.size);
  }

  /** Everything that waits was seen here. */
  seen(conversation) {
    if (!this.#seqs.size) return;
    this.#read = Math.max(...this.#seqs);
    this.#seqs.clear();
    this.memory.set("read", `${conversation}:${this.#read}`); // tells the other tabs
    this.tell(0);
    this.send(this.#read);
  }

  /** What the server knows: less, if a mark got lost on the way. */
  compare(read) {
    if (read < this.#read) this.send(this.#read);
  }

  /** The server was busy, and it may have been a mark that it could not write down. */
  sendAgain() {
    clearTimeout(this.#again);
    this.#again = setTimeout(() => this.#read && this.send(this.#read), AGAIN_MS);
  }

  /** Another tab says how far was read, as `seen` has written it. */
  seenElsewhere(value, conversation) {
    const [where, seq] = (value ?? "").split(":");
    if (where !== conversation) return;
    this.#read = Math.max(this.#read, Number(seq));
    for (const one of this.#seqs) if (one <= this.#read) this.#seqs.delete(one);
    this.tell(this.#seqs.size);
  }
}
