/** Commands that start a server, in the order in which they are tried. */

/** A command that starts a server. */
export interface Command {
  /** The program and its arguments. */
  readonly line: readonly [string, ...string[]];
  /** Whether another command may work where this one fails: it may lack the package. */
  readonly optional: boolean;
  /** The container's name, if it runs in one. */
  readonly container?: string;
}

const SERVE = ["serve", "--port", "0", "--log-level", "error"] as const;

/**
 * Return the commands.
 *
 * @param args - Further arguments of `chatdouble serve`.
 * @param image - The container's image.
 */
export function commands(args: readonly string[], image: string): Command[] {
  const here = [...SERVE, "--host", "127.0.0.1", ...args];
  const container = `chatdouble-${process.pid}-${Date.now()}`;
  const run = ["run", "--rm", "--name", container, "--publish", "127.0.0.1::8000", image];
  return [
    { line: ["chatdouble", ...here], optional: false },
    { line: ["uvx", "chatdouble", ...here], optional: true },
    { line: ["python3", "-m", "chatdouble", ...here], optional: true },
    { line: ["python", "-m", "chatdouble", ...here], optional: true },
    { line: ["docker", ...run, "serve", "--log-level", "error", ...args], optional: true, container },
  ];
}
