/** The suite of the support bot with one mistake in each test. */

import { turn } from "chatdouble";
import { expect, test } from "chatdouble/vitest";
import { chat, classify, help, tell } from "../support-bot/bot.js";

test("a classification that was expected to be another", async ({ chatdouble }) => {
  await chatdouble.reply({ json: { category: "other", urgent: false } });
  expect((await classify("My parcel is lost!")).category).toBe("shipping");
});

test("a mismatch that the application swallows", async ({ chatdouble }) => {
  await chatdouble.script(
    turn({ user: "*order 42*", tools: ["find_order"] }).calls("find_order", { number: "41" }),
    turn({ tool_result: { name: "find_order", json: { status: "lost" } } }).says("It is lost."),
  );
  await help("Where is my order 42?").catch(() => "Sorry.");
});

test("a story that nobody asked for", async ({ chatdouble }) => {
  await chatdouble.reply("Once upon a time", "And they lived happily.");
  await tell("Tell a story");
});

test("a turn that was not reached", async ({ chatdouble }) => {
  await chatdouble.script(turn().fails(503, { retry_after: 0 }), turn().says("Hi."), turn().says("Bye."));
  expect(await help("Hello")).toBe("Hi.");
});

test("a gate that opens by itself", async ({ chatdouble }) => {
  await chatdouble.hold({ timeout: 0.01 });
  await tell("Tell a story");
});

test("a conversation that the API refuses", async ({ chatdouble }) => {
  await chat([{ role: "tool", tool_call_id: "call_1", content: "Hello" }]).catch(() => "Sorry.");
  expect((await chatdouble.requests.last()).status).toBe(400);
});

test("an endpoint that the double does not have", async ({ chatdouble }) => {
  await fetch(`${chatdouble.baseURL}/fine_tuning/jobs`, { headers: { authorization: `Bearer ${chatdouble.key}` } });
});
