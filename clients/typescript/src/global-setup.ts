/** One server for a whole run: the `globalSetup` of vitest, Jest and Playwright. */

import { startDouble } from "./server.js";

/** Start a server, to which `CHATDOUBLE_URL` points all workers; return what stops it. It ends with this process too. */
export default async function globalSetup(): Promise<() => Promise<void>> {
  const server = await startDouble();
  process.env["CHATDOUBLE_URL"] = server.url;
  return () => server.stop();
}
