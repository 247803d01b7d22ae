// Each fault through the official JavaScript client, in streams and whole answers, with the client's retries.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import OpenAI from 'openai';
import { session } from './double.mjs';

const TEXT = 'One two three four';
const TOOLS = [{ type: 'function', function: { name: 'look', parameters: { type: 'object', properties: { at: { type: 'string' } }, required: ['at'] } } }];

/** Asks in one of the two ways and returns what came: of a stream its chunks, also when it failed after some. */
async function ask({ client }, fault, stream) {
  const body = { model: 'gpt-4o', messages: [{ role: 'user', content: TEXT }], stream, ...fault.asks };
  const came = { chunks: [] };
  try {
    came.answer = await client.chat.completions.create(body);
    if (stream) for await (const chunk of came.answer) came.chunks.push(chunk);
  } catch (error) {
    came.error = error;
  }
  came.text = came.chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('');
  return came;
}

const raises = (kind, message = /./) => ({ error }) => {
  assert.equal(error?.constructor, kind);
  assert.match(error.message, message);
};
const hears = (text) => ({ error, text: heard }) => {
  assert.equal(error, undefined);
  assert.equal(heard, text);
};
const unharmed = {
  stream: hears(TEXT),
  whole: ({ answer }) => assert.equal(answer.choices[0].message.content, TEXT),
};
const called = ({ answer, chunks }) =>
  chunks.length
    ? chunks.map((chunk) => chunk.choices[0]?.delta.tool_calls?.[0].function?.arguments ?? '').join('')
    : answer.choices[0].message.tool_calls[0].function.arguments;

/** Returns the message of an answer, whole or put together from its chunks, with its finish reason. */
function message({ error, answer, chunks }) {
  assert.equal(error, undefined);
  if (!chunks.length) return { finish: answer.choices[0].finish_reason, calls: [], ...only(answer.choices[0].message) };
  const whole = { content: '', refusal: '', calls: [] };
  for (const { choices } of chunks) {
    const [{ delta, finish_reason }] = choices;
    whole.content += delta.content ?? '';
    whole.refusal += delta.refusal ?? '';
    whole.finish = finish_reason ?? whole.finish;
    for (const { index, id, function: called } of delta.tool_calls ?? []) {
      whole.calls[index] ??= { id, name: called.name, arguments: '' };
      whole.calls[index].arguments += called.arguments ?? '';
    }
  }
  return whole;
}

const only = ({ content, refusal, tool_calls }) => ({
  content: content ?? '',
  refusal: refusal ?? '',
  calls: (tool_calls ?? []).map(({ id, function: called }) => ({ id, ...called })),
});

/** A fault of the model, which looks the same in both ways. */
const model = (name, asks, check) => ({ name, asks, stream: (came) => check(message(came)), whole: (came) => check(message(came)) });
const CALLS = { tools: TOOLS, tool_choice: 'required' };

/** Each fault, what comes of it, and how many requests it takes with two retries (one, if not said). */
const FAULTS = [
  { name: 'error', tries: 3, stream: raises(OpenAI.InternalServerError), whole: raises(OpenAI.InternalServerError) },
  { name: 'reset', tries: 3, stream: raises(OpenAI.APIConnectionError), whole: raises(OpenAI.APIConnectionError) },
  {
    name: 'disconnect',
    stream: (came) => {
      raises(TypeError, /terminated/)(came);
      assert.equal(came.chunks.length, 1);
    },
    whole: raises(TypeError, /terminated/),
  },
  {
    name: 'disconnect',
    options: { after_chunks: 0 },
    tries: 3,
    stream: raises(OpenAI.APIConnectionError),
    whole: raises(OpenAI.APIConnectionError),
  },
  { name: 'slow_body', options: { bytes_per_second: 20_000 }, ...unharmed },
  { name: 'merged_frames', ...unharmed },
  { name: 'split_frames', ...unharmed },
  { name: 'wrong_ids', ...unharmed },
  { name: 'malformed_json', stream: raises(SyntaxError), whole: raises(SyntaxError) },
  { name: 'broken_frame', stream: raises(SyntaxError), whole: raises(SyntaxError) },
  { name: 'missing_done', stream: hears(TEXT), whole: raises(SyntaxError) },
  {
    name: 'error_event',
    options: { after_chunks: 2, message: 'Overloaded.' },
    stream: (came) => {
      raises(OpenAI.APIError, /Overloaded\./)(came);
      assert.equal(came.chunks.length, 2);
    },
    whole: ({ answer }) => {
      assert.equal(answer.choices, undefined);
      assert.equal(answer.error.message, 'Overloaded.');
    },
  },
  { name: 'wrong_content_type', stream: hears(TEXT), whole: ({ answer }) => assert.equal(typeof answer, 'string') },
  {
    name: 'empty_body',
    stream: ({ error, chunks }) => assert.deepEqual([error, chunks], [undefined, []]),
    whole: ({ error, answer }) => assert.deepEqual([error, answer], [undefined, undefined]),
  },
  { name: 'duplicate_chunk', stream: hears('OneOne two three four'), whole: raises(SyntaxError) },
  {
    name: 'out_of_order_chunks',
    asks: { n: 2 },
    stream: ({ error, chunks }) => {
      assert.equal(error, undefined);
      assert.equal(chunks[0].choices[0].delta.role, 'assistant');
    },
    whole: ({ answer }) =>
      assert.deepEqual(
        answer.choices.map((choice) => choice.index),
        [1, 0],
      ),
  },
  {
    name: 'corrupt_tool_arguments',
    asks: { tools: TOOLS, tool_choice: 'required' },
    stream: (came) => assert.throws(() => JSON.parse(called(came)), SyntaxError),
    whole: (came) => assert.throws(() => JSON.parse(called(came)), SyntaxError),
  },
  model('invalid_tool_arguments', CALLS, ({ calls }) => assert.notEqual(typeof JSON.parse(calls[0].arguments).at, 'string')),
  model('unoffered_tool', CALLS, ({ calls }) => assert.equal(calls[0].name, 'look_v2')),
  model('truncated_tool_arguments', CALLS, ({ calls, finish }) => {
    assert.throws(() => JSON.parse(calls[0].arguments), SyntaxError);
    assert.equal(finish, 'length');
  }),
  model('repeated_tool_call', CALLS, ({ calls: [first, second] }) => {
    assert.deepEqual({ ...second, id: first.id }, first);
    assert.notEqual(second.id, first.id);
  }),
  model('wrong_tool_call_id', CALLS, ({ calls }) => assert.equal(calls[0].id, '')),
  model('empty_answer', {}, ({ content, finish }) => assert.deepEqual([content, finish], ['', 'stop'])),
  model('reasoning_only', {}, ({ content, finish }) => assert.deepEqual([content, finish], ['', 'length'])),
  model('content_filter', {}, ({ content, finish }) => assert.deepEqual([content, finish], ['One two t', 'content_filter'])),
  model('refusal', {}, ({ content, refusal }) => assert.deepEqual([content, refusal.length > 0], ['', true])),
];

test('a whole answer that stalls times out', async () => {
  const mine = session('sk-node-stall-whole', { timeout: 300, maxRetries: 0 });
  await mine.control('PUT', 'faults', 'stall');
  raises(OpenAI.APIConnectionTimeoutError)(await ask(mine, {}, false));
});

test('a stream that stalls has no timeout of the client: the caller has to leave', async () => {
  const mine = session('sk-node-stall-stream', { timeout: 100, maxRetries: 0 });
  await mine.control('PUT', 'faults', { name: 'stall', after_chunks: 2 });
  const stream = await mine.client.chat.completions.create({
    model: 'gpt-4o',
    messages: [{ role: 'user', content: TEXT }],
    stream: true,
  });
  const chunks = stream[Symbol.asyncIterator]();
  await chunks.next();
  assert.equal((await chunks.next()).value.choices[0].delta.content, 'One');
  const third = chunks.next();
  stream.controller.abort();
  assert.equal((await third).done, true);
});

test('a rate limit is waited out when the clock has moved', async () => {
  const mine = session('sk-node-limits', { maxRetries: 0 });
  await mine.control('PUT', 'limits', { requests_per_minute: 1 });
  unharmed.whole(await ask(mine, {}, false));
  const over = await ask(mine, {}, false);
  raises(OpenAI.RateLimitError, /Please try again in 1m0s\./)(over);
  await mine.control('POST', 'clock', { advance: Number(over.error.headers.get('retry-after')) });
  unharmed.whole(await ask(mine, {}, false));
});

// A client waits before it tries again: the waits of some pass at the same time.
describe('faults', { concurrency: 8 }, () => {
  for (const [at, fault] of FAULTS.entries())
    for (const way of ['stream', 'whole'])
      test(`${fault.name} ${JSON.stringify(fault.options ?? {})} in a ${way} answer`, async () => {
        const mine = session(`sk-node-fault-${at}-${way}`);
        await mine.control('PUT', 'faults', { name: fault.name, ...fault.options });
        fault[way](await ask(mine, fault, way === 'stream'));
        const requests = await mine.requests();
        assert.equal(requests.length, fault.tries ?? 1);
        for (const request of requests) assert.deepEqual(request.faults, [fault.name]);
      });

  for (const [status, kind, tries] of [
    [400, OpenAI.BadRequestError, 1],
    [401, OpenAI.AuthenticationError, 1],
    [403, OpenAI.PermissionDeniedError, 1],
    [404, OpenAI.NotFoundError, 1],
    [409, OpenAI.ConflictError, 3],
    [422, OpenAI.UnprocessableEntityError, 1],
    [429, OpenAI.RateLimitError, 3],
    [503, OpenAI.InternalServerError, 3],
  ])
    test(`an error ${status} is its exception, after ${tries} tries`, async () => {
      const mine = session(`sk-node-error-${status}`);
      await mine.control('PUT', 'faults', { name: 'error', status, retry_after: 0.001 });
      raises(kind)(await ask(mine, {}, status % 2 === 0));
      assert.equal((await mine.requests()).length, tries);
    });

  for (const fault of [{ name: 'error', status: 429, retry_after: 0.001 }, { name: 'reset' }])
    test(`${fault.name}: the third try is answered when two fail`, async () => {
      const mine = session(`sk-node-recovers-${fault.name}`);
      await mine.control('PUT', 'faults', { ...fault, times: 2 });
      unharmed.whole(await ask(mine, {}, false));
      const statuses = (await mine.requests()).map((request) => request.status);
      assert.deepEqual([statuses.length, statuses.at(-1)], [3, 200]);
    });
});
