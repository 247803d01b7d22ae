/** A server for tests: one that runs elsewhere, or one of its own. */

import { commands } from "./commands.js";
import { Double } from "./double.js";
import { NotStartedError, Served } from "./process.js";

/** How to find or start a server. */
export interface StartOptions {
  /** The address of a server that runs elsewhere; `CHATDOUBLE_URL` by default. */
  readonly url?: string;
  /** Further arguments of `chatdouble serve`, such as `["--seed", "7"]`. */
  readonly args?: readonly string[];
  /** The command that starts a server, instead of those that are tried; it must print the server's address. */
  readonly command?: readonly [string, ...string[]];
  /** The container's image; `CHATDOUBLE_IMAGE`, or `chatdouble`, by default. */
  readonly image?: string;
  /** Seconds in which each command must start a server; 60 by default. */
  readonly timeout?: number;
  /** The name of the first session; it is the API key. */
  readonly session?: string;
}

/** A server, and its first session. */
export class Server extends Double implements AsyncDisposable {
  readonly #served: Served | undefined;

  /**
   * @param url - The server's address.
   * @param session - The name of the first session.
   * @param served - The process, if this one has started it.
   */
  constructor(url: string, session?: string, served?: Served) {
    super(url, session);
    this.#served = served;
  }

  /** Stop the server, if `startDouble` has started it. */
  async stop(): Promise<void> {
    await this.#served?.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/**
 * Return a server: the one at `url` or `CHATDOUBLE_URL`, else a new one on a free port.
 *
 * A new one is started by `chatdouble`, `uvx chatdouble`, `python3 -m chatdouble`, `python -m chatdouble`, or in a
 * container: the first that is there.
 *
 * @throws Error - No server answers at the address, or none can be started.
 */
export async function startDouble(options: StartOptions = {}): Promise<Server> {
  const url = options.url ?? process.env["CHATDOUBLE_URL"];
  const served = url ? undefined : await started(options);
  const server = new Server(served?.url ?? url ?? "", options.session, served);
  try {
    await server.verdict(); // the first control request takes seconds, and here is the place to learn of a wrong address
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

async function started({ args = [], command, image, timeout = 60 }: StartOptions): Promise<Served> {
  const own = command && [{ line: [command[0], ...command.slice(1), ...args] as [string], optional: false }];
  const failed: string[] = [];
  for (const one of own ?? commands(args, image ?? process.env["CHATDOUBLE_IMAGE"] ?? "chatdouble")) {
    try {
      return await Served.start(one, timeout);
    } catch (error) {
      if (!(error instanceof NotStartedError)) throw error;
      failed.push(`  ${error.missing ? `${one.line[0]} is not on PATH` : error.message}`);
      if (!error.missing && !one.optional) break; // it is there, and what it says is the mistake
    }
  }
  const advice = "install it (pip install chatdouble), or set CHATDOUBLE_URL to the address of a server that runs";
  throw new Error(`chatdouble does not start; ${advice}\n${failed.join("\n")}`);
}
