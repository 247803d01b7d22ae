// The misuses that leave a suite green: each brings its one problem in the verdict, and a clean suite none.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI from 'openai';
import { session } from './double.mjs';

const CURRENT = 'gpt-5.4-mini';
const OLDER = 'gpt-4o-mini';
const CITY = { type: 'object', properties: { city: { type: 'string' } } };
const WEATHER = { type: 'function', function: { name: 'get_weather', parameters: CITY } };
const CALL = { id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '{}' } };

const user = (content) => ({ role: 'user', content });
const schema = (more) => ({ type: 'json_schema', json_schema: { name: 'a', schema: CITY, ...more } });

/** Asks as an application does that swallows every error of the API. */
async function ask({ client }, request = {}) {
  try {
    return await client.chat.completions.create({ model: CURRENT, messages: [user('Hello!')], ...request });
  } catch (error) {
    if (!(error instanceof OpenAI.APIError)) throw error;
  }
}

const asking = (request) => (mine) => ask(mine, request);

const MISUSES = {
  'max_tokens': [asking({ model: OLDER, max_tokens: 5 }), 'deprecated_parameter', '`max_tokens`'],
  'functions': [asking({ model: OLDER, functions: [WEATHER.function] }), 'deprecated_parameter', '`functions`'],
  'user': [asking({ user: 'someone@example.org' }), 'deprecated_parameter', '`user`'],
  'a retired model': [asking({ model: 'gpt-4-0314' }), 'deprecated_model', '`gpt-4-0314`, which was shut down on'],
  'a misspelt model': [asking({ model: 'gpt4o-mini' }), 'unknown_model', '`gpt4o-mini`'],
  'a result that is never sent': [
    asking({ messages: [user('Weather in Paris?')], tools: [WEATHER] }),
    'tool_result_missing',
    'no result of `get_weather`',
  ],
  'a temperature of 3': [asking({ model: OLDER, temperature: 3 }), 'refused', "400: Invalid 'temperature'"],
  'a misspelt parameter': [asking({ max_completion_token: 5 }), 'refused', "400: Unknown parameter: 'max_comp"],
  'a result without a call': [
    asking({ messages: [user('Hi'), { role: 'tool', tool_call_id: 'call_1', content: '18' }] }),
    'refused',
    "400: Invalid parameter: messages with role 'tool' must be a response to",
  ],
  'a call without a result': [
    asking({ messages: [user('Hi'), { role: 'assistant', tool_calls: [CALL] }, user('And?')] }),
    'refused',
    "400: An assistant message with 'tool_calls' must be followed by tool messages",
  ],
  'a strict schema with a gap': [
    asking({ response_format: schema({ strict: true }) }),
    'refused',
    "400: Invalid schema for response_format 'a'",
  ],
  'max_tokens of a reasoning model': [
    asking({ model: 'gpt-5.4', max_tokens: 5 }),
    'refused',
    "400: Unsupported parameter: 'max_tokens' is not supported",
  ],
  'JSON without the word': [
    asking({ response_format: { type: 'json_object' } }),
    'refused',
    "400: 'messages' must contain the word 'json' in some form",
  ],
  'no messages': [asking({ messages: [] }), 'refused', "400: Invalid 'messages': empty array."],
  'a loose schema': [asking({ response_format: schema({}) }), 'schema_not_strict', 'the schema `a` of the response'],
  'another endpoint': [
    ({ client }) => assert.rejects(client.files.list(), OpenAI.NotFoundError),
    'endpoint_not_doubled',
    'GET /v1/files',
  ],
  'sound without its modality': [
    asking({ model: OLDER, audio: { voice: 'alloy', format: 'wav' } }),
    'ignored_parameter',
    '`audio`',
  ],
  'the same question twice': [
    async (mine) => {
      await ask(mine);
      await ask(mine);
    },
    'repeated_request',
    'POST /v1/chat/completions with the same body',
  ],
};

for (const [name, [misuse, kind, found]] of Object.entries(MISUSES)) {
  test(`${name}: ${kind}`, async () => {
    const mine = session(`sk-node-misuse-${name.replaceAll(' ', '-')}`);
    await misuse(mine);
    const { problems } = await mine.control('GET', 'verdict');
    assert.deepEqual(
      problems.map((problem) => [problem.kind, problem.found.slice(0, found.length)]),
      [[kind, found]],
    );
  });
}

test('a clean suite has no problem', async () => {
  const mine = session('sk-node-clean');
  const tools = [{ ...WEATHER, function: { ...WEATHER.function, function: () => '18', parse: JSON.parse } }];
  const messages = [user('Weather in Paris?')];
  await mine.control('POST', 'queue', [{ tool_calls: [{ get_weather: { city: 'Paris' } }] }, 'It is 18 degrees.']);
  const runner = mine.client.chat.completions.runTools({ model: CURRENT, messages, tools });
  assert.equal(await runner.finalContent(), 'It is 18 degrees.');
  let story = '';
  for await (const chunk of await ask(mine, { stream: true })) story += chunk.choices[0].delta.content ?? '';
  assert.ok(story);
  const verdict = await mine.control('GET', 'verdict');
  assert.deepEqual([verdict.ok, verdict.problems, verdict.counts.requests], [true, [], 3]);
});
