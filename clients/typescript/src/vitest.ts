/** A `test` for vitest, with the fixture `chatdouble`. */

import { afterAll, beforeAll, test as base, type TestAPI } from "vitest";
import type { Double } from "./double.js";
import { type Server, startDouble } from "./server.js";
import { conversation } from "./report.js";
import { explain, freshSession, judge, pointEnvironment } from "./trial.js";

/** The fixtures. */
export interface Fixtures {
  /** The double: a fresh session, to which the environment points OpenAI clients. */
  readonly chatdouble: Double;
  /** The server of the worker. */
  readonly chatdoubleServer: Server;
}

/** Milliseconds in which a server starts; `uvx` may have to download it. */
const PATIENCE = 120_000;

let starting: Promise<Server> | undefined; // vitest loads this module anew for each test file

function running(): Promise<Server> {
  starting ??= startDouble();
  return starting;
}

async function stop(): Promise<void> {
  const server = await starting;
  starting = undefined;
  await server?.stop();
}

beforeAll(async () => void (await running()), PATIENCE); // a test's own timeout would be too short
afterAll(stop);

/**
 * The test of vitest with the double.
 *
 * A test that has passed is failed by the problems of its session; one that has failed shows its conversation.
 * Tests that run concurrently in one file share the environment, so they must pass `chatdouble.baseURL` and
 * `chatdouble.key` to their clients.
 */
export const test: TestAPI<Fixtures> = base.extend<Fixtures>({
  chatdoubleServer: [
    async ({}, use) => {
      await use(await running());
      await stop(); // it may have been started again, for a second file in one worker
    },
    { scope: "worker" },
  ],
  chatdouble: async ({ chatdoubleServer, task, onTestFinished }, use) => {
    const names = [task.file.name, ...suites(task), task.name];
    const double = await freshSession(chatdoubleServer, names.join(" > "));
    const restore = task.concurrent ? () => {} : pointEnvironment(double.environment);
    onTestFinished(async () => {
      const error = task.result?.state === "fail" && task.result.errors?.at(-1);
      if (error) explain(error, await conversation(double));
      else await judge(double);
    });
    try {
      await use(double);
    } finally {
      restore();
    }
  },
});

/** The same under its other name. */
export const it: TestAPI<Fixtures> = test;

export { afterAll, afterEach, beforeAll, beforeEach, describe, expect, vi } from "vitest";

interface Suite {
  readonly name: string;
  readonly suite?: Suite | undefined;
}

/** Return the names of the suites around a test, the outermost first. */
function suites({ suite }: { readonly suite?: Suite | undefined }): string[] {
  return suite === undefined ? [] : [...suites(suite), suite.name];
}
