import { type StartOptions, startDouble } from "chatdouble";
import { afterEach, beforeEach, describe, expect, test, vi } from "chatdouble/vitest";
import globalSetup from "chatdouble/global-setup";
import { chmod, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Start and stop a server; return its address. */
async function started(options?: StartOptions): Promise<string> {
  await using server = await startDouble(options);
  return server.url;
}

/** Return a folder for PATH that has nothing but a few shell scripts. */
async function folder(programs: Readonly<Record<string, string>>): Promise<string> {
  const found = await mkdtemp(join(tmpdir(), "path-"));
  for (const [name, text] of Object.entries(programs)) {
    await writeFile(join(found, name), `#!/bin/sh\n${text}\n`);
    await chmod(join(found, name), 0o755);
  }
  return found;
}

/** A program that prints what a server at an address prints, and then waits. */
function announcing(url: string): string {
  return `echo "chatdouble answers at ${url}/v1 (...)"; exec sleep 30`;
}

describe("startDouble", { timeout: 120_000 }, () => {
  beforeEach(() => vi.stubEnv("CHATDOUBLE_URL", ""));
  afterEach(() => vi.unstubAllEnvs());

  test("starts a server on a free port, and stops it", async () => {
    const server = await startDouble({ args: ["--seed", "7"], session: "sk-mine" });
    await server.reply("Hi.");
    expect(server.key).toBe("sk-mine");
    expect((await server.verdict()).kinds).toEqual(["unused_reply"]);
    await server.stop();
    await server.stop();
    await expect(server.verdict()).rejects.toThrow(`no answer from ${server.url}: `);
  });

  test("attaches to a server that runs, and leaves it running", async ({ chatdoubleServer }) => {
    expect(await started({ url: `${chatdoubleServer.url}/v1/` })).toBe(chatdoubleServer.url);
    vi.stubEnv("CHATDOUBLE_URL", chatdoubleServer.url);
    expect(await started()).toBe(chatdoubleServer.url);
    expect((await chatdoubleServer.verdict()).ok).toBe(true);
  });

  test("serves a whole run, whose workers find it by the environment", async () => {
    const stop = await globalSetup();
    const url = process.env["CHATDOUBLE_URL"];
    expect(await started()).toBe(url);
    await stop();
    await expect(started()).rejects.toThrow(`no answer from ${url}: `);
  });

  test("says that nothing answers at an address", async () => {
    await expect(started({ url: "http://127.0.0.1:1" })).rejects.toThrow("no answer from http://127.0.0.1:1: ");
  });

  test("tries uvx, Python and a container, and says what each of them said", async () => {
    const path = await folder({ uvx: "echo no such package >&2; exit 1", python3: "echo No module >&2; exit 2" });
    vi.stubEnv("PATH", path);
    await expect(started()).rejects.toThrow(
      [
        "chatdouble does not start; install it (pip install chatdouble), or set CHATDOUBLE_URL to the address of a " +
          "server that runs",
        "  chatdouble is not on PATH",
        "  uvx ended with 1: no such package",
        "  python3 ended with 2: No module",
        "  python is not on PATH",
        "  docker is not on PATH",
      ].join("\n"),
    );
  });

  test("stops at the mistake of a chatdouble that is there", async () => {
    await expect(started({ args: ["--sed", "7"] })).rejects.toThrow(/chatdouble ended with 2: .*--sed/s);
  });

  test("reaches a container at the port that it got", async ({ chatdoubleServer }) => {
    const at = chatdoubleServer.url.slice("http://".length);
    const docker = `if [ "$1" = port ]; then echo ${at}; else ${announcing("http://[::]:8000")}; fi`;
    vi.stubEnv("PATH", await folder({ docker, sleep: "exec /bin/sleep 30" }));
    expect(await started()).toBe(chatdoubleServer.url);
  });

  test("runs the command that it is given", async ({ chatdoubleServer: { url } }) => {
    expect(await started({ command: ["sh", "-c", announcing(url)] })).toBe(url);
  });

  test("does not wait forever", async () => {
    const slow = started({ command: ["sh", "-c", "echo loading; exec sleep 30"], timeout: 0.2 });
    await expect(slow).rejects.toThrow("sh has not started in 0.2 s: loading");
  });
});
