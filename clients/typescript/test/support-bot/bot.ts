/** A support bot: the application that the suite tests. It knows nothing of the double. */

import OpenAI from "openai";
import type { ChatCompletionMessageParam, ChatCompletionTool } from "openai/resources/chat/completions";

const MODEL = "gpt-5.4-mini";

/** What a message is about, and whether it can wait. */
export interface Ticket {
  readonly category: "billing" | "shipping" | "other";
  readonly urgent: boolean;
}

const TICKET = {
  type: "object",
  properties: { category: { enum: ["billing", "shipping", "other"], type: "string" }, urgent: { type: "boolean" } },
  required: ["category", "urgent"],
  additionalProperties: false,
};

const NUMBER = { type: "object", properties: { number: { type: "string" } }, required: ["number"] };

const TOOLS: ChatCompletionTool[] = [
  { type: "function", function: { name: "find_order", parameters: NUMBER } },
  { type: "function", function: { name: "refund_order", parameters: NUMBER } },
];

const ORDERS: Record<string, unknown> = { "42": { status: "lost", total: 30 } };

/** Classify a message. */
export async function classify(text: string): Promise<Ticket> {
  const answer = await new OpenAI().chat.completions.create({
    model: MODEL,
    messages: [
      { role: "system", content: "Classify the message." },
      { role: "user", content: text },
    ],
    response_format: { type: "json_schema", json_schema: { name: "ticket", strict: true, schema: TICKET } },
  });
  return JSON.parse(answer.choices[0]?.message.content ?? "") as Ticket;
}

/** Answer a message, with the tools that it takes. */
export async function help(text: string): Promise<string> {
  const messages: ChatCompletionMessageParam[] = [{ role: "user", content: text }];
  for (;;) {
    const answer = await new OpenAI().chat.completions.create({ model: MODEL, messages, tools: TOOLS });
    const message = answer.choices[0]!.message;
    if (message.tool_calls === undefined) return message.content ?? "";
    messages.push(message);
    for (const call of message.tool_calls) {
      if (call.type === "function") messages.push({ role: "tool", tool_call_id: call.id, content: run(call.function) });
    }
  }
}

function run({ name, arguments: args }: { name: string; arguments: string }): string {
  const { number } = JSON.parse(args) as { number: string };
  return JSON.stringify(name === "find_order" ? (ORDERS[number] ?? null) : { refunded: number });
}

/** Tell a story piece by piece; a stream that is cut ends in an apology. */
export async function tell(text: string, show: (piece: string) => void = () => {}): Promise<string> {
  const messages: ChatCompletionMessageParam[] = [{ role: "user", content: text }];
  const stream = await new OpenAI().chat.completions.create({ model: MODEL, messages, stream: true });
  let told = "";
  try {
    for await (const chunk of stream) {
      const piece = chunk.choices[0]?.delta.content ?? "";
      show(piece);
      told += piece;
    }
  } catch {
    told += " (The connection was lost.)";
  }
  return told;
}

/** Continue a conversation; of one that is too long, only the last message is sent again. */
export async function chat(messages: ChatCompletionMessageParam[]): Promise<string> {
  try {
    const answer = await new OpenAI().chat.completions.create({ model: MODEL, messages });
    return answer.choices[0]?.message.content ?? "";
  } catch (error) {
    if (!(error instanceof OpenAI.APIError) || error.code !== "context_length_exceeded") throw error;
    return chat(messages.slice(-1));
  }
}
