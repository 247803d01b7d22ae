/** The blocks of the README and of docs/typescript.md, run as printed. */

import { execFile } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { afterEach, expect, test } from "chatdouble/vitest";

const HERE = new URL(".", import.meta.url);

const IMPORTS = 'import { expect, test } from "chatdouble/vitest";\nimport { ui } from "./agent.js";\n';
const TEST = '\nimport { test as ran } from "vitest";\nran("it ran", () => {});\n';

/** Return the blocks of TypeScript of a page. */
async function blocks(page: string): Promise<string[]> {
  const text = await readFile(new URL(page, HERE), "utf8");
  return [...text.matchAll(/```ts\n(.*?)```/gs)].map((found) => found[1]!);
}

/** Return a block as a file of tests. */
function runnable(block: string): string {
  if (!block.includes("test(")) return block + TEST;
  return block.includes("import ") ? block : IMPORTS + block;
}

async function files(): Promise<[URL, string][]> {
  const readme = await blocks("../../README.md");
  const config = readme.filter((block) => block.includes("defineConfig"));
  expect(config).toEqual([
    'export default defineConfig({ test: { globalSetup: "chatdouble/global-setup" } });\n', // as in vitest.config.ts
  ]);
  const found = [...readme, ...(await blocks("../../../../docs/typescript.md"))].filter((one) => !config.includes(one));
  return found.map((block, at) => [new URL(`block-${at}.ts`, HERE), runnable(block)]);
}

afterEach(async () => {
  for (const [path] of await files()) await rm(path, { force: true });
});

test("the blocks of the pages run", { timeout: 120_000 }, async ({ chatdoubleServer }) => {
  const written = await files();
  for (const [path, text] of written) await writeFile(path, text);
  const env = { ...process.env, CHATDOUBLE_URL: chatdoubleServer.url };
  const command = ["vitest", "run", "--config", "test/readme/vitest.config.ts"];
  const { stdout } = await promisify(execFile)("npx", command, { env });
  expect(stdout).toContain(`Test Files  ${written.length} passed (${written.length})`);
  expect(stdout).toMatch(/verdict: failed: 1 error/); // the reply of the block without a test runner is not used
});
