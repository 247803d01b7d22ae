import { turn } from "chatdouble";
import { describe, expect, test } from "chatdouble/vitest";
import { chat, classify, help, tell } from "./bot.js";

describe("the support bot", () => {
  test("classifies a message", async ({ chatdouble }) => {
    await chatdouble.reply({ json: { category: "shipping", urgent: true } });
    expect(await classify("My parcel is lost!")).toEqual({ category: "shipping", urgent: true });
    expect((await chatdouble.requests.last()).system).toBe("Classify the message.");
  });

  test("finds an order and refunds it", async ({ chatdouble }) => {
    await chatdouble.script(
      turn({ user: "*order 42*", tools: ["find_order", "refund_order"] }).calls("find_order", { number: "42" }),
      turn({ tool_result: { name: "find_order", json: { status: "lost" } } }).calls("refund_order", { number: "42" }),
      turn({ tool_result: { name: "refund_order" } }).says("You get your money back."),
    );
    expect(await help("Where is my order 42?")).toBe("You get your money back.");
    expect((await chatdouble.requests.last()).toolResults).toEqual(['{"refunded":"42"}']);
  });

  test("streams a story", async ({ chatdouble }) => {
    await chatdouble.reply("Once upon a time");
    expect(await tell("Tell a story")).toBe("Once upon a time");
  });

  test("tries again after a 429", async ({ chatdouble }) => {
    await chatdouble.script(turn().fails(429, { retry_after: 0 }), turn({ user: "Hello" }).says("Hi."));
    expect(await help("Hello")).toBe("Hi.");
    expect((await chatdouble.requests).map((request) => request.status)).toEqual([429, 200]);
  });

  test("apologizes for a stream that is cut", async ({ chatdouble }) => {
    await chatdouble.fault("disconnect", { after_chunks: 2 });
    await chatdouble.reply("Once upon a time");
    expect(await tell("Tell a story")).toBe("Once (The connection was lost.)");
  });

  test("shortens a conversation that is too long", async ({ chatdouble }) => {
    await chatdouble.fail("context_length_exceeded");
    await chatdouble.reply("Short and good.");
    const first = { role: "user", content: "A long story" } as const;
    expect(await chat([first, { role: "user", content: "Go on" }])).toBe("Short and good.");
    expect((await chatdouble.requests.last()).messages).toHaveLength(1);
  });
});
