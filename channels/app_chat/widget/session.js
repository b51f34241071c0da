/* The anonymous visitor's session, one for all tabs of a browser.
 *
 * Two tabs of a newcomer must not become two visitors: one gets a session while the other waits for a
 * web lock. It is kept in IndexedDB and not in localStorage, because a tab may read localStorage from
 * a copy that does not have yet what another tab wrote before it gave the lock back.
 */

const STORE = "kept";
const KEY = "session";

export class VisitorSession {
  #name;
  #release = null; // gives the lock back
  #shown = null; // what the server has seen of it last: this tab's, which it may refuse

  /** `name` is that of the database and the lock: one per server. */
  constructor(name) {
    this.#name = name;
  }

  /** The stored session; null if there is none or this browser keeps nothing. */
  async read() {
    this.#shown = (await this.#run("readonly", (store) => store.get(KEY))) ?? null;
    return this.#shown;
  }

  /** The stored session, or null if it is our turn to get the first one: keep() or end() follows. */
  async take() {
    if (!navigator.locks) return this.read(); // locks need HTTPS or localhost
    // Nothing is awaited before the request: end() must find what to give back.
    await new Promise((granted) => {
      const held = new Promise((release) => (this.#release = release));
      navigator.locks.request(this.#name, () => (granted(), held)).catch(granted);
    });
    const session = await this.read();
    if (session) this.end();
    return session;
  }

  /** Store a session from the server, and let the tabs that wait have it. */
  async keep(session) {
    this.#shown = session;
    const release = this.#release;
    this.#release = null; // end() must not give it back before the session is there
    await this.#run("readwrite", (store) => store.put(session, KEY));
    release?.();
  }

  async forget() {
    await this.#run("readwrite", (store) => store.delete(KEY));
  }

  /** The server does not take it any more; what another tab may have got meanwhile stays. */
  async refused() {
    await this.#run("readwrite", (store) => {
      const kept = store.get(KEY);
      kept.onsuccess = () => kept.result === this.#shown && store.delete(KEY);
      return kept;
    });
  }

  /** No session came of it: the next tab may try. */
  end() {
    this.#release?.();
    this.#release = null;
  }

  /** The result of one request, once its transaction is done; undefined where databases are forbidden. */
  async #run(mode, request) {
    try {
      const database = await opened(indexedDB.open(this.#name, 1));
      try {
        const transaction = database.transaction(STORE, mode);
        const { result } = await finished(transaction, request(transaction.objectStore(STORE)));
        return result;
      } finally {
        database.close();
      }
    } catch {
      return undefined; // full or forbidden: then it is simply not kept
    }
  }
}

function opened(opening) {
  return new Promise((done, failed) => {
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    opening.onsuccess = () => done(opening.result);
    opening.onerror = () => failed(opening.error);
  });
}

function finished(transaction, request) {
  return new Promise((done, failed) => {
    transaction.oncomplete = () => done(request);
    transaction.onabort = () => failed(transaction.error);
  });
}
