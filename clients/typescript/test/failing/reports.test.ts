/** The reports of failing tests, as their authors see them: each is a file in `reports`. */

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, test } from "chatdouble/vitest";

interface Output {
  readonly testResults: readonly [{ readonly assertionResults: readonly Result[] }];
}

interface Result {
  readonly title: string;
  readonly status: string;
  readonly failureMessages: readonly string[];
}

const COMMAND = ["vitest", "run", "--config", "test/failing/vitest.config.ts", "--reporter", "json"];

/** Run the failing suite against the server of a double. */
async function failing(url: string): Promise<readonly Result[]> {
  const env = { ...process.env, CHATDOUBLE_URL: url };
  const ran = promisify(execFile)("npx", COMMAND, { env });
  const { stdout } = await ran.catch((failed: { stdout: string }) => failed);
  return (JSON.parse(stdout.slice(stdout.indexOf("{"))) as Output).testResults[0].assertionResults;
}

describe("a failing test", () => {
  test("says what went wrong, what was said, and what to do", { timeout: 60_000 }, async ({ chatdoubleServer }) => {
    const results = await failing(chatdoubleServer.url);
    expect(results.map((result) => result.status)).toEqual(Array(7).fill("failed"));
    for (const { title, failureMessages } of results) {
      expect(failureMessages).toHaveLength(1);
      const report = failureMessages[0]?.replace(/\n +at .*/g, "").trimEnd();
      await expect(`${report}\n`).toMatchFileSnapshot(`reports/${title}.txt`);
    }
  });
});
