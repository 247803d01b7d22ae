/** Tests of the agent with the vitest fixture: no server to start, nothing to clean up. */

import { turn } from "chatdouble";
import { expect, test } from "chatdouble/vitest";
import { answer } from "./weather.js";

test("the agent looks the temperature up", async ({ chatdouble }) => {
  await chatdouble.script(
    turn({ user: "*Paris*", tools: ["get_weather"] }).calls("get_weather", { city: "Paris" }),
    turn({ tool_result: { name: "get_weather", json: { temperature: 18 } } }).says("18 degrees."),
  );
  expect(await answer("How warm is it in Paris?")).toBe("18 degrees.");
  expect((await chatdouble.requests.last()).user).toBe("How warm is it in Paris?");
  expect((await chatdouble.verdict()).ok).toBe(true);
});

test("a rate limit is waited for", async ({ chatdouble }) => {
  await chatdouble.fail(429, { retry_after: 0 });
  await chatdouble.reply("Mild.");
  expect(await answer("How warm is it in Rome?")).toBe("Mild.");
  expect((await chatdouble.requests.at(0)).status).toBe(429);
});
