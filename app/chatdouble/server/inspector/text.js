/** Texts of strangers, made safe to read, and figures in short. */

import { html, useState } from "./vendor/htm-preact.js";

const SHORT = 3000;
// oxlint-disable-next-line no-control-regex -- to find them is what it is for
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;
const DIRECTIONS = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Return a text in which characters that a reader would not see, or that would reorder others, are shown.
 *
 * @param {string} text
 */
export function visible(text) {
  return text
    .replace(CONTROLS, (one) => (one === "\u007f" ? "\u2421" : String.fromCharCode(0x2400 + one.charCodeAt(0))))
    .replace(DIRECTIONS, (one) => `\u27e8U+${one.charCodeAt(0).toString(16).toUpperCase()}\u27e9`);
}

/**
 * A text of any length, folded if it is long.
 *
 * @param {{ text: string, label?: string }} props
 */
export function Text({ text, label }) {
  const [whole, unfold] = useState(false);
  const shown = whole || text.length <= SHORT ? text : text.slice(0, SHORT);
  return html`<div class="text" dir="auto" aria-label=${label}>${visible(shown)}${
    shown.length < text.length
      ? html`<button type="button" class="more" onClick=${() => unfold(true)}>
          … show all ${text.length.toLocaleString("en")} characters
        </button>`
      : null
  }</div>`;
}

/** @param {number} milliseconds */
export function duration(milliseconds) {
  if (milliseconds < 10) return `${milliseconds.toFixed(1)} ms`;
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  return milliseconds < 60_000 ? `${(milliseconds / 1000).toFixed(1)} s` : `${Math.round(milliseconds / 60_000)} min`;
}

/** @param {number} seconds Seconds since 1970. */
export function time(seconds) {
  const at = new Date(seconds * 1000);
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map((one) => String(one).padStart(2, "0")).join(":");
}

/**
 * @param {number} count
 * @param {string} noun
 */
export function counted(count, noun) {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}

/** @param {unknown} error */
export function message(error) {
  return error instanceof Error ? error.message : String(error);
}
