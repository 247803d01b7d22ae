// Written by scripts/typescript_types.py from the server's own types; do not edit.

/** A problem of a suite. */
export interface Problem {
  readonly id: string;
  readonly kind: string;
  readonly severity: "error" | "warning";
  readonly session: string;
  readonly requests: ReadonlyArray<string>;
  readonly title: string;
  readonly expected: string;
  readonly found: string;
  readonly advice: string;
  readonly source: string;
  readonly docs: string;
  readonly near_misses: ReadonlyArray<{ readonly [key: string]: unknown }>;
}

/** A rule, turn or backend that answered, with the number of its answers. */
export interface Served {
  readonly by: string;
  readonly requests: number;
}

/** Something that was prepared and not used. */
export interface UnusedThing {
  readonly what: string;
  readonly name: string;
  readonly session: string;
  readonly source: string;
}

/** The verdict on a session, or on all of them. */
export interface Verdict {
  readonly ok: boolean;
  readonly sessions: ReadonlyArray<string>;
  readonly counts: { readonly [key: string]: number };
  readonly tokens: { readonly [key: string]: number };
  readonly served: ReadonlyArray<Served>;
  readonly unused: ReadonlyArray<UnusedThing>;
  readonly problems: ReadonlyArray<Problem>;
}
