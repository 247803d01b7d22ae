/** The double as a test holds it: replies, turns, gates, requests and the verdict of one session. */

import { Connection } from "./connection.js";
import { Gate, type GateOptions } from "./gate.js";
import type { Entry } from "./generated/entry.js";
import type { FaultSpec, PaceSpec, When } from "./generated/script.js";
import type { Verdict } from "./generated/verdict.js";
import { Judgement } from "./judgement.js";
import { keyOf } from "./key.js";
import { Requests } from "./requests.js";
import { type RuleSource, rulesIn } from "./rules.js";
import { type Arguments, type ErrorDetails, type ErrorName, errorReply, type Reply, type Turn } from "./turn.js";

/** The requests that queued replies answer. */
export interface ReplyOptions {
  /** Their conditions. */
  readonly when?: When;
  /** Their model; `*` stands for any characters. */
  readonly model?: string;
  /** How many of them each reply answers; 1 by default. */
  readonly times?: number;
}

/** The requests that belong to a scripted conversation. */
export interface ConversationOptions {
  /** The conditions that all of them meet; they tell several conversations apart. */
  readonly when?: When;
  /** The model that all of them name. */
  readonly model?: string;
  /** The conversation's name in messages. */
  readonly name?: string;
}

/** A fault by its name, such as `disconnect`. */
export type FaultName = Extract<FaultSpec, string>;

type KeysOf<Union> = Union extends unknown ? keyof Union : never;

/** The options of a fault, such as `after_chunks`, `times` or `probability`. */
export type FaultOptions = { readonly [key in Exclude<KeysOf<Exclude<FaultSpec, string>>, "name">]?: unknown };

/** Rate limits by the settings' names. */
export interface Limits {
  readonly requests_per_minute?: number;
  readonly tokens_per_minute?: number;
  readonly requests_per_day?: number;
  readonly tokens_per_day?: number;
}

/** How a session uses recordings. */
export type Mode = "replay" | "record" | "rerecord" | "passthrough";

const KEY = "sk-chatdouble";

/** One session of a server. */
export class Double {
  /** The server's address, such as `http://127.0.0.1:8000`. */
  readonly url: string;
  /** The API key, which names the session. */
  readonly key: string;
  /** The session's requests. */
  readonly requests: Requests;
  readonly #connection: Connection;
  readonly #allowed: string[] = [];
  #gates = 0;

  /**
   * @param url - The server's address.
   * @param name - The session's name; the API key is the same, in letters that a header can have.
   */
  constructor(url: string, name: string = KEY) {
    this.url = url.replace(/\/+$/, "").replace(/\/v1$/, "");
    this.key = keyOf(name);
    this.#connection = new Connection(this.url, this.key);
    this.requests = new Requests((when) => this.#entries(when));
  }

  /** The base URL for an OpenAI SDK. */
  get baseURL(): string {
    return `${this.url}/v1`;
  }

  /** The variables from which SDKs read the base URL and the key. */
  get environment(): Readonly<Record<string, string>> {
    return {
      OPENAI_BASE_URL: this.baseURL,
      OPENAI_API_BASE: this.baseURL,
      OPENAI_API_KEY: this.key,
      AZURE_OPENAI_ENDPOINT: this.url,
      AZURE_OPENAI_API_KEY: this.key,
    };
  }

  /** Return another session of the same server. */
  session(name: string): Double {
    return new Double(this.url, name);
  }

  // Answers

  /** Queue replies: texts, or replies as script files have them. Each answers one request. */
  async reply(...replies: readonly Reply[]): Promise<void>;
  /** Queue replies for some requests. */
  async reply(replies: readonly Reply[], options: ReplyOptions): Promise<void>;
  async reply(...given: readonly unknown[]): Promise<void> {
    const [replies, options] = Array.isArray(given[0]) ? (given as [unknown[], ReplyOptions?]) : [given];
    const body = options === undefined ? replies : replies.map((reply) => ({ ...options, reply }));
    await this.#connection.ask("POST", "queue", { body });
  }

  /** Queue a tool call. */
  async call(name: string, args: Arguments = {}): Promise<void> {
    await this.reply({ tool_calls: [{ name, arguments: args }] });
  }

  /** Queue a refusal of the model. */
  async refuse(refusal: string): Promise<void> {
    await this.reply({ refusal });
  }

  /**
   * Queue an error of the API.
   *
   * @param error - The status, such as 429, or the name of an error, such as `rate_limit_exceeded`.
   * @param details - What the error has besides, and `times`, how many requests get it.
   */
  async fail(error: number | ErrorName, details: ErrorDetails & { readonly times?: number } = {}): Promise<void> {
    const { times = 1, ...rest } = details;
    await this.reply([errorReply(error, rest)], { times });
  }

  /** Script a conversation, whose turns answer its next requests in order. */
  async script(...turns: readonly Turn[]): Promise<void>;
  /** Script one of several conversations. */
  async script(turns: readonly Turn[], conversation: ConversationOptions): Promise<void>;
  async script(...given: readonly unknown[]): Promise<void> {
    const [turns, conversation] = Array.isArray(given[0]) ? given : [given];
    await this.#connection.ask("POST", "script", { body: { turns, conversation } });
  }

  /** Add rules for this session, tried before those of the server: script files, rules or lists of rules. */
  async rules(...sources: readonly RuleSource[]): Promise<void> {
    for (const source of sources) {
      for (const rule of await rulesIn(source)) {
        await this.#connection.ask("POST", "rules", { body: { rule, position: "last" } });
      }
    }
  }

  // Delivery

  /** Set the pace of the session's answers, or of one model's. */
  async pace(pace: PaceSpec, { model = "*" }: { model?: string } = {}): Promise<void> {
    await this.#connection.ask("PUT", "pace", { body: pace, query: { model } });
  }

  /** Set a fault of the session's answers. */
  async fault(name: FaultName, options: FaultOptions = {}): Promise<void> {
    await this.#connection.ask("PUT", "faults", { body: { name, ...options } });
  }

  /** Set the session's rate limits, or those of one model. */
  async limits(limits: Limits, { model = "*" }: { model?: string } = {}): Promise<void> {
    await this.#connection.ask("PUT", "limits", { body: limits, query: { model } });
  }

  /** Move the session's clock forward by seconds: rate limits refill, and new answers have later dates. */
  async advance(seconds: number): Promise<void> {
    await this.#connection.ask("POST", "clock", { body: { advance: seconds } });
  }

  /** Set a gate, at which answers stop until the test releases them. */
  async hold(options: GateOptions = {}): Promise<Gate> {
    this.#gates += 1;
    return new Gate(this.#connection, `gate-${this.#gates}`).set(options);
  }

  /** Set how the session uses recordings; the server needs an upstream or a folder of recordings. */
  async record(mode: Mode): Promise<void> {
    await this.#connection.ask("PUT", "mode", { body: mode });
  }

  // Reading back

  /** Wait until so many requests that meet conditions have arrived, for at most `timeout` seconds. */
  async waitFor(count: number, { when, timeout = 5 }: { when?: When; timeout?: number } = {}): Promise<void> {
    await this.#connection.ask("POST", "requests/wait", { body: { count, timeout, when }, wait: timeout });
  }

  /** Let problems not fail the test: kinds, such as `refused`, or `kind: pattern of what was found`. */
  allow(...problems: readonly string[]): void {
    this.#allowed.push(...problems);
  }

  /** Return the verdict on the session, in which allowed problems do not count; with `strict`, warnings are errors. */
  async verdict(options: { strict?: boolean; allow?: readonly string[] } = {}): Promise<Judgement> {
    const allow = [...this.#allowed, ...(options.allow ?? [])];
    const query = { allow, strict: options.strict ? "true" : undefined };
    return new Judgement(await this.#connection.ask<Verdict>("GET", "verdict", { query }));
  }

  /** Clear everything of the session. */
  async reset(): Promise<void> {
    await this.#connection.ask("POST", "reset");
  }

  async #entries(when?: When): Promise<readonly Entry[]> {
    const query = { when: when && JSON.stringify(when) };
    return (await this.#connection.ask<{ data: Entry[] }>("GET", "requests", { query })).data;
  }
}
