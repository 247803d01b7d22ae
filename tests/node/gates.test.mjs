// Streams that a test holds: a user interface that cancels, a stream chunk by chunk, control by header.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI from 'openai';
import { session } from './double.mjs';

const TEXT = 'One two three four';
const ASKED = { model: 'gpt-4o', messages: [{ role: 'user', content: TEXT }] };

/** A chat window: it shows the text as it comes, and stops when the user says so. */
function chatWindow({ client }) {
  const stopped = new AbortController();
  const shown = { text: '', stop: () => stopped.abort() };
  shown.ended = (async () => {
    const stream = await client.chat.completions.create({ ...ASKED, stream: true }, { signal: stopped.signal });
    for await (const chunk of stream) shown.text += chunk.choices[0].delta.content ?? '';
    shown.finished = !stopped.signal.aborted;
  })();
  return shown;
}

test('a chat window that is stopped at a gate leaves the server', async () => {
  const mine = session('sk-node-gate-cancel', { maxRetries: 0 });
  await mine.control('PUT', 'gates/half', { when: { user: 'One*' }, after_chunks: 3 });
  const window = chatWindow(mine);
  const { waiting } = await mine.control('POST', 'gates/half/wait', { timeout: 25 });
  assert.deepEqual(waiting.map(({ client_left }) => client_left), [false]);
  window.stop();
  await window.ended;
  assert.deepEqual([window.text, window.finished], ['One two', false]);
  const left = await mine.control('POST', 'gates/half/wait', { timeout: 25, client_left: true });
  assert.deepEqual(left.waiting, [{ ...waiting[0], client_left: true }]);
  const [request] = await mine.requests();
  assert.equal(request.gates[0].name, 'half');
});

test('a stream comes chunk by chunk as the test releases it', async () => {
  const mine = session('sk-node-gate-chunks', { maxRetries: 0 });
  await mine.control('PUT', 'gates/each', { after_chunks: 1 });
  const stream = await mine.client.chat.completions.create({ ...ASKED, stream: true });
  const chunks = stream[Symbol.asyncIterator]();
  const heard = [(await chunks.next()).value.choices[0].delta.content];
  for (const _ of TEXT.split(' ')) {
    await mine.control('POST', 'gates/each/release', { chunks: 1 });
    heard.push((await chunks.next()).value.choices[0].delta.content);
  }
  assert.deepEqual(heard, ['', 'One', ' two', ' three', ' four']);
  await mine.control('POST', 'gates/each/release', {});
  assert.equal((await chunks.next()).value.choices[0].finish_reason, 'stop');
  assert.equal((await chunks.next()).done, true);
});

test('a client of which only the headers can be set stops at a gate, and fails at it', async () => {
  const headers = { 'x-double-gate': JSON.stringify({ name: 'mine', before: 'first_byte' }) };
  const mine = session('sk-node-gate-header', { maxRetries: 0, defaultHeaders: headers });
  const asking = assert.rejects(mine.client.chat.completions.create(ASKED), OpenAI.InternalServerError);
  while ((await mine.requests()).length === 0);
  await mine.control('POST', 'gates/mine/wait', { timeout: 25 });
  await mine.control('POST', 'gates/mine/abort', { how: 'error' });
  await asking;
});
