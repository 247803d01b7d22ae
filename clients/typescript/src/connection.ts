/** A connection to the control API of a running server. */

const ask = globalThis.fetch; // tests replace it, and must not cut themselves off

/** Seconds to wait for an answer, beyond those that the server was asked to wait. */
const LONGEST_ANSWER = 30;

/** The server refused a control request, or did not answer it. */
export class ControlError extends Error {
  override readonly name = "ControlError";

  /**
   * @param message - What went wrong.
   * @param status - The HTTP status; undefined: there was no answer.
   */
  constructor(
    message: string,
    readonly status?: number,
  ) {
    super(message);
  }
}

/** What a control request has besides its method and path. */
export interface Asked {
  /** The body, if there is one. */
  readonly body?: unknown;
  /** The query; a list is sent once for each value. */
  readonly query?: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Seconds that the server may wait before it answers. */
  readonly wait?: number;
}

/** The server to ask, and the session that its key names. */
export class Connection {
  constructor(
    readonly url: string,
    readonly key: string,
  ) {}

  /**
   * Send a control request and return its JSON.
   *
   * @param method - The HTTP method.
   * @param path - The path behind `/_double/`.
   * @throws {@link ControlError} - The server refused the request, or did not answer.
   */
  async ask<Answer>(method: string, path: string, asked: Asked = {}): Promise<Answer> {
    const headers = { authorization: `Bearer ${this.key}`, "content-type": "application/json" };
    const body = "body" in asked ? { body: JSON.stringify(asked.body), headers } : { headers };
    const signal = AbortSignal.timeout((LONGEST_ANSWER + (asked.wait ?? 0)) * 1000);
    const url = `${this.url}/_double/${path}${written(asked.query ?? {})}`;
    let status: number;
    let answer: unknown;
    try {
      const response = await ask(url, { method, signal, ...body });
      status = response.status;
      answer = await response.json();
    } catch (failed) {
      throw new ControlError(`no answer from ${this.url}: ${reason(failed)}`);
    }
    if (status >= 400) {
      throw new ControlError((answer as { error: { message: string } }).error.message, status);
    }
    return answer as Answer;
  }
}

function written(query: NonNullable<Asked["query"]>): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((one) => [name, one] as [string, string]),
  );
  return pairs.length > 0 ? `?${new URLSearchParams(pairs)}` : "";
}

/** Return why a fetch failed; its own message is "fetch failed", and the cause has the rest. */
function reason(failed: unknown): string {
  const error = failed as { message: string; cause?: { message?: string; code?: string } };
  return error.cause?.message || error.cause?.code || error.message;
}
