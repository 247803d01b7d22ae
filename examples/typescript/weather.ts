/** An agent that answers questions about the weather; nothing in it knows of a double. */

import OpenAI from "openai";
import type { ChatCompletionMessageParam, ChatCompletionTool } from "openai/resources/chat/completions";

const PLACE = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const TOOLS: ChatCompletionTool[] = [{ type: "function", function: { name: "get_weather", parameters: PLACE } }];

/** Return the temperature of a city; a real application would ask a weather service. */
function temperature(city: string): number {
  return city.length + 13;
}

/** Ask the model, run the tools that it calls, and return its answer. */
export async function answer(question: string): Promise<string> {
  const client = new OpenAI();
  const messages: ChatCompletionMessageParam[] = [{ role: "user", content: question }];
  for (;;) {
    const completion = await client.chat.completions.create({ model: "gpt-5.4-mini", messages, tools: TOOLS });
    const message = completion.choices[0]!.message;
    if (message.tool_calls === undefined) return message.content ?? "";
    messages.push(message);
    for (const call of message.tool_calls) {
      if (call.type !== "function") throw new Error(`unexpected call of type ${call.type}`);
      const { city } = JSON.parse(call.function.arguments) as { city: string };
      const content = JSON.stringify({ temperature: temperature(city) });
      messages.push({ role: "tool", tool_call_id: call.id, content });
    }
  }
}
