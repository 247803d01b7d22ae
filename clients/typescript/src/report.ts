/** Reports for a failing test: its conversation, and the problems of its verdict. */

import type { Double } from "./double.js";
import { FATAL } from "./generated/kinds.js";
import { asObject, asText, type JSONObject, objectsIn } from "./json.js";
import { block } from "./judgement.js";
import type { Request } from "./requests.js";

/** The letters of a message that are shown. */
const LONGEST = 300;

/** The requests that are shown. */
const MANY = 20;

/** Return the problems that fail a test, and who said what before; empty: there are none. */
export async function failures(double: Double): Promise<string> {
  const verdict = await double.verdict();
  const fatal = verdict.problems.filter((problem) => (FATAL as readonly string[]).includes(problem.kind));
  return fatal.length > 0 ? [...fatal.map(block), await said(double), verdict.summary].join("\n\n") : "";
}

/** Return who said what in a session and what answered, and its verdict. */
export async function conversation(double: Double): Promise<string> {
  return `${await said(double)}\n\n${await double.verdict()}`;
}

async function said(double: Double): Promise<string> {
  const requests = await double.requests;
  const earlier = requests.length > MANY ? [`(${requests.length - MANY} earlier requests)`] : [];
  const lines = requests.length > 0 ? requests.slice(-MANY).flatMap(shown) : ["no requests"];
  return [...earlier, ...lines].join("\n");
}

function shown(request: Request): string[] {
  const { entry, response } = request;
  const by = request.rule === undefined ? "" : ` by ${request.rule}`;
  const said = request.messages
    .slice(entry.adds ?? 0)
    .map((message) => `   ${message["role"] ?? message["type"]}: ${content(message)}`);
  const error = "error" in response ? [`   error: ${short(String(asObject(response["error"])["message"]))}`] : [];
  const choices = objectsIn(response["choices"]).map((choice) => asObject(choice["message"]));
  const answers = [...choices, ...objectsIn(response["output"])].map((answer) => `   -> ${content(answer)}`);
  return [`${entry.ordinal}. ${request.model || entry.path}: ${request.status}${by}`, ...said, ...error, ...answers];
}

/** Return a message's text, its refusal, and its calls in one line. */
function content(message: JSONObject): string {
  const texts = ["content", "refusal", "output"]
    .map((key) => message[key])
    .filter((value) => Boolean(value))
    .map((value) => asText(value) ?? JSON.stringify(value));
  const calls = objectsIn(message["tool_calls"]);
  return short([...texts, ...(calls.length > 0 ? calls : [message]).flatMap(called)].join(" ")) || "(empty)";
}

/** Return a tool call as `name(arguments)`; none, if it is not one. */
function called(call: JSONObject): string[] {
  const inner = asObject(call["function"] ?? call["custom"] ?? call);
  return "name" in inner ? [`${inner["name"]}(${inner["arguments"] ?? inner["input"] ?? ""})`] : [];
}

function short(text: string): string {
  const line = text.split(/\s+/).join(" ").trim();
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST)}...`;
}
