// The page's one event stream. The browser reconnects by itself and says what it saw last (Last-Event-ID); where it
// gives up (the server was gone, or refused), this starts a new stream that says the same in its address.

const EVENTS = ["hello", "desk", "reset", "log", "card", "earlier", "tentative", "beat", "bye"];
const SILENCE_MS = 13000; // more than two beats of the server without a word: cut off, whatever the browser thinks
const RETRY_MS = 1500;

export class EventStream {
  #source = null;
  #retry = 0;
  #lastNews = 0;
  #handlers;

  /** handlers: read(name, data), state("connecting" | "open" | "lost" | "refused"), lastId() */
  constructor(handlers) {
    this.#handlers = handlers;
    setInterval(() => this.#watch(), 2000);
    addEventListener("pagehide", () => this.close());
    addEventListener("pageshow", (event) => event.persisted && this.open());
  }

  open() {
    this.close();
    const lastId = this.#handlers.lastId();
    const source = new EventSource(lastId ? `/api/events?after=${encodeURIComponent(lastId)}` : "/api/events");
    this.#source = source;
    this.#lastNews = Date.now();
    source.addEventListener("server", (event) => {
      // An older page than the server it now talks to: take the new one.
      if (JSON.parse(event.data).assets !== document.documentElement.dataset.assets) location.reload();
    });
    for (const name of EVENTS) {
      source.addEventListener(name, (event) => {
        this.#lastNews = Date.now();
        if (name === "bye") this.#handlers.state("lost");
        else if (name === "hello") this.#handlers.state("open");
        this.#handlers.read(name, JSON.parse(event.data));
      });
    }
    source.addEventListener("error", () => {
      if (source !== this.#source) return;
      if (source.readyState === EventSource.CLOSED) this.#reopenLater();
      else this.#handlers.state("lost");
    });
  }

  close() {
    clearTimeout(this.#retry);
    this.#source?.close();
    this.#source = null;
  }

  async #reopenLater() {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.open(), RETRY_MS);
    const answer = await fetch("/api/call").catch(() => null);
    this.#handlers.state(answer?.status === 403 ? "refused" : "lost");
  }

  #watch() {
    if (this.#source && Date.now() - this.#lastNews > SILENCE_MS) {
      this.#handlers.state("lost");
      this.open();
    }
  }
}
