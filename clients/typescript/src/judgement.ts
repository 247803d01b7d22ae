/** The verdict on a session, and its problems as text. */

import type { Problem, Verdict } from "./generated/verdict.js";

/** A verdict. */
export class Judgement {
  /** @param whole - The verdict as the control returns it. */
  constructor(readonly whole: Verdict) {}

  /** True if there is no error. */
  get ok(): boolean {
    return this.whole.ok;
  }

  /** The problems, errors first. */
  get problems(): readonly Problem[] {
    return this.whole.problems;
  }

  /** The kinds of the problems, each once. */
  get kinds(): readonly string[] {
    return [...new Set(this.problems.map((problem) => problem.kind))];
  }

  /** The verdict in one line. */
  get summary(): string {
    const { ok, counts, tokens } = this.whole;
    const dropped = counts["dropped"] ? `, ${counts["dropped"]} no longer in the journal and not judged` : "";
    return (
      `verdict: ${ok ? "ok" : "failed"}: ${number(counts["errors"], "error")}, ` +
      `${number(counts["warnings"], "warning")}; ${number(counts["requests"], "request")}${dropped}; ` +
      `${tokens["prompt"]} tokens in, ${tokens["completion"]} out`
    );
  }

  /** Return the verdict as text, a block for each problem. */
  toString(): string {
    return [...this.problems.map(block), this.summary].join("\n\n");
  }
}

function number(count: number | undefined, noun: string): string {
  return `${count ?? 0} ${noun}${count === 1 ? "" : "s"}`;
}

/** Return a problem as text, without its session, which is the test. */
export function block(problem: Problem): string {
  const { severity, kind, title, source, expected, found, advice, requests } = problem;
  return [
    `${severity}: ${kind}: ${title}`,
    ...(source ? [`  source:   ${source}`] : []),
    ...difference(expected, found),
    `  advice:   ${advice}`,
    ...(requests.length > 0 ? [`  requests: ${few(requests)}`] : []),
  ].join("\n");
}

/** The requests of a problem that are listed. */
const FEW = 3;

function few(names: readonly string[]): string {
  const more = names.length - FEW;
  return names.slice(0, FEW).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

function difference(expected: string, found: string): string[] {
  if (!expected) return indented("found", found);
  if (`${expected}${found}`.includes("\n")) return [...indented("expected", expected), ...indented("found", found)];
  return [`  - expected: ${expected}`.trimEnd(), `  + found:    ${found}`.trimEnd()];
}

function indented(label: string, value: string): string[] {
  const [first, ...rest] = value.split("\n");
  return [`  ${`${label}:`.padEnd(9)} ${first}`, ...rest.map((line) => `            ${line}`)];
}
