/** What the blocks of the pages test: an agent that asks for the weather, and an interface that can cancel. */

import OpenAI from "openai";
import type { ChatCompletionMessageParam, ChatCompletionTool } from "openai/resources/chat/completions";

const MODEL = "gpt-5.4-mini";

const PLACE = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };

const TOOLS: ChatCompletionTool[] = [{ type: "function", function: { name: "get_weather", parameters: PLACE } }];

/** Answer a question about the weather; it is always 18 degrees. */
export async function agent(question: string): Promise<string> {
  const messages: ChatCompletionMessageParam[] = [{ role: "user", content: question }];
  for (;;) {
    const answer = await new OpenAI().chat.completions.create({ model: MODEL, messages, tools: TOOLS });
    const message = answer.choices[0]!.message;
    if (message.tool_calls === undefined) return message.content ?? "";
    messages.push(message);
    for (const { id } of message.tool_calls) messages.push({ role: "tool", tool_call_id: id, content: '{"temp": 18}' });
  }
}

/** An interface that streams an answer until its user cancels. */
export const ui = {
  stop: new AbortController(),

  ask(content: string): void {
    const messages = [{ role: "user" as const, content }];
    const { signal } = this.stop;
    void new OpenAI().chat.completions
      .create({ model: MODEL, messages, stream: true }, { signal })
      .then(async (stream) => {
        for await (const _ of stream);
      })
      .catch(() => "canceled");
  },

  cancel(): void {
    this.stop.abort();
  },
};
