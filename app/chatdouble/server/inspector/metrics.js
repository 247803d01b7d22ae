/** The strip of figures about the requests that are listed, with their course. */

import { html, useMemo } from "./vendor/htm-preact.js";
import { duration } from "./text.js";

/** @typedef {import("./types.js").Summary} Summary */
/** @typedef {{ name: string, figure: string | number, course?: number[], unit?: string }} Figure */

const RECENT = 10;
const BINS = 40;
const HEIGHT = 16;

/** @param {{ rows: Summary[], total: number, selects: boolean }} props */
export function Metrics({ rows, total, selects }) {
  const figures = useMemo(() => figuresOf(rows, total, selects), [rows, total, selects]);
  return html`<dl class="metrics" aria-label="Figures">
    ${figures.map(
      ({ name, figure, course }) => html`<div>
        <dt>${name}</dt>
        <dd>${typeof figure === "number" ? figure.toLocaleString("en") : figure}</dd>
        ${course ? html`<dd class="course"><${Course} name=${name} values=${course} /></dd>` : null}
      </div>`,
    )}
  </dl>`;
}

/**
 * Return the figures, with the course over time of those that are drawn.
 *
 * @param {Summary[]} rows In the order of their times.
 * @param {number} total The requests, with those that are not listed.
 * @param {boolean} selects Whether only some are listed because a filter selects them.
 * @returns {Figure[]}
 */
function figuresOf(rows, total, selects) {
  const count = selects ? (/** @type {Summary[]} */ found) => found.length : spanned;
  const ended = rows.filter((row) => row.ended !== "in flight");
  const newest = rows.at(-1)?.at ?? 0;
  const bins = binned(rows);
  const seconds = (newest - (rows[0]?.at ?? 0)) / BINS;
  /** @param {(row: Summary) => number} of */
  const course = (of) => bins.map((found) => found.reduce((all, row) => all + of(row), 0));
  /** @param {(row: Summary) => number} of */
  const summed = (of) => ({ figure: rows.reduce((all, row) => all + of(row), 0), course: course(of) });
  return [
    { name: "requests", figure: total },
    { name: "in flight", figure: rows.length - ended.length },
    {
      name: "a second",
      figure: (count(rows.filter((row) => row.at > newest - RECENT)) / RECENT).toFixed(1),
      course: bins.map((found) => count(found) / (seconds || 1)),
    },
    { name: "median", figure: ended.length ? duration(median(ended)) : "–", course: bins.map(median) },
    { name: "tokens in", ...summed((row) => row.tokens_in ?? 0) },
    { name: "tokens out", ...summed((row) => row.tokens_out ?? 0) },
    { name: "errors", ...summed((row) => Number(row.status >= 400)) },
    { name: "misses", ...summed((row) => Number(row.problems.includes("unmatched_request") || row.problems.includes("turn_mismatch"))) },
    { name: "faults", ...summed((row) => Number(row.faults.length > 0)) },
  ];
}

/**
 * Return the requests in parts of the same length of time; none, if all came at the same time.
 *
 * @param {Summary[]} rows
 */
function binned(rows) {
  const from = rows[0]?.at ?? 0;
  const whole = (rows.at(-1)?.at ?? 0) - from;
  if (!whole) return [];
  /** @type {Summary[][]} */
  const bins = Array.from({ length: BINS }, () => []);
  for (const row of rows) bins[Math.min(BINS - 1, Math.floor((BINS * (row.at - from)) / whole))]?.push(row);
  return bins;
}

/**
 * Return the number of requests from the first row of each session to its last, listed or not.
 *
 * @param {Summary[]} rows
 */
function spanned(rows) {
  /** @type {Map<string, [number, number]>} */
  const spans = new Map();
  for (const { session, ordinal } of rows) {
    const [first, last] = spans.get(session) ?? [ordinal, ordinal];
    spans.set(session, [Math.min(first, ordinal), Math.max(last, ordinal)]);
  }
  return [...spans.values()].reduce((all, [first, last]) => all + 1 + last - first, 0);
}

/** @param {Summary[]} rows */
function median(rows) {
  const times = rows.map((row) => row.milliseconds).toSorted((one, other) => one - other);
  return times[times.length >> 1] ?? 0;
}

/** @param {{ name: string, values: number[] }} props */
function Course({ name, values }) {
  const most = Math.max(0, ...values);
  if (!most) return null;
  const label = `Course of ${name}, from the first request to the newest`;
  return html`<svg class="spark" role="img" aria-label=${label} viewBox=${`0 0 ${BINS} ${HEIGHT}`} preserveAspectRatio="none">
    ${values.map((value, at) => {
      const height = value && Math.max(1, (HEIGHT * value) / most);
      return height ? html`<rect x=${at} y=${HEIGHT - height} width="1" height=${height} />` : null;
    })}
  </svg>`;
}
