// The official JavaScript client's agent loop, each of whose turns the double checks.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI from 'openai';
import { session } from './double.mjs';

const TURNS = [
  { when: { user: '*Oslo*', tools: 'get_weather' }, reply: { tool_calls: [{ get_weather: { city: 'Oslo' } }] } },
  { reply: { error: { status: 429, retry_after: 0.01 } } },
  { when: { tool_result: { name: 'get_weather', text: '*rain*' } }, reply: { tool_calls: [{ get_trains: {} }] } },
  { when: { tool_result: { name: 'get_trains' } }, reply: 'Take the 8:15.' },
];

/** Runs the loop of an agent whose tools return these texts. */
function run({ client }, results) {
  const tools = Object.entries(results).map(([name, result]) => ({
    type: 'function',
    function: { name, parameters: { type: 'object', properties: {} }, function: () => result },
  }));
  const messages = [{ role: 'user', content: 'To Oslo, please.' }];
  return client.chat.completions.runTools({ model: 'gpt-4o', messages, tools }).finalContent();
}

test('an agent goes through three turns and a 429 in the middle', async () => {
  const mine = session('sk-node-turns');
  assert.deepEqual(await mine.control('POST', 'script', { turns: TURNS }), { id: 'script_1', waiting: 4 });
  assert.equal(await run(mine, { get_weather: 'rain', get_trains: '8:15' }), 'Take the 8:15.');
  const requests = await mine.requests();
  assert.deepEqual(
    requests.map((request) => [request.status, request.turn.number]),
    [
      [200, 1],
      [429, 2],
      [200, 3],
      [200, 4],
    ],
  );
  const [conversation] = (await mine.control('GET', 'script')).data;
  assert.equal(conversation.waiting, 0);
});

test('a wrong second turn stops the agent at once with a readable message', async () => {
  const mine = session('sk-node-wrong-turn');
  await mine.control('POST', 'script', { turns: [TURNS[0], TURNS[2], TURNS[3]], conversation: { name: 'trip' } });
  await assert.rejects(run(mine, { get_weather: 'sun', get_trains: '8:15' }), (error) => {
    assert.ok(error instanceof OpenAI.NotFoundError);
    assert.equal(error.code, 'turn_mismatch');
    assert.match(error.message, /does not fit turn 2 of 3 of the conversation trip/);
    assert.match(error.message, /expected: a result with name "get_weather".*\s+found: +\["sun"\]/);
    return true;
  });
  assert.equal((await mine.requests()).length, 2);
  const [conversation] = (await mine.control('GET', 'script')).data;
  assert.equal(conversation.waiting, 2);
});
