/** Requests that the double has answered, as tests look at them. */

import type { Entry } from "./generated/entry.js";
import type { When } from "./generated/script.js";
import { asObject, asText, type JSONObject, objectsIn, textOf } from "./json.js";
import { steady } from "./steady.js";

/** What stays the same from run to run of a request and its answer. */
export interface Snapshot {
  request: unknown;
  status: number;
  response: unknown;
}

/** A request and its answer. */
export class Request {
  /** @param entry - The journal's entry, as `GET /_double/requests` shows it. */
  constructor(readonly entry: Entry) {}

  /** The request's id, the `x-request-id` of its answer. */
  get id(): string {
    return this.entry.id;
  }

  /** The request's body. */
  get body(): JSONObject {
    return asObject(this.entry.request);
  }

  /** The model that was asked for. */
  get model(): string {
    return asText(this.body["model"]) ?? "";
  }

  /** The messages, or the items of the Responses API's input. */
  get messages(): readonly JSONObject[] {
    const given = this.body["messages"] ?? this.body["input"];
    return typeof given === "string" ? [{ role: "user", content: given }] : objectsIn(given);
  }

  /** The text of the last user message; undefined: there is none. */
  get user(): string | undefined {
    const said = this.messages.filter((message) => message["role"] === "user");
    return said.length > 0 ? textOf(asObject(said.at(-1))) : undefined;
  }

  /** The text of all system and developer messages, joined by line breaks; undefined: there is none. */
  get system(): string | undefined {
    const messages = this.messages.filter((one) => one["role"] === "system" || one["role"] === "developer");
    const instructions = asText(this.body["instructions"]);
    const found = [...(instructions === undefined ? [] : [instructions]), ...messages.map(textOf)];
    return found.length > 0 ? found.join("\n") : undefined;
  }

  /** The names of the tools that the request offers. */
  get tools(): string[] {
    return objectsIn(this.body["tools"]).map((tool) => {
      const inner = asObject(tool[String(tool["type"])]);
      return asText(inner["name"]) ?? asText(tool["name"]) ?? String(tool["type"]);
    });
  }

  /** The texts of the tool results at the end of the conversation. */
  get toolResults(): string[] {
    const last = this.messages.findLastIndex((message) => !isResult(message));
    return this.messages
      .slice(last + 1)
      .map((result) => ("content" in result ? textOf(result) : (asText(result["output"]) ?? "")));
  }

  /** The request's headers by name in lower case, secrets replaced. */
  get headers(): Readonly<Record<string, string>> {
    return this.entry.headers;
  }

  /** The answer's status; 0: the client left before there was one, or the request is in flight. */
  get status(): number {
    return this.entry.status;
  }

  /** The rule that answered; `queue` for a queued reply, `turn` for a turn. */
  get rule(): string | undefined {
    return this.entry.rule;
  }

  /** The answer's body, or the error's envelope; empty if there is none. */
  get response(): JSONObject {
    return asObject(this.entry.response);
  }

  /** The text of the answer; undefined: it has none. */
  get text(): string | undefined {
    const [choice] = objectsIn(this.response["choices"]);
    if (choice !== undefined) return asText(asObject(choice["message"])["content"]);
    const item = objectsIn(this.response["output"]).find((one) => one["type"] === "message");
    return item && textOf(item);
  }

  /** The answer's usage; empty if there is none. */
  get usage(): JSONObject {
    return asObject(this.response["usage"]);
  }

  /**
   * Return the request and its answer without what differs from run to run: ids, times, fingerprints.
   *
   * Ids that a request repeats are replaced by names (`call_1`), so that it stays clear what belongs together.
   */
  snapshot(): Snapshot {
    const ids = new Map<string, string>();
    return { request: steady(this.body, ids), status: this.status, response: steady(this.response, ids) };
  }
}

function isResult(message: JSONObject): boolean {
  return message["role"] === "tool" || String(message["type"]).endsWith("_call_output");
}

/** The requests of a session, in the order of their arrival; `await` returns all of them. */
export class Requests implements PromiseLike<readonly Request[]> {
  readonly #read: (when?: When) => Promise<readonly Entry[]>;

  /** @param read - Returns the entries that meet conditions, oldest first. */
  constructor(read: (when?: When) => Promise<readonly Entry[]>) {
    this.#read = read;
  }

  then<Result = readonly Request[], Failed = never>(
    use?: ((requests: readonly Request[]) => Result | PromiseLike<Result>) | null,
    fail?: ((reason: unknown) => Failed | PromiseLike<Failed>) | null,
  ): Promise<Result | Failed> {
    return this.where().then(use, fail);
  }

  /** Return the requests that meet conditions, by the keys of script files, such as `{ user: "*Paris*" }`. */
  async where(when?: When): Promise<readonly Request[]> {
    return (await this.#read(when)).map((entry) => new Request(entry));
  }

  /** Return a request by its position; a negative one counts from the end. */
  async at(index: number): Promise<Request> {
    const all = await this.where();
    const found = all.at(index);
    if (found === undefined) {
      const count = `${all.length} request${all.length === 1 ? "" : "s"}`;
      throw new RangeError(`there is no request ${index}; the session has ${count}`);
    }
    return found;
  }

  /** Return the newest request. */
  async last(): Promise<Request> {
    return this.at(-1);
  }

  /** Return the only request that meets conditions; an error, if none or several do. */
  async one(when: When): Promise<Request> {
    const found = await this.where(when);
    const [only] = found;
    if (only !== undefined && found.length === 1) return only;
    const all = await this.where();
    const shown = all.map((one, at) => `  ${at + 1}. ${one.model}: ${JSON.stringify(one.user)}`).join("\n");
    throw new Error(`${found.length} requests meet ${JSON.stringify(when)}, not 1 of:\n${shown}`);
  }
}
