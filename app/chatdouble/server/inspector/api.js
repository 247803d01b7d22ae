/** The control API of the server that the page comes from. */

/** @typedef {Record<string, string | undefined>} Query */

const STORED = "chatdouble.key";
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 10_000;

/** An answer that is an error. */
export class ApiError extends Error {
  /**
   * @param {number} status The status.
   * @param {string} code The error's code.
   * @param {string} message The error's message.
   */
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** Asks the server. The key lives as long as the tab. */
export class Api {
  constructor() {
    const meta = document.querySelector('meta[name="page-key"]')?.getAttribute("content");
    this.key = sessionStorage.getItem(STORED) || meta || "";
    this.opened = Boolean(meta) && !sessionStorage.getItem(STORED);
  }

  /** @param {string} key Keep a key for this tab; an empty one forgets it. */
  keep(key) {
    this.key = key;
    this.opened = false;
    if (key) sessionStorage.setItem(STORED, key);
    else sessionStorage.removeItem(STORED);
  }

  /**
   * Return the answer to a request.
   *
   * @param {string} method
   * @param {string} path The path behind `/_double/`.
   * @param {Query} [query]
   * @param {unknown} [body] What is sent as JSON, or a file.
   * @returns {Promise<Response>}
   */
  async send(method, path, query = {}, body) {
    const answer = await fetch(this.#url(path, query), {
      method,
      headers: this.#headers(),
      body: body === undefined || body instanceof Blob ? body : JSON.stringify(body),
    });
    if (answer.ok) return answer;
    const text = await answer.text();
    let error = { code: "", message: `${answer.status}: ${text.slice(0, 200)}` };
    try {
      error = { ...error, ...JSON.parse(text).error };
    } catch {
      // not JSON: a proxy in between
    }
    throw new ApiError(answer.status, error.code ?? "", error.message);
  }

  /**
   * Return the JSON of an answer.
   *
   * @param {string} path
   * @param {Query} [query]
   * @returns {Promise<any>}
   */
  async get(path, query) {
    return (await this.send("GET", path, query)).json();
  }

  /**
   * Call back when the journal has changed, until the signal aborts.
   *
   * @param {Query} query
   * @param {AbortSignal} signal
   * @param {(kind: string) => void} heard Called with `changed`, and `open` when it listens.
   * @param {(connected: boolean) => void} connected
   */
  async listen(query, signal, heard, connected) {
    let pause = FIRST_PAUSE;
    while (!signal.aborted) {
      try {
        const url = this.#url("events", { ...query, changes: "true" });
        const answer = await fetch(url, { headers: this.#headers(), signal });
        if (!answer.ok || !answer.body) throw new Error(String(answer.status));
        pause = FIRST_PAUSE;
        connected(true);
        heard("open");
        for await (const event of events(answer.body)) heard(event);
      } catch {
        // the server has gone, or the page stops to listen
      }
      if (signal.aborted) return;
      connected(false);
      await new Promise((done) => setTimeout(done, pause));
      pause = Math.min(2 * pause, LONGEST_PAUSE);
    }
  }

  /** @returns {Record<string, string>} */
  #headers() {
    return this.key ? { authorization: `Bearer ${this.key}` } : {};
  }

  /**
   * @param {string} path
   * @param {Query} query
   */
  #url(path, query) {
    const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
    const asked = new URLSearchParams(/** @type {[string, string][]} */ (given)).toString();
    return `/_double/${path}${asked ? `?${asked}` : ""}`;
  }
}

/**
 * Yield the kinds of server-sent events. Their data is not kept: the page asks for what it shows.
 *
 * @param {ReadableStream<Uint8Array<ArrayBuffer>>} body
 */
async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let event = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + value).split(/\r\n|\n|\r/);
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line.startsWith("event: ")) event = line.slice(7);
      else if (line === "" && event) {
        yield event;
        event = "";
      }
    }
  }
}
