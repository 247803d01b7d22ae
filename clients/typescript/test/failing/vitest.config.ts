import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { include: ["*.failing.ts"], pool: "threads", root: import.meta.dirname, testTimeout: 60_000 },
});
