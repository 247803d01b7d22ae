/** The test of Playwright: one test passes, and one for each way to fail. */

import { turn } from "chatdouble";
import { expect, test } from "chatdouble/playwright";
import OpenAI from "openai";

async function ask(content: string) {
  const messages = [{ role: "user" as const, content }];
  const answer = await new OpenAI({ maxRetries: 0 }).chat.completions.create({ model: "gpt-5.4-mini", messages });
  return answer.choices[0]?.message.content;
}

test("answers", async ({ chatdouble }) => {
  await chatdouble.script(turn({ user: "Hello" }).says("Hi."));
  expect(await ask("Hello")).toBe("Hi.");
});

test("answers wrongly", async ({ chatdouble }) => {
  await chatdouble.reply("Hm.");
  expect(await ask("Hello")).toBe("Hi.");
});

test("does not ask", async ({ chatdouble }) => {
  await chatdouble.reply("Hm.");
});
