/** A gate at which a test holds an answer. */

import { type Connection, ControlError } from "./connection.js";
import type { When } from "./generated/script.js";

/** Where answers stop, and which. */
export interface GateOptions {
  /** The conditions of the requests whose answers stop. */
  readonly when?: When;
  /** The chunks that leave before the answer stops. */
  readonly after_chunks?: number;
  /** Where it stops instead: before its first byte, which is the default, or before the end. */
  readonly before?: "first_byte" | "done";
  /** The number of answers that stop; all by default. */
  readonly times?: number;
  /** Seconds after which an answer goes on by itself; 30 by default. */
  readonly timeout?: number;
}

/** An answer that waits at a gate, or whose client has left. */
export interface Waiting {
  readonly request: string;
  readonly since: number;
  readonly client_left: boolean;
}

/** Seconds in which a server notices that a client has left. */
const NOTICED = 1;

const TOO_LATE = 408;

/** A gate. It holds answers until it is released or removed; `await using` removes it at the end of the block. */
export class Gate implements AsyncDisposable {
  readonly #connection: Connection;
  readonly #path: string;

  constructor(
    connection: Connection,
    readonly name: string,
  ) {
    this.#connection = connection;
    this.#path = `gates/${name}`;
  }

  /** Set the gate. */
  async set(options: GateOptions): Promise<this> {
    await this.#connection.ask("PUT", this.#path, { body: options });
    return this;
  }

  /** Remove the gate; what it holds goes on. */
  async remove(): Promise<void> {
    await this.#connection.ask("DELETE", this.#path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.remove();
  }

  /** Wait until an answer has arrived, for at most `timeout` seconds. */
  async wait({ timeout = 5 }: { timeout?: number } = {}): Promise<void> {
    await this.#connection.ask("POST", `${this.#path}/wait`, { body: { timeout }, wait: timeout });
  }

  /** Let what waits go on: for good, or by a number of chunks. */
  async release(chunks?: number): Promise<void> {
    await this.#connection.ask("POST", `${this.#path}/release`, { body: chunks === undefined ? {} : { chunks } });
  }

  /** End what waits. */
  async abort(how: "disconnect" | "reset" | "error" = "disconnect"): Promise<void> {
    await this.#connection.ask("POST", `${this.#path}/abort`, { body: { how } });
  }

  /** Return the answers that wait, or whose client has left. */
  async waiting(): Promise<readonly Waiting[]> {
    return (await this.#connection.ask<{ waiting: Waiting[] }>("GET", this.#path)).waiting;
  }

  /** Tell whether a client has left while its answer waited; the server gets a second to notice it. */
  async clientLeft(): Promise<boolean> {
    try {
      await this.#connection.ask("POST", `${this.#path}/wait`, { body: { client_left: true, timeout: NOTICED } });
    } catch (failed) {
      if (failed instanceof ControlError && failed.status === TOO_LATE) return false;
      throw failed;
    }
    return true;
  }
}
