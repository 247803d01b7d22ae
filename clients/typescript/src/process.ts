/** A server's process. */

import { type ChildProcess, execFile, spawn } from "node:child_process";
import type { Socket } from "node:net";
import type { Command } from "./commands.js";

const ADDRESS = /answers at (http:\/\/\S+)\/v1/;

/** The letters of a server's last words that are shown. */
const LONGEST = 2000;

/** Milliseconds in which a server stops; then it is killed. */
const PATIENCE = 5000;

/** Variables of this client, which the server does not know. */
const OURS = ["CHATDOUBLE_URL", "CHATDOUBLE_IMAGE"];

const { setTimeout, clearTimeout } = globalThis; // tests replace them

/** A command that did not start a server. */
export class NotStartedError extends Error {
  override readonly name = "NotStartedError";

  /**
   * @param message - What went wrong.
   * @param missing - Whether the program does not exist.
   */
  constructor(
    message: string,
    readonly missing: boolean,
  ) {
    super(message);
  }
}

/** A server that this process has started; it ends with this process. */
export class Served {
  readonly #child: ChildProcess;
  readonly #kill = (): void => void this.#child.kill();

  private constructor(
    child: ChildProcess,
    /** The server's address. */
    readonly url: string,
  ) {
    this.#child = child;
    process.once("exit", this.#kill);
    child.unref(); // nor does it keep this process alive
    for (const pipe of [child.stdout, child.stderr]) {
      pipe?.resume();
      (pipe as Socket | null)?.unref();
    }
  }

  /**
   * Start a server, and wait until it has printed its address.
   *
   * @param command - The command.
   * @param timeout - Seconds to wait.
   * @throws {@link NotStartedError} - It did not start.
   */
  static async start({ line, container }: Command, timeout: number): Promise<Served> {
    const [program, ...args] = line;
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !OURS.includes(name)));
    const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"] });
    const printed = await address(child, program, timeout);
    return new Served(child, container === undefined ? printed : await published(program, container));
  }

  /** Stop the server. */
  async stop(): Promise<void> {
    process.removeListener("exit", this.#kill);
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    await new Promise<void>((resolve) => {
      const late = setTimeout(() => child.kill("SIGKILL"), PATIENCE);
      child.once("exit", () => {
        clearTimeout(late);
        resolve();
      });
      child.ref();
      child.kill();
    });
  }
}

/** Return the address that a server prints. */
async function address(child: ChildProcess, program: string, timeout: number): Promise<string> {
  let said = "";
  return new Promise((resolve, reject) => {
    const fail = (reason: string, missing = false): void => {
      clearTimeout(late);
      child.kill();
      reject(new NotStartedError(`${reason}${said && `: ${said.trim().slice(-LONGEST)}`}`, missing));
    };
    const late = setTimeout(() => fail(`${program} has not started in ${timeout} s`), timeout * 1000);
    const read = (piece: Buffer): void => {
      said += String(piece);
      const found = ADDRESS.exec(said)?.[1];
      if (found === undefined) return;
      clearTimeout(late);
      resolve(found);
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    child.once("error", (error: NodeJS.ErrnoException) => fail(`${program}: ${error.message}`, error.code === "ENOENT"));
    child.once("close", (code) => fail(`${program} ended with ${code}`));
  });
}

/** Return the address at which this machine reaches a container. */
async function published(program: string, container: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, ["port", container, "8000"], (error, stdout) => {
      const [at] = stdout.split("\n");
      if (error === null && at) resolve(`http://${at}`);
      else reject(new NotStartedError(`${program} port ${container}: ${error?.message ?? "no port"}`, false));
    });
  });
}
