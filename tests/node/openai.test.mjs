// The official JavaScript client against the server at OPENAI_BASE_URL.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI from 'openai';
import { zodFunction, zodResponseFormat } from 'openai/helpers/zod';
import { z } from 'zod';

const TEXT = 'One two three four, and so on.';
const messages = [{ role: 'user', content: TEXT }];
const client = new OpenAI({ apiKey: process.env.OPENAI_API_KEY ?? 'sk-node', maxRetries: 0 });

const Weather = z.object({ city: z.string(), days: z.int().min(1).max(14) });
const Trip = z.object({
  title: z.string(),
  mood: z.enum(['calm', 'wild']),
  budget: z.number(),
  booked: z.boolean(),
  note: z.string().nullable(),
  stops: z.array(Weather).min(1),
});

test('create answers with the last user text', async () => {
  const completion = await client.chat.completions.create({ model: 'gpt-4o', messages });
  assert.equal(completion.object, 'chat.completion');
  assert.equal(completion.choices[0].message.content, TEXT);
  assert.equal(completion.choices[0].finish_reason, 'stop');
  assert.equal(
    completion.usage.total_tokens,
    completion.usage.prompt_tokens + completion.usage.completion_tokens,
  );
  assert.match(completion._request_id, /^req_[0-9a-f]{32}$/);
});

test('withResponse shows the headers', async () => {
  const { response, request_id } = await client.chat.completions
    .create({ model: 'gpt-5', messages })
    .withResponse();
  assert.equal(response.headers.get('x-request-id'), request_id);
  assert.equal(response.headers.get('openai-version'), '2020-10-01');
});

test('n, stop and max_completion_tokens are obeyed', async () => {
  const several = await client.chat.completions.create({ model: 'gpt-4o', messages, n: 2 });
  assert.deepEqual(
    several.choices.map((choice) => choice.index),
    [0, 1],
  );
  const stopped = await client.chat.completions.create({ model: 'gpt-4o', messages, stop: ' three' });
  assert.equal(stopped.choices[0].message.content, 'One two');
  const cut = await client.chat.completions.create({ model: 'gpt-4o', messages, max_completion_tokens: 1 });
  assert.equal(cut.choices[0].finish_reason, 'length');
});

test('a stream spells the text and ends with the usage', async () => {
  const stream = await client.chat.completions.create({
    model: 'gpt-4o',
    messages,
    stream: true,
    stream_options: { include_usage: true },
  });
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  const last = chunks.pop();
  assert.equal(chunks.map((chunk) => chunk.choices[0].delta.content ?? '').join(''), TEXT);
  assert.equal(chunks.at(-1).choices[0].finish_reason, 'stop');
  assert.deepEqual(last.choices, []);
  assert.ok(last.usage.completion_tokens > 0);
});

test('a stream left early leaves the client usable', async () => {
  const stream = await client.chat.completions.create({ model: 'gpt-4o', messages, stream: true });
  for await (const chunk of stream) {
    assert.equal(chunk.object, 'chat.completion.chunk');
    break;
  }
  const completion = await client.chat.completions.create({ model: 'gpt-4o', messages });
  assert.equal(completion.choices[0].message.content, TEXT);
});

test('.stream() accumulates the text', async () => {
  const runner = client.chat.completions.stream({ model: 'gpt-4o', messages });
  let heard = '';
  runner.on('content', (delta) => (heard += delta));
  assert.equal(await runner.finalContent(), TEXT);
  assert.equal(heard, TEXT);
  assert.equal((await runner.finalChatCompletion()).choices[0].finish_reason, 'stop');
});

test('.stream() accumulates structured output', async () => {
  const runner = client.chat.completions.stream({
    model: 'gpt-4o',
    messages,
    response_format: zodResponseFormat(Trip, 'trip'),
  });
  const completion = await runner.finalChatCompletion();
  Trip.parse(completion.choices[0].message.parsed);
});

test('.stream() accumulates tool calls', async () => {
  const runner = client.chat.completions.stream({
    model: 'gpt-4o',
    messages,
    tools: [zodFunction({ name: 'get_weather', parameters: Weather })],
    tool_choice: 'required',
  });
  const [call] = (await runner.finalMessage()).tool_calls;
  assert.match(call.id, /^call_/);
  Weather.parse(JSON.parse(call.function.arguments));
});

test('.parse() gives what zod asked for', async () => {
  const completion = await client.chat.completions.parse({
    model: 'gpt-4o',
    messages,
    response_format: zodResponseFormat(Trip, 'trip'),
  });
  Trip.parse(completion.choices[0].message.parsed);
});

test('.parse() gives the arguments of a named tool', async () => {
  const completion = await client.chat.completions.parse({
    model: 'gpt-4o',
    messages,
    tools: [zodFunction({ name: 'get_weather', parameters: Weather })],
    tool_choice: { type: 'function', function: { name: 'get_weather' } },
  });
  Weather.parse(completion.choices[0].message.tool_calls[0].function.parsed_arguments);
});

test('runTools calls the tool and ends in words', async () => {
  const asked = [];
  const runner = client.chat.completions.runTools({
    model: 'gpt-4o',
    messages: [{ role: 'user', content: 'Please use get_weather for Rome.' }],
    tools: [
      zodFunction({
        name: 'get_weather',
        parameters: Weather,
        function: (weather) => {
          asked.push(weather);
          return { sky: 'blue' };
        },
      }),
    ],
  });
  assert.ok((await runner.finalContent()).length > 0);
  assert.equal(asked.length, 1);
  Weather.parse(asked[0]);
});

test('a bad request is a BadRequestError with its code and param', async () => {
  await assert.rejects(client.chat.completions.create({ model: 'gpt-4o', messages, temperature: 3 }), (error) => {
    assert.ok(error instanceof OpenAI.BadRequestError);
    assert.equal(error.status, 400);
    assert.equal(error.type, 'invalid_request_error');
    assert.equal(error.param, 'temperature');
    assert.equal(error.code, 'decimal_above_max_value');
    assert.match(error.requestID, /^req_/);
    return true;
  });
});

test('a stream is refused before it starts', async () => {
  await assert.rejects(
    client.chat.completions.create({ model: 'gpt-4o', messages: [], stream: true }),
    OpenAI.BadRequestError,
  );
});

test('no key is an AuthenticationError', async () => {
  await assert.rejects(
    client.chat.completions.create({ model: 'gpt-4o', messages }, { headers: { Authorization: null } }),
    OpenAI.AuthenticationError,
  );
});

test('an endpoint that is not doubled is a NotFoundError that says so, without a retry', async () => {
  await assert.rejects(client.files.list(), (error) => {
    assert.ok(error instanceof OpenAI.NotFoundError);
    assert.equal(error.code, 'endpoint_not_doubled');
    assert.match(error.message, /does not double GET \/v1\/files/);
    return true;
  });
});

test('an unknown path is a NotFoundError in the words of the API', async () => {
  await assert.rejects(client.post('/nowhere'), (error) => {
    assert.ok(error instanceof OpenAI.NotFoundError);
    assert.match(error.message, /Invalid URL \(POST \/v1\/nowhere\)/);
    return true;
  });
});

test('models are listed and found', async () => {
  const models = await client.models.list();
  assert.ok(models.data.some((model) => model.id === 'gpt-4o'));
  assert.equal((await client.models.retrieve('gpt-4o')).id, 'gpt-4o');
  await assert.rejects(client.models.retrieve('gpt-none'), OpenAI.NotFoundError);
});

test('a stored completion is found, listed, changed and deleted', async () => {
  const made = await client.chat.completions.create({
    model: 'gpt-4o',
    messages,
    store: true,
    metadata: { from: 'node' },
  });
  const found = await client.chat.completions.retrieve(made.id);
  assert.equal(found.choices[0].message.content, TEXT);
  const listed = await client.chat.completions.list({ metadata: { from: 'node' } });
  assert.ok(listed.data.some((completion) => completion.id === made.id));
  const changed = await client.chat.completions.update(made.id, { metadata: { from: 'test' } });
  assert.deepEqual(changed.metadata, { from: 'test' });
  const told = await client.chat.completions.messages.list(made.id);
  assert.equal(told.data[0].content, TEXT);
  assert.equal((await client.chat.completions.delete(made.id)).deleted, true);
});
