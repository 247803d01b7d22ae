// The official JavaScript client's agent loop against agent.yaml.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI from 'openai';
import { zodFunction } from 'openai/helpers/zod';
import { z } from 'zod';
import { session } from './double.mjs';

const Weather = z.object({ city: z.string(), days: z.int() });

/** Runs the loop of one session, and returns what the tool was asked and what the model said last. */
async function run({ client }, stream) {
  const asked = [];
  const runner = client.chat.completions.runTools({
    model: 'gpt-4o',
    stream,
    messages: [{ role: 'user', content: 'How is the weather in Oslo?' }],
    tools: [
      zodFunction({
        name: 'get_weather',
        parameters: Weather,
        function: ({ city, days }) => {
          asked.push([city, days]);
          return { city, temp: 20 + days, day: days };
        },
      }),
    ],
  });
  return { asked, said: await runner.finalContent(), messages: runner.messages };
}

for (const stream of [false, true])
  test(`runTools calls both tools and ends in words, ${stream ? 'streamed' : 'whole'}`, async () => {
    const mine = session(`sk-node-agent-${stream}`);
    const { asked, said, messages } = await run(mine, stream);
    assert.deepEqual(asked, [
      ['Oslo', 1],
      ['Oslo', 2],
    ]);
    assert.equal(said, 'Oslo: 22 degrees on day 2.');
    assert.deepEqual(
      messages.map((message) => message.role),
      ['user', 'assistant', 'tool', 'tool', 'assistant'],
    );
    assert.equal(messages[1].content, 'Let me look.');
    const rules = (await mine.requests()).map((request) => request.rule);
    assert.deepEqual(rules, ['asks for the weather', 'tells it']);
  });

test('the client gets through what a script says goes wrong, and the journal counts its tries', async () => {
  const mine = session('sk-node-flaky');
  const answer = await mine.client.chat.completions.create({
    model: 'gpt-4o',
    messages: [{ role: 'user', content: 'ping' }],
  });
  assert.equal(answer.choices[0].message.content, 'pong');
  const requests = await mine.requests();
  assert.deepEqual(
    requests.map((request) => request.rule),
    Array(3).fill('flaky, then fine'),
  );
  assert.deepEqual([requests[0].status, requests[2].status], [429, 200]);
});

test('a request that no rule matches is a NotFoundError that is not tried again', async () => {
  const mine = session('sk-node-miss');
  await assert.rejects(
    mine.client.chat.completions.create({ model: 'gpt-4o', messages: [{ role: 'user', content: 'Ping' }] }),
    (error) => {
      assert.ok(error instanceof OpenAI.NotFoundError);
      assert.equal(error.code, 'no_rule_matched');
      assert.match(error.message, /expected: "ping"\s+found: +"Ping"/);
      return true;
    },
  );
  assert.equal((await mine.requests()).length, 1);
});

test('a hundred sessions at once do not mix', async () => {
  const sessions = Array.from({ length: 100 }, (_, number) => session(`sk-node-many-${number}`));
  const heard = await Promise.all(
    sessions.map(async (mine, number) => {
      await mine.control('POST', 'queue', [`first ${number}`, `second ${number}`]);
      const said = [];
      for (let turn = 0; turn < 2; turn++) {
        const messages = [{ role: 'user', content: 'Next' }];
        said.push((await mine.client.chat.completions.create({ model: 'gpt-4o', messages })).choices[0].message.content);
      }
      return said;
    }),
  );
  assert.deepEqual(
    heard,
    sessions.map((_, number) => [`first ${number}`, `second ${number}`]),
  );
});
