import { defineConfig } from "vitest/config";

// Starting a server takes seconds where the machine is busy; no test measures time.
export default defineConfig({
  test: { include: ["test/**/*.test.ts"], pool: "threads", maxWorkers: 4, testTimeout: 60_000 },
});
