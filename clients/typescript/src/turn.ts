/** Turns of a scripted conversation, written as code. */

import type { ErrorSpec, ReplySpec, When } from "./generated/script.js";

/** The members of a union that are objects with named keys. */
type Named<Union> = Exclude<Extract<Union, object>, readonly unknown[]>;

/** A reply as script files have it; a string is its text. */
export type Reply = ReplySpec;

/** The keys of a reply. */
export type ReplyKeys = Named<ReplySpec>;

/** The keys of an error besides the status and the name. */
export type ErrorDetails = Omit<Named<ErrorSpec>, "name" | "status">;

/** The name of one of the API's errors. */
export type ErrorName = Extract<ErrorSpec, string>;

/** The arguments of a tool call; strings in them are templates. */
export type Arguments = Readonly<Record<string, unknown>>;

/** Return a reply that is an error: a status, such as 429, or a name, such as `rate_limit_exceeded`. */
export function errorReply(error: number | ErrorName, details: ErrorDetails): ReplyKeys {
  return { error: { ...(typeof error === "number" ? { status: error } : { name: error }), ...details } };
}

/** A turn as the control takes it. */
export interface TurnSpec {
  readonly when: When;
  readonly reply: Reply;
}

/**
 * The conditions on a request, and the reply to it.
 *
 * Methods that end in a reply return a new turn, so `turn({ user: "*Paris*" }).says("18 degrees.")` is whole.
 */
export class Turn {
  /**
   * @param when - The conditions, as script files have them; none: any request fits.
   * @param reply - The reply; undefined: the turn has none yet.
   */
  constructor(
    readonly when: When,
    readonly reply?: Reply,
  ) {}

  /** Answer with a text, a template as in script files; `options` are further keys of the reply. */
  says(text: string, options: Omit<ReplyKeys, "text"> = {}): Turn {
    return this.#with({ text, ...options });
  }

  /** Answer with a tool call; several in a row make parallel calls, after `says` it follows the text. */
  calls(name: string, args: Arguments = {}): Turn {
    return this.#with({ tool_calls: [...(this.#given().tool_calls ?? []), { name, arguments: args }] });
  }

  /** Answer with the model's refusal. */
  refuses(refusal: string): Turn {
    return this.#with({ refusal });
  }

  /** Answer with an error of the API: a status, such as 429, or a name, such as `rate_limit_exceeded`. */
  fails(error: number | ErrorName, details: ErrorDetails = {}): Turn {
    return new Turn(this.when, errorReply(error, details));
  }

  /** Answer with a reply as script files have it. */
  replies(reply: Reply): Turn {
    return new Turn(this.when, reply);
  }

  /** Return the turn as the control takes it. */
  toJSON(): TurnSpec {
    if (this.reply === undefined) {
      throw new TypeError("a turn needs a reply: end it with .says(), .calls(), .fails(), .refuses() or .replies()");
    }
    return { when: this.when, reply: this.reply };
  }

  #given(): ReplyKeys {
    return typeof this.reply === "string" ? { text: this.reply } : (this.reply ?? {});
  }

  #with(more: ReplyKeys): Turn {
    return new Turn(this.when, { ...this.#given(), ...more });
  }
}

/**
 * Return a turn for requests that meet conditions.
 *
 * @param when - The conditions by the keys of script files: `user: "*Paris*"`, `tools: ["get_weather"]`,
 *   `tool_result: true`.
 */
export function turn(when: When = {}): Turn {
  return new Turn(when);
}
