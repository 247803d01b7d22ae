/** The key that names a session. */

import { createHash } from "node:crypto";

const LONGEST = 200;

/** What a key cannot have: it travels in a header. */
const NOT_IN_KEYS = /[^!-~]/g;

/** Return the key of a session: its name, in letters that a header can have. */
export function keyOf(name: string): string {
  const key = name.replace(NOT_IN_KEYS, "_");
  if (key === name && key.length <= LONGEST) return key;
  return `${key.slice(0, LONGEST)}-${createHash("sha256").update(name).digest("hex").slice(0, 8)}`;
}
