import { defineConfig } from "vitest/config";

// One server for the whole run; with CHATDOUBLE_URL in the environment, the one that runs there.
export default defineConfig({ test: { globalSetup: "chatdouble/global-setup" } });
