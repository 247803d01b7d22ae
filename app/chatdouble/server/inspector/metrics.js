/** The strip of figures about the requests that are listed. */

import { html } from "./vendor/htm-preact.js";
import { duration } from "./text.js";

/** @typedef {import("./types.js").Summary} Summary */

const RECENT = 10;

/** @param {{ rows: Summary[] }} props */
export function Metrics({ rows }) {
  const ended = rows.filter((row) => row.ended !== "in flight");
  const newest = rows.at(-1)?.at ?? 0;
  const recent = rows.filter((row) => row.at > newest - RECENT).length;
  const times = ended.map((row) => row.milliseconds).sort((one, other) => one - other);
  const count = (/** @type {(row: Summary) => unknown} */ test) => rows.filter(test).length;
  const sum = (/** @type {(row: Summary) => number | null} */ of) => rows.reduce((all, row) => all + (of(row) ?? 0), 0);
  /** @type {[string, string | number][]} */
  const figures = [
    ["requests", rows.length],
    ["in flight", rows.length - ended.length],
    ["a second", (recent / RECENT).toFixed(1)],
    ["median", times.length ? duration(times[times.length >> 1] ?? 0) : "–"],
    ["tokens in", sum((row) => row.tokens_in)],
    ["tokens out", sum((row) => row.tokens_out)],
    ["errors", count((row) => row.status >= 400)],
    ["misses", count((row) => row.problems.includes("unmatched_request") || row.problems.includes("turn_mismatch"))],
    ["faults", count((row) => row.faults.length)],
  ];
  return html`<dl class="metrics" aria-label="Figures">
    ${figures.map(([name, figure]) => html`<div><dt>${name}</dt><dd>${typeof figure === "number" ? figure.toLocaleString("en") : figure}</dd></div>`)}
  </dl>`;
}
