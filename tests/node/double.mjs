// The server at OPENAI_BASE_URL as a test controls it: each test has a key, and so a session, of its own.

import OpenAI from 'openai';

const ROOT = process.env.OPENAI_BASE_URL.replace(/\/v1$/, '');

/** Returns the session of a key: the official client of it, and what controls it. */
export function session(key, options = {}) {
  const control = async (method, path, body) => {
    const answer = await fetch(`${ROOT}/_double/${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(await answer.text());
    return answer.json();
  };
  return {
    client: new OpenAI({ apiKey: key, maxRetries: 2, ...options }),
    control,
    requests: async () => (await control('GET', 'requests')).data,
  };
}
