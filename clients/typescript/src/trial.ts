/** A test with a session of its own, to which the environment points OpenAI clients. */

import type { Double } from "./double.js";
import { conversation, failures } from "./report.js";

/** A session that has problems at the end of its test. */
export class VerdictError extends Error {
  override readonly name = "VerdictError";

  constructor(message: string) {
    super(message);
    this.stack = `${this.name}: ${message}`; // no line of code is the place of the mistake
  }
}

/** Return a fresh session for a test. */
export async function freshSession(server: Double, name: string): Promise<Double> {
  const double = server.session(name);
  await double.reset();
  return double;
}

/** Set variables of the environment; return what restores them. */
export function pointEnvironment(variables: Readonly<Record<string, string>>): () => void {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
}

/** Fail a test that has passed, if its session has problems. */
export async function judge(double: Double): Promise<void> {
  const found = await failures(double);
  if (found) throw new VerdictError(found);
}

/**
 * Run a test with a session, and judge the session. What the test throws has the conversation in its message.
 *
 * @param server - The server.
 * @param name - The session's name.
 * @param body - The test.
 */
export async function withSession(server: Double, name: string, body: (double: Double) => unknown): Promise<void> {
  const double = await freshSession(server, name);
  const restore = pointEnvironment(double.environment);
  try {
    await body(double);
  } catch (error) {
    if (error instanceof Error) explain(error, await conversation(double));
    throw error;
  } finally {
    restore();
  }
  await judge(double);
}

/** What the reporters of test runners show of an error. */
interface Reported {
  message: string;
  stack?: string | undefined;
}

/** Add a conversation to an error, in its message and in the stack that repeats the message. */
export function explain(error: Reported, text: string): void {
  const { message, stack } = error;
  error.message = `${message}\n\n${text}`;
  if (stack?.includes(message)) error.stack = stack.replace(message, () => error.message);
}
