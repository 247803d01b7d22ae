/** The test of Jest, as CommonJS: one test passes, and one for each way to fail. */

const { turn } = require("chatdouble");
const { test } = require("chatdouble/jest");
const OpenAI = require("openai");

async function ask(content) {
  const messages = [{ role: "user", content }];
  const answer = await new OpenAI({ maxRetries: 0 }).chat.completions.create({ model: "gpt-5.4-mini", messages });
  return answer.choices[0].message.content;
}

describe("the bot", () => {
  test("answers", async ({ chatdouble }) => {
    await chatdouble.script(turn({ user: "Hello" }).says("Hi."));
    expect(await ask("Hello")).toBe("Hi.");
    expect(chatdouble.key).toMatch(/^test\/jest\/bot\.jest\.cjs_>_the_bot_answers-/);
  });

  test("answers wrongly", async ({ chatdouble }) => {
    await chatdouble.reply("Hm.");
    expect(await ask("Hello")).toBe("Hi.");
  });

  test("does not ask", async ({ chatdouble }) => {
    await chatdouble.reply("Hm.");
  });

  test.failing("is known not to ask", async ({ chatdouble }) => {
    await chatdouble.reply("Hm.");
  });

  test.skip("is not run", async () => {
    throw new Error("it is run");
  });
});
