/** Jest and Playwright, in processes of their own. */

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, test } from "chatdouble/vitest";

const JEST = ["jest", "--rootDir", ".", "--testRegex", "\\.jest\\.cjs$", "--testTimeout", "60000"];
const PLAYWRIGHT = ["playwright", "test", "--config", "test/playwright/playwright.config.ts"];

/** Run a test runner that fails; return its output. */
async function failing(url: string, [program, ...words]: readonly string[]): Promise<string> {
  const env = { ...process.env, CHATDOUBLE_URL: url, NO_COLOR: "1", FORCE_COLOR: "0" };
  const ran = promisify(execFile)(`node_modules/.bin/${program}`, words, { env });
  return ran.then(
    () => expect.fail("it passes"),
    ({ stdout, stderr }: { stdout: string; stderr: string }) => `${stdout}${stderr}`,
  );
}

describe("the same test", { timeout: 120_000 }, () => {
  test("runs in Jest", async ({ chatdoubleServer }) => {
    const output = await failing(chatdoubleServer.url, JEST);
    expect(output).toContain("Tests:       2 failed, 1 skipped, 2 passed, 5 total");
    expect(output).toMatch(/Expected: "Hi\."\s+Received: "Hm\."\s+1\. gpt-5\.4-mini: 200 by queue\s+user: Hello/);
    expect(output).toMatch(/VerdictError: error: unused_reply: .*\s+- expected: a request for it\s+\+ found: +Hm\./);
  });

  test("runs in Playwright", async ({ chatdoubleServer }) => {
    const output = await failing(chatdoubleServer.url, PLAYWRIGHT);
    expect(output).toMatch(/2 failed[\s\S]*1 passed/);
    expect(output).toMatch(/attachment #1: chatdouble[\s\S]*1\. gpt-5\.4-mini: 200 by queue\s+user: Hello\s+-> Hm\./);
    expect(output).toMatch(/VerdictError: error: unused_reply: .*\s+- expected: a request for it\s+\+ found: +Hm\./);
  });
});
