/** A `test` for Playwright, with the fixture `chatdouble`. */

import { test as base } from "@playwright/test";
import type { Double } from "./double.js";
import { conversation } from "./report.js";
import { type Server, startDouble } from "./server.js";
import { freshSession, judge, pointEnvironment } from "./trial.js";

/** The fixtures of a test. */
export interface Fixtures {
  /** The double: a fresh session, to which the environment points OpenAI clients. */
  readonly chatdouble: Double;
}

/** The fixtures of a worker. */
export interface WorkerFixtures {
  /** The server of the worker. */
  readonly chatdoubleServer: Server;
}

/**
 * The test of Playwright with the double.
 *
 * A test that has passed is failed by the problems of its session; one that has failed has its conversation as an
 * attachment. An application in a process of its own gets `chatdouble.baseURL` and `chatdouble.key` from the test.
 */
export const test = base.extend<Fixtures, WorkerFixtures>({
  chatdoubleServer: [
    async ({}, use) => {
      await using server = await startDouble();
      await use(server);
    },
    { scope: "worker" },
  ],
  chatdouble: async ({ chatdoubleServer }, use, info) => {
    const double = await freshSession(chatdoubleServer, [info.project.name, ...info.titlePath].join(" > "));
    const restore = pointEnvironment(double.environment);
    await use(double);
    restore();
    if (info.status === info.expectedStatus) await judge(double);
    else await info.attach("chatdouble", { body: await conversation(double), contentType: "text/plain" });
  },
});

export { expect } from "@playwright/test";
