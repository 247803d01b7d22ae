/** The requests that the list shows, kept current by the events of the journal. */

import { message } from "./text.js";

/** @typedef {import("./types.js").Summary} Summary */

const SOON = 60;
const SHARE = 20; // of the time that reading takes, so that the server has most of its time for others
const LONGEST = 5000;
const SLACK = 1;
const RUNNING = 1000; // a request that waits at a gate says nothing

/** Keeps the rows of one selection. */
export class Requests {
  /** @type {AbortController} */
  #stop = new AbortController();
  /** @type {Map<string, Summary>} */
  #rows = new Map();
  #kept = 0;
  #took = 0;
  /** @type {number | undefined} */
  #timer;
  #due = 0;
  #again = false;
  #reading = false;

  /**
   * @param {import("./api.js").Api} api
   * @param {import("./api.js").Query} query The selection, and the session.
   * @param {(rows: Summary[]) => void} show
   * @param {(error: string) => void} fail
   * @param {(connected: boolean) => void} connected
   */
  constructor(api, query, show, fail, connected) {
    this.api = api;
    this.query = query;
    this.show = show;
    this.fail = fail;
    void api.listen({ session: query.session }, this.#stop.signal, (kind) => this.#hear(kind), connected);
  }

  /** Stop to listen. */
  close() {
    this.#stop.abort();
    clearTimeout(this.#timer);
  }

  /** Read everything again. */
  reload() {
    this.#rows.clear();
    this.#soon(0);
  }

  /** @param {string} kind */
  #hear(kind) {
    if (kind === "open") this.reload();
    else this.#soon(this.#pause());
  }

  /** @param {number} pause */
  #soon(pause) {
    const due = performance.now() + pause;
    if (this.#reading) this.#again = true;
    else if (this.#timer === undefined || due < this.#due) {
      clearTimeout(this.#timer);
      this.#due = due;
      this.#timer = setTimeout(() => this.#read(), pause);
    }
  }

  async #read() {
    this.#timer = undefined;
    this.#reading = true;
    const began = performance.now();
    try {
      const since = this.#since();
      const page = await this.api.get("requests/summaries", { ...this.query, ...(since ? { since } : {}) });
      if (this.#stop.signal.aborted) return;
      this.#take(page, Boolean(since));
      this.fail("");
    } catch (error) {
      this.fail(message(error));
    } finally {
      this.#took = performance.now() - began;
      this.#reading = false;
    }
    const pause = this.#pause();
    if (this.#again) this.#soon(pause);
    else if ([...this.#rows.values()].some((row) => row.ended === "in flight")) this.#soon(Math.max(RUNNING, pause));
    this.#again = false;
  }

  /**
   * @param {{ data: Summary[], kept: number }} page
   * @param {boolean} isPart
   */
  #take(page, isPart) {
    if (isPart && page.kept < this.#kept) {
      this.#kept = page.kept;
      this.reload(); // a test has reset its session
      this.#again = true;
      return;
    }
    this.#kept = page.kept;
    if (!isPart) this.#rows.clear();
    for (const row of page.data) this.#rows.set(row.id, row);
    this.show([...this.#rows.values()].toSorted((one, other) => one.at - other.at || one.ordinal - other.ordinal));
  }

  #pause() {
    return Math.min(LONGEST, Math.max(SOON, SHARE * this.#took));
  }

  /** Return the time of the earliest request that may have changed, or that is new. */
  #since() {
    const rows = [...this.#rows.values()];
    if (!rows.length || this.query.since) return "";
    const running = rows.filter((row) => row.ended === "in flight").map((row) => row.at);
    const newest = rows.reduce((latest, row) => Math.max(latest, row.at), 0);
    return String(running.reduce((first, at) => Math.min(first, at), newest) - SLACK);
  }
}
