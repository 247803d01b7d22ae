import { defineConfig } from "@playwright/test";

export default defineConfig({ testMatch: "*.pw.ts", reporter: "list", outputDir: "../../node_modules/.playwright" });
