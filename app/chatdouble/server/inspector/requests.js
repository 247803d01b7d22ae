/** The requests that the list shows, kept current by the changes of the journal. */

import { message } from "./text.js";

/** @typedef {import("./types.js").Summary} Summary */
/** @typedef {import("./types.js").Listed} Listed */

const SOON = 60;
const SHARE = 20; // of the time that reading takes, so that the server has most of its time for others
const LONGEST = 5000;
const SLACK = 1;
const RUNNING = 1000; // a request that waits at a gate says nothing
const NEWEST = 30; // a screenful: what is new is read at once, however long the journal is
const FEW = 5; // as many, while more than a screenful come between two looks
const CALM = 1500; // after which all are read, if no more than a screenful came

/** Keeps the rows of one selection. */
export class Requests {
  /** @type {AbortController} */
  #stop = new AbortController();
  /** @type {Map<string, Summary>} */
  #rows = new Map();
  #ended = 0;
  #isPart = false; // whether requests came that are not read yet
  #isBusy = false; // whether more than a screenful came since the last look
  #took = 0;
  /** @type {number | undefined} */
  #timer;
  #due = 0;
  #again = false;
  #reading = false;
  #allDue = Infinity; // when all requests are read, and not only the newest
  #since = "";

  /**
   * @param {import("./api.js").Api} api
   * @param {import("./api.js").Query} query The selection, and the session.
   * @param {(listed: Listed) => void} show
   * @param {(error: string) => void} fail
   * @param {(connected: boolean) => void} connected
   */
  constructor(api, query, show, fail, connected) {
    this.api = api;
    this.query = query;
    this.show = show;
    this.fail = fail;
    this.selects = Object.keys(query).some((name) => name !== "session"); // so that all have to be looked at
    void api.listen({ session: query.session }, this.#stop.signal, (kind) => this.#hear(kind), connected);
  }

  /** Stop to listen. */
  close() {
    this.#stop.abort();
    clearTimeout(this.#timer);
  }

  /** Read everything again. */
  reload() {
    this.#since = "";
    this.#allDue = performance.now();
    this.#soon(0);
  }

  /** @param {string} kind */
  #hear(kind) {
    if (kind === "open" && this.selects) this.reload();
    else {
      if (kind === "open") this.#since = "";
      this.#soon(this.selects ? this.#pause() : SOON);
    }
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
    const all = this.selects || performance.now() >= this.#allDue;
    try {
      if (all) await this.#readAll();
      else await this.#readNewest();
      if (!this.#stop.signal.aborted) this.fail("");
    } catch (error) {
      this.fail(message(error));
    } finally {
      this.#reading = false;
    }
    if (this.#stop.signal.aborted) return;
    if (this.#again) this.#soon(this.selects ? this.#pause() : SOON);
    else if (this.#running().length) this.#soon(Math.max(RUNNING, this.selects ? this.#pause() : 0));
    if (this.#allDue < Infinity) this.#soon(Math.max(0, this.#allDue - performance.now()));
    this.#again = false;
  }

  async #readAll() {
    const began = performance.now();
    const since = this.query.since ? "" : this.#since;
    this.#allDue = Infinity;
    const page = await this.api.get("requests/summaries", { ...this.query, ...(since ? { since } : {}) });
    this.#took = performance.now() - began;
    if (this.#stop.signal.aborted) return;
    const ended = page.kept - (this.selects ? 0 : inFlight(page.data));
    if (since && ended < this.#ended) {
      this.#ended = ended;
      this.reload(); // a test has reset its session
      return;
    }
    this.#isPart = false;
    this.#take(page, !since);
    this.#ended = ended;
    this.#since = this.#earliest();
  }

  async #readNewest() {
    const newest = String(this.#isBusy ? FEW : NEWEST);
    const page = await this.api.get("requests/summaries", { ...this.query, newest });
    if (this.#stop.signal.aborted) return;
    const ended = page.kept - inFlight(page.data);
    const isAll = page.kept <= page.data.length;
    const isReset = ended < this.#ended;
    const isFirst = !this.#rows.size;
    this.#isBusy = !isFirst && !isAll && this.#came(page.data) > NEWEST;
    for (const row of this.#running()) this.#rows.delete(row.id); // those that go on are in the page
    this.#isPart = !isAll && (this.#isPart || isFirst || isReset || this.#isBusy);
    this.#take(page, isAll || isReset);
    this.#ended = ended;
    if (isReset) this.#since = "";
    if (isAll) [this.#allDue, this.#since] = [Infinity, this.#earliest()];
    else if (this.#isBusy) this.#allDue = performance.now() + CALM;
    else this.#allDue = Math.min(this.#allDue, performance.now() + (isFirst ? CALM : this.#pause()));
  }

  /**
   * Return how many requests came since the last look, by their numbers in their sessions.
   *
   * @param {Summary[]} newest
   */
  #came(newest) {
    const isKnown = (/** @type {Summary} */ row) => (this.#rows.get(row.id)?.ended ?? "in flight") !== "in flight";
    if (newest.some(isKnown)) return 0;
    const [before, now] = [lastOf([...this.#rows.values()]), lastOf(newest)];
    return [...now].reduce((sum, [session, last]) => sum + last - (before.get(session) ?? -Infinity), 0);
  }

  /**
   * @param {{ data: Summary[], kept: number }} page
   * @param {boolean} isAll
   */
  #take(page, isAll) {
    if (isAll) this.#rows.clear();
    for (const row of page.data) this.#rows.set(row.id, row);
    let rows = [...this.#rows.values()].toSorted((one, other) => one.at - other.at || one.ordinal - other.ordinal);
    if (!this.selects) {
      const last = lastOf(rows); // the journal has dropped the oldest
      rows = rows.filter((row) => (last.get(row.session) ?? 0) - row.ordinal < page.kept).slice(-page.kept);
      this.#rows = new Map(rows.map((row) => [row.id, row]));
    }
    this.show({ rows, total: this.selects ? rows.length : page.kept, isPart: this.#isPart });
  }

  #running() {
    return [...this.#rows.values()].filter((row) => row.ended === "in flight");
  }

  #pause() {
    return Math.min(LONGEST, Math.max(SOON, SHARE * this.#took));
  }

  /** Return the time of the earliest request that may change, or that comes next. */
  #earliest() {
    const newest = [...this.#rows.values()].reduce((latest, row) => Math.max(latest, row.at), 0);
    const first = this.#running().reduce((earliest, row) => Math.min(earliest, row.at), newest);
    return first ? String(first - SLACK) : "";
  }
}

/** @param {Summary[]} rows */
function inFlight(rows) {
  return rows.filter((row) => row.ended === "in flight").length;
}

/**
 * Return the number of the last request of each session.
 *
 * @param {Summary[]} rows
 */
function lastOf(rows) {
  /** @type {Map<string, number>} */
  const last = new Map();
  for (const { session, ordinal } of rows) last.set(session, Math.max(ordinal, last.get(session) ?? 0));
  return last;
}
