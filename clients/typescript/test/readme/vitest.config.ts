import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    globalSetup: "chatdouble/global-setup",
    include: ["block-*.ts"],
    pool: "threads",
    root: import.meta.dirname,
    testTimeout: 60_000,
  },
});
