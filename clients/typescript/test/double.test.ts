import { ControlError, turn } from "chatdouble";
import { describe, expect, test } from "chatdouble/vitest";
import OpenAI from "openai";
import { help, tell } from "./support-bot/bot.js";

const MODEL = "gpt-5.4-mini";

async function ask(content: string, client: OpenAI = new OpenAI({ maxRetries: 0 })) {
  const answer = await client.chat.completions.create({ model: MODEL, messages: [{ role: "user", content }] });
  return answer.choices[0]!.message;
}

describe("answers", () => {
  test("replies are used in their order", async ({ chatdouble }) => {
    await chatdouble.reply("One.", { text: "Two.", usage: { prompt_tokens: 7 } });
    expect([(await ask("a")).content, (await ask("b")).content]).toEqual(["One.", "Two."]);
    expect((await chatdouble.requests.last()).usage["prompt_tokens"]).toBe(7);
  });

  test("replies may be for some requests, several times", async ({ chatdouble }) => {
    await chatdouble.reply(["Paris."], { when: { user: "*France*" }, times: 2 });
    await chatdouble.reply("Something else.");
    const said = [(await ask("France?")).content, (await ask("Hm?")).content, (await ask("France!")).content];
    expect(said).toEqual(["Paris.", "Something else.", "Paris."]);
  });

  test("a tool call, a refusal and an error are queued", async ({ chatdouble }) => {
    await chatdouble.call("find_order", { number: "42" });
    await chatdouble.reply("Found.");
    expect(await help("Order 42?")).toBe("Found.");
    await chatdouble.refuse("No.");
    expect((await ask("How do I pick a lock?")).refusal).toBe("No.");
    await chatdouble.fail(503, { message: "Busy.", times: 2 });
    await expect(ask("Hello")).rejects.toThrow("503 Busy.");
    await expect(ask("Hello")).rejects.toThrow("503 Busy.");
    expect((await ask("Hello")).content).toBe("Hello");
  });

  test("a turn may say something and call tools in parallel", async ({ chatdouble }) => {
    await chatdouble.script(
      turn().says("I look.").calls("find_order", { number: "1" }).calls("find_order", { number: "2" }),
      turn({ tool_result: true }).refuses("I may not say."),
    );
    expect(await help("Orders 1 and 2?")).toBe("");
    const [first] = await chatdouble.requests;
    expect(first?.text).toBe("I look.");
    expect((await chatdouble.requests.last()).toolResults).toEqual(["null", "null"]);
  });

  test("several conversations run in one session", async ({ chatdouble }) => {
    await chatdouble.script([turn().says("A draft.")], { when: { user: "write*" }, name: "writer" });
    await chatdouble.script([turn().replies({ text: "A judgement." })], { when: { user: "judge*" }, name: "critic" });
    expect((await ask("judge")).content).toBe("A judgement.");
    expect((await ask("write")).content).toBe("A draft.");
  });

  test("a turn without a reply is a mistake of its author", async ({ chatdouble }) => {
    await expect(chatdouble.script(turn({ user: "Hello" }))).rejects.toThrow("a turn needs a reply: end it with .says()");
  });

  test("what the server refuses is an error with its message", async ({ chatdouble }) => {
    const refused = chatdouble.fault("disconnect", { after_chunks: -1 });
    await expect(refused).rejects.toThrow(ControlError);
    await expect(refused).rejects.toMatchObject({ status: 400, message: expect.stringContaining("after_chunks") });
  });

  test("a session of another name has answers of its own", async ({ chatdouble }) => {
    const other = chatdouble.session("sk-other");
    await other.reset();
    await other.reply("Other.");
    expect((await ask("Hello")).content).toBe("Hello");
    expect((await ask("Hello", new OpenAI({ apiKey: other.key }))).content).toBe("Other.");
  });
});

describe("delivery", () => {
  test("limits refill when the clock advances", async ({ chatdouble }) => {
    await chatdouble.limits({ requests_per_minute: 1 });
    await ask("Hello");
    await expect(ask("Hello")).rejects.toThrow(OpenAI.RateLimitError);
    await chatdouble.advance(60);
    expect((await ask("Hello")).content).toBe("Hello");
  });

  test("a pace is set and shown in the request", async ({ chatdouble }) => {
    await chatdouble.pace({ ttft: 0.01, tokens_per_second: 1000 }, { model: MODEL });
    expect(await tell("One two")).toBe("One two");
  });

  test("a fault breaks an answer", async ({ chatdouble }) => {
    await chatdouble.fault("error", { status: 500, times: 1 });
    await expect(ask("Hello")).rejects.toThrow(OpenAI.InternalServerError);
    expect((await ask("Hello")).content).toBe("Hello");
  });

  test("a gate holds a stream until it is released", async ({ chatdouble }) => {
    await chatdouble.reply("Once upon a time");
    await using gate = await chatdouble.hold({ after_chunks: 2 });
    const shown: string[] = [];
    const told = tell("Tell a story", (piece) => shown.push(piece));
    await gate.wait();
    expect(await gate.waiting()).toHaveLength(1);
    expect(await gate.clientLeft()).toBe(false);
    await gate.release();
    expect(await told).toBe("Once upon a time");
    expect(shown.length).toBeGreaterThan(2);
  });

  test("a gate tells that the client has left", async ({ chatdouble }) => {
    await chatdouble.reply("Once upon a time");
    const gate = await chatdouble.hold({ after_chunks: 2 });
    const messages = [{ role: "user" as const, content: "Tell a story" }];
    const stream = await new OpenAI().chat.completions.create({ model: MODEL, messages, stream: true });
    await gate.wait();
    stream.controller.abort();
    expect(await gate.clientLeft()).toBe(true);
  });

  test("a gate ends what it holds", async ({ chatdouble }) => {
    const gate = await chatdouble.hold();
    const asked = expect(ask("Hello")).rejects.toThrow(OpenAI.APIConnectionError);
    await gate.wait();
    await gate.abort();
    await asked;
  });

  test("a wait that is in vain is an error", async ({ chatdouble }) => {
    const gate = await chatdouble.hold();
    await expect(gate.wait({ timeout: 0.01 })).rejects.toMatchObject({ name: "ControlError", status: 408 });
    await expect(chatdouble.waitFor(1, { timeout: 0.01 })).rejects.toMatchObject({ status: 408 });
  });

  test("the mode of recordings is set", async ({ chatdouble }) => {
    await chatdouble.record("passthrough");
    const headers = { authorization: `Bearer ${chatdouble.key}` };
    const shown = await fetch(`${chatdouble.url}/_double/mode`, { headers });
    expect(await shown.json()).toEqual({ mode: "passthrough" });
  });
});
