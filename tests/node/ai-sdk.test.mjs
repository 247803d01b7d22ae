// The Vercel AI SDK's chat models against the server at OPENAI_BASE_URL.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { APICallError, generateObject, generateText, isStepCount, Output, streamText, tool } from 'ai';
import { z } from 'zod';

const TEXT = 'One two three four, and so on.';
const apiKey = process.env.OPENAI_API_KEY ?? 'sk-node';
const baseURL = process.env.OPENAI_BASE_URL;

globalThis.AI_SDK_LOG_WARNINGS = false;

const models = {
  openai: createOpenAI({ apiKey, baseURL }).chat('gpt-4o'),
  // The default of the provider is the Responses API.
  'openai responses': createOpenAI({ apiKey, baseURL })('gpt-4o'),
  'openai-compatible': createOpenAICompatible({
    name: 'chatdouble',
    apiKey,
    baseURL,
    includeUsage: true,
    supportsStructuredOutputs: true,
  })('gpt-4o'),
};

const Trip = z.object({ title: z.string(), nights: z.int(), stops: z.array(z.object({ town: z.string() })) });

for (const [name, model] of Object.entries(models)) {
  test(`${name}: generateText answers with the prompt`, async () => {
    const { text, finishReason, usage } = await generateText({ model, prompt: TEXT });
    assert.equal(text, TEXT);
    assert.equal(finishReason, 'stop');
    assert.ok(usage.inputTokens > 0);
    assert.ok(usage.outputTokens > 0);
  });

  test(`${name}: streamText spells the prompt`, async () => {
    const result = streamText({ model, prompt: TEXT });
    let heard = '';
    for await (const delta of result.textStream) heard += delta;
    assert.equal(heard, TEXT);
    assert.equal(await result.finishReason, 'stop');
    assert.ok((await result.usage).outputTokens > 0);
  });

  test(`${name}: generateObject fills the schema`, async () => {
    const { object } = await generateObject({ model, schema: Trip, prompt: TEXT });
    Trip.parse(object);
  });

  test(`${name}: Output.object fills the schema`, async () => {
    const { output } = await generateText({ model, output: Output.object({ schema: Trip }), prompt: TEXT });
    Trip.parse(output);
  });

  test(`${name}: streamText calls tools and ends in words`, async () => {
    const asked = [];
    const result = streamText({
      model,
      prompt: 'Please use weather for Rome.',
      stopWhen: isStepCount(5),
      tools: {
        weather: tool({
          description: 'Tells the weather.',
          inputSchema: z.object({ city: z.string() }),
          execute: ({ city }) => {
            asked.push(city);
            return { sky: 'blue' };
          },
        }),
      },
    });
    await result.consumeStream();
    assert.equal(asked.length, 1);
    assert.equal((await result.steps).length, 2);
    assert.ok((await result.text).length > 0);
  });

  test(`${name}: a refused request is not tried again`, async () => {
    await assert.rejects(
      generateText({ model, prompt: TEXT, temperature: 3, maxRetries: 2 }),
      (error) => {
        assert.ok(APICallError.isInstance(error));
        assert.equal(error.statusCode, 400);
        assert.equal(error.isRetryable, false);
        return true;
      },
    );
  });
}
