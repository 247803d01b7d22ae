/** Rules from script files and from code. */

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Rule, Script } from "./generated/script.js";

/** A script file, a rule, or a list of rules. */
export type RuleSource = string | URL | Rule | readonly Rule[];

/**
 * Return the rules of a source.
 *
 * @throws TypeError - The file is YAML, and the package `yaml` is not installed.
 */
export async function rulesIn(source: RuleSource): Promise<readonly Rule[]> {
  if (typeof source !== "string" && !(source instanceof URL)) return "map" in source ? source : [source];
  const path = source instanceof URL ? fileURLToPath(source) : source;
  const script = parsed(path, await readFile(path, "utf8"), await parser(path)) as Script;
  return "map" in script ? script : (script.rules ?? []);
}

function parsed(path: string, text: string, parse: (text: string) => unknown): unknown {
  try {
    return parse(text);
  } catch (failed) {
    throw new TypeError(`${path}: ${(failed as Error).message}`);
  }
}

/** Return what parses a file; most projects have the package `yaml`, and only scripts in YAML need it. */
async function parser(path: string): Promise<(text: string) => unknown> {
  if (path.endsWith(".json")) return JSON.parse;
  const name = "yaml";
  try {
    return ((await import(name)) as { parse: (text: string) => unknown }).parse;
  } catch {
    throw new TypeError(`${path} is YAML: install the package yaml, or write the rules as JSON or in code`);
  }
}
