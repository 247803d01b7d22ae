/** A `test` for Jest, which gives its function the double. */

import type { Double } from "./double.js";
import { type Server, startDouble } from "./server.js";
import { withSession } from "./trial.js";

/** What a test gets. */
export interface Given {
  /** The double: a fresh session, to which the environment points OpenAI clients. */
  readonly chatdouble: Double;
}

/** Declare a test. */
export type Declare = (name: string, body: (given: Given) => unknown, timeout?: number) => void;

type Registered = (name: string, body: () => Promise<void>, timeout?: number) => void;

/** The globals of Jest that are used. */
interface Globals {
  readonly test: Registered & { readonly only: Registered; readonly skip: Registered; readonly failing: Registered };
  readonly beforeAll: (hook: () => Promise<void>, timeout: number) => void;
  readonly afterAll: (hook: () => Promise<void>) => void;
  readonly expect: { getState(): { currentTestName?: string; testPath?: string } };
}

const globals = globalThis as unknown as Globals;

if (globals.test === undefined) {
  throw new Error("chatdouble/jest needs the globals of Jest: set injectGlobals to true, and import it in a test file");
}

/** Milliseconds in which a server starts; `uvx` may have to download it. */
const PATIENCE = 120_000;

let server: Server | undefined; // Jest loads this module anew for each test file

globals.beforeAll(async () => {
  server = await startDouble();
}, PATIENCE);

globals.afterAll(async () => {
  await server?.stop();
});

function declared(register: Registered): Declare {
  return (name, body, timeout) => {
    const run = async (): Promise<void> => {
      if (server === undefined) return; // it has not started, which fails the test already
      const { currentTestName = name, testPath = "" } = globals.expect.getState();
      const session = `${testPath.slice(process.cwd().length + 1)} > ${currentTestName}`;
      await withSession(server, session, (chatdouble) => body({ chatdouble }));
    };
    register(name, run, timeout);
  };
}

/**
 * The test of Jest with the double: `test("...", async ({ chatdouble }) => ...)`.
 *
 * A test that has passed is failed by the problems of its session; one that has failed shows its conversation.
 */
export const test: Declare & { readonly only: Declare; readonly skip: Declare; readonly failing: Declare } =
  Object.assign(declared(globals.test), {
    only: declared(globals.test.only),
    skip: declared(globals.test.skip),
    failing: declared(globals.test.failing),
  });

/** The same under its other name. */
export const it: typeof test = test;
