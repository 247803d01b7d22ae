/** A request as code. */

import { objectOf } from "./conversation.js";

/** @typedef {import("./types.js").Json} Json */

/**
 * Return a request as a call of the Python SDK.
 *
 * @param {Json} request
 */
export function python(request) {
  const options = Object.entries(objectOf(request)).map(([name, value]) => `    ${name}=${pythonValue(value, 4)},`);
  return [
    "from openai import OpenAI",
    "",
    `client = OpenAI(base_url=${JSON.stringify(`${location.origin}/v1`)})`,
    "answer = client.chat.completions.create(",
    ...options,
    ")",
    "print(answer)",
    "",
  ].join("\n");
}

/**
 * Return a request as a call of the TypeScript SDK.
 *
 * @param {Json} request
 */
export function typescript(request) {
  return [
    'import OpenAI from "openai";',
    "",
    `const client = new OpenAI({ baseURL: ${JSON.stringify(`${location.origin}/v1`)} });`,
    `const answer = await client.chat.completions.create(${JSON.stringify(request, null, 2)});`,
    "console.log(answer);",
    "",
  ].join("\n");
}

/**
 * Return turns as a test for pytest.
 *
 * @param {{ when: Json, reply: Json }[]} turns
 */
export function pytest(turns) {
  const lines = turns.map(({ when, reply }) => {
    const conditions = Object.entries(objectOf(when)).map(([name, value]) => `${name}=${pythonValue(value, 8)}`);
    return `        turn(${conditions.join(", ")}).replies(${pythonValue(reply, 8)}),`;
  });
  return ["from chatdouble.testing import turn", "", "", "def test_it(chatdouble):", "    chatdouble.script(", ...lines, "    )", ""].join("\n");
}

/**
 * @param {Json} value
 * @param {number} indent
 * @returns {string}
 */
function pythonValue(value, indent) {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  // Python reads JSON's escapes of texts, but for those of lone halves of a character.
  if (typeof value !== "object") return JSON.stringify(value);
  const inner = " ".repeat(indent + 4);
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  const parts = Array.isArray(value)
    ? value.map((one) => pythonValue(one, indent + 4))
    : Object.entries(value).map(([key, one]) => `${JSON.stringify(key)}: ${pythonValue(one, indent + 4)}`);
  return parts.length ? `${open}\n${parts.map((one) => `${inner}${one},\n`).join("")}${" ".repeat(indent)}${close}` : `${open}${close}`;
}
