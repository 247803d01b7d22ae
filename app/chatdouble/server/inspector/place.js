/** The place of the page: what is shown, in the address behind `#`; and the filter's language. */

import { useEffect, useState } from "./vendor/htm-preact.js";

/** @typedef {import("./types.js").Place} Place */

const NOWHERE = { page: "requests", session: "", q: "", id: "", tab: "" };
const SELECTION = ["status", "model", "rule", "path", "since", "problem", "id"];

/** @returns {Place} */
function here() {
  const [page, query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const given = Object.fromEntries(new URLSearchParams(query));
  return { ...NOWHERE, ...given, page: page || NOWHERE.page };
}

/**
 * Return the address of a place.
 *
 * @param {Partial<Place>} place
 */
export function address({ page = NOWHERE.page, ...rest }) {
  const query = new URLSearchParams(Object.entries(rest).filter(([, value]) => value)).toString();
  return `#/${page}${query ? `?${query}` : ""}`;
}

/**
 * Return the place, and what changes it.
 *
 * @returns {[Place, (change: Partial<Place>) => void]}
 */
export function usePlace() {
  const [place, set] = useState(here);
  useEffect(() => {
    const moved = () => set(here());
    addEventListener("hashchange", moved);
    return () => removeEventListener("hashchange", moved);
  }, []);
  const go = (/** @type {Partial<Place>} */ change) => {
    history.replaceState(null, "", address({ ...here(), ...change }));
    set(here());
  };
  return [place, go];
}

/**
 * Return the query of a filter: words are a text, `key:value` is a selection or a condition of a script, and a filter
 * that begins with `{` is conditions as JSON.
 *
 * @param {string} filter
 * @returns {Record<string, string>}
 */
export function queryOf(filter) {
  if (filter.trim().startsWith("{")) return { when: filter.trim() };
  /** @type {Record<string, string>} */
  const query = {};
  /** @type {Record<string, unknown>} */
  const when = {};
  const words = [];
  for (const [, key, quoted, plain] of filter.matchAll(/(?:([a-z_]+):(?!\/\/))?(?:"([^"]*)"|(\S+))/g)) {
    const value = quoted ?? plain ?? "";
    if (!key) words.push(value);
    else if (SELECTION.includes(key)) query[key] = value;
    else when[key] = valueOf(value, quoted !== undefined);
  }
  if (words.length) query.text = words.join(" ");
  if (Object.keys(when).length) query.when = JSON.stringify(when);
  return query;
}

/**
 * @param {string} text
 * @param {boolean} isText
 * @returns {unknown}
 */
function valueOf(text, isText) {
  if (isText) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
