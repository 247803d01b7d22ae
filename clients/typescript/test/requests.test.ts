import { describe, expect, test } from "chatdouble/vitest";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import OpenAI from "openai";
import { classify, help } from "./support-bot/bot.js";

async function file(name: string, text: string): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), "rules-")), name);
  await writeFile(path, text);
  return path;
}

describe("requests", () => {
  test("are read by position, by condition, and one by one", async ({ chatdouble }) => {
    await classify("A");
    await help("B");
    await chatdouble.waitFor(1, { when: { user: "B" } });
    expect(await chatdouble.requests).toHaveLength(2);
    expect((await chatdouble.requests.at(0)).system).toBe("Classify the message.");
    expect((await chatdouble.requests.at(-1)).tools).toEqual(["find_order", "refund_order"]);
    expect((await chatdouble.requests.one({ user: "B" })).model).toBe("gpt-5.4-mini");
    expect(await chatdouble.requests.where({ user: "C" })).toEqual([]);
  });

  test("that are not there are named", async ({ chatdouble }) => {
    await expect(chatdouble.requests.last()).rejects.toThrow("there is no request -1; the session has 0 requests");
    await help("A");
    await help("A");
    await expect(chatdouble.requests.one({ user: "A" })).rejects.toThrow(
      '2 requests meet {"user":"A"}, not 1 of:\n  1. gpt-5.4-mini: "A"\n  2. gpt-5.4-mini: "A"',
    );
  });

  test("have snapshots without what differs from run to run", async ({ chatdouble }) => {
    await chatdouble.call("find_order", { number: "42" });
    await chatdouble.reply("Lost.");
    await help("Order 42?");
    const { request, response, status } = (await chatdouble.requests.last()).snapshot();
    expect(status).toBe(200);
    expect(request).toMatchObject({ messages: [{}, { tool_calls: [{ id: "call_1" }] }, { tool_call_id: "call_1" }] });
    expect(Object.keys(response as object)).not.toContain("id");
    expect(Object.keys(response as object)).not.toContain("created");
  });

  test("of the Responses API are read alike", async ({ chatdouble }) => {
    const headers = { authorization: `Bearer ${chatdouble.key}`, "content-type": "application/json" };
    const body = JSON.stringify({ model: "gpt-5.4-mini", instructions: "Be brief.", input: "Hello" });
    await fetch(`${chatdouble.baseURL}/responses`, { method: "POST", headers, body });
    const request = await chatdouble.requests.last();
    expect([request.user, request.system, request.headers["content-type"]]).toEqual([
      "Hello",
      "Be brief.",
      "application/json",
    ]);
    chatdouble.allow("endpoint_not_doubled");
  });
});

describe("rules", () => {
  const RULES = [{ name: "hello", when: { user: "Hello" }, reply: "Hi from a rule." }];

  test("come from code and from files", async ({ chatdouble }) => {
    await chatdouble.rules({ when: { user: "A" }, reply: "1" }, [{ when: { user: "B" }, reply: "2" }]);
    await chatdouble.rules(await file("rules.json", JSON.stringify({ rules: RULES })));
    await chatdouble.rules(pathToFileURL(await file("rules.yaml", "- when: {user: C}\n  reply: '3'\n")));
    expect([await help("A"), await help("B"), await help("C"), await help("Hello")]).toEqual([
      "1",
      "2",
      "3",
      "Hi from a rule.",
    ]);
    expect((await chatdouble.requests.last()).rule).toBe("hello");
  });

  test("of a broken file name the file", async ({ chatdouble }) => {
    await expect(chatdouble.rules(await file("broken.json", "{"))).rejects.toThrow(/broken\.json: /);
  });
});

describe("the verdict", () => {
  test("has problems, and allowed ones do not count", async ({ chatdouble }) => {
    await new OpenAI().chat.completions
      .create({ model: "gpt-5.4-mini", messages: [{ role: "user", content: "Hi" }], temperature: 9 })
      .catch(() => "Sorry.");
    const verdict = await chatdouble.verdict();
    expect(verdict.ok).toBe(false);
    expect(verdict.kinds).toEqual(["refused"]);
    expect(String(verdict)).toContain("advice:   Correct `temperature`.");
    chatdouble.allow("refused: *temperature*");
    expect((await chatdouble.verdict()).ok).toBe(true);
  });

  test("is stricter when asked for it", async ({ chatdouble }) => {
    await help("The same");
    await help("The same");
    expect((await chatdouble.verdict()).ok).toBe(true);
    expect((await chatdouble.verdict({ strict: true })).ok).toBe(false);
    expect((await chatdouble.verdict({ strict: true, allow: ["repeated_request"] })).kinds).toEqual([]);
  });
});

describe("the environment", () => {
  test("points to the session of the test", ({ chatdouble }) => {
    expect(process.env["OPENAI_BASE_URL"]).toBe(chatdouble.baseURL);
    expect(process.env["OPENAI_API_KEY"]).toBe(chatdouble.key);
    expect(chatdouble.key).toMatch(/^test\/requests\.test\.ts_>_the_environment_>_points_to_.*-[0-9a-f]{8}$/);
  });

  test.concurrent("is left alone by tests that share it", async ({ chatdouble }) => {
    expect(process.env["OPENAI_API_KEY"]).not.toBe(chatdouble.key);
    const client = new OpenAI({ baseURL: chatdouble.baseURL, apiKey: chatdouble.key });
    await chatdouble.reply("Mine.");
    const messages = [{ role: "user" as const, content: "Hello" }];
    const answer = await client.chat.completions.create({ model: "gpt-5.4-mini", messages });
    expect(answer.choices[0]?.message.content).toBe("Mine.");
  });
});
