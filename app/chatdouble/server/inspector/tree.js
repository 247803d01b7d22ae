/** JSON as a tree that unfolds, and the differences of two values. */

import { html, useState } from "./vendor/htm-preact.js";
import { Text, counted, visible } from "./text.js";

/** @typedef {import("./types.js").Json} Json */
/** @typedef {{ path: string, kind: "added" | "removed" | "changed", before?: Json, after?: Json }} Change */

const AT_ONCE = 100;
const OPEN_LEVELS = 2;
const OPEN_CHILDREN = 20;
const MOST_CHANGES = 200;

/**
 * A JSON value. Children are made when they are in sight.
 *
 * @param {{ value: Json, name?: string, level?: number, open?: boolean }} props
 */
export function Tree({ value, name, level = 0, open }) {
  const children = value !== null && typeof value === "object" ? Object.entries(value) : null;
  const [isOpen, setOpen] = useState(open ?? (level < OPEN_LEVELS && (children?.length ?? 0) <= OPEN_CHILDREN));
  const [most, setMost] = useState(AT_ONCE);
  const key = name === undefined ? null : html`<span class="key"><bdi>${visible(name)}</bdi>: </span>`;
  if (!children) return html`<div class="leaf">${key}<${Leaf} value=${value} /></div>`;
  const noun = Array.isArray(value) ? "item" : "key";
  return html`<div class="branch">
    <button type="button" class="fold" aria-expanded=${isOpen} onClick=${() => setOpen(!isOpen)}>
      ${key}<span class="size">${Array.isArray(value) ? "[ ]" : "{ }"} ${counted(children.length, noun)}</span>
    </button>
    ${
      isOpen
        ? html`<div class="children">
            ${children.slice(0, most).map(([inner, one]) => html`<${Tree} key=${inner} value=${one} name=${inner} level=${level + 1} />`)}
            ${
              children.length > most
                ? html`<button type="button" class="more" onClick=${() => setMost(most + 10 * AT_ONCE)}>
                    … ${counted(children.length - most, noun)} more
                  </button>`
                : null
            }
          </div>`
        : null
    }
  </div>`;
}

/** @param {{ value: Json }} props */
function Leaf({ value }) {
  if (typeof value !== "string") return html`<span class="atom">${String(value)}</span>`;
  return html`<span class="string"><${Text} text=${value} /></span>`;
}

/**
 * A text, folded as JSON if it is an object or an array.
 *
 * @param {{ text: string }} props
 */
export function JsonOrText({ text }) {
  const value = structure(text);
  return value === undefined ? html`<${Text} text=${text} />` : html`<${Tree} value=${value} />`;
}

/**
 * @param {string} text
 * @returns {Json | undefined}
 */
function structure(text) {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @param {{ before: Json, after: Json }} props */
export function Difference({ before, after }) {
  const changes = differences(before, after);
  if (!changes.length) return html`<p class="quiet">The two requests are the same.</p>`;
  return html`<ul class="changes">
    ${changes.map(
      (change) => html`<li class=${change.kind}>
        <b>${change.kind}</b> <code>${visible(change.path)}</code>
        ${change.before === undefined ? null : html`<div class="before"><${Tree} value=${change.before} open=${false} /></div>`}
        ${change.after === undefined ? null : html`<div class="after"><${Tree} value=${change.after} /></div>`}
      </li>`,
    )}
    ${changes.length === MOST_CHANGES ? html`<li>Further differences are not shown.</li>` : null}
  </ul>`;
}

/**
 * Return where two values differ.
 *
 * @param {Json} before
 * @param {Json} after
 * @returns {Change[]}
 */
export function differences(before, after) {
  /** @type {Change[]} */
  const found = [];
  /** @type {[string, Json | undefined, Json | undefined][]} */
  const rest = [["", before, after]];
  while (rest.length && found.length < MOST_CHANGES) {
    const [path, one, other] = /** @type {[string, Json | undefined, Json | undefined]} */ (rest.pop());
    if (one === undefined) found.push({ path, kind: "added", after: other });
    else if (other === undefined) found.push({ path, kind: "removed", before: one });
    else if (one !== null && other !== null && typeof one === "object" && typeof other === "object") {
      const [was, is] = [/** @type {Record<string, Json>} */ (one), /** @type {Record<string, Json>} */ (other)];
      const keys = [...new Set([...Object.keys(was), ...Object.keys(is)])];
      for (const key of keys.toReversed()) rest.push([path ? `${path}.${key}` : key, was[key], is[key]]);
    } else if (one !== other) found.push({ path, kind: "changed", before: one, after: other });
  }
  return found;
}
