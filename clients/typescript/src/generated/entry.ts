// Written by scripts/typescript_types.py from the server's own types; do not edit.

/** The reason for an error. */
export interface Error {
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: string | null;
  readonly misalignment?: Misalignment | null;
}

/** A gate at which an answer stopped. */
export interface GateNote {
  readonly name: string;
  readonly since: number;
  readonly milliseconds: number;
  readonly outcome: "waiting" | "released" | "aborted" | "timed out" | "opened" | "client left";
}

/** Misbehaviour that the API found in a model (the official client's `error_object`). */
export interface Misalignment {
  readonly detailed_explanation: string;
  readonly error_type: string;
  readonly review_target: string;
  readonly steer: Steer;
}

/** A rule that did not match. */
export interface NearMiss {
  readonly rule: string;
  readonly where: string;
  readonly condition: string;
  readonly expected: string;
  readonly found: unknown;
}

/** An instruction that a model was given to correct it. */
export interface Steer {
  readonly message: string;
}

/** The turn of a scripted conversation that a request was for. */
export interface TurnNote {
  readonly conversation: string;
  readonly number: number;
  readonly of: number;
  readonly fits: boolean;
}

/** A request and its answer. Keys that may be missing are there if there is something to say. */
export interface Entry {
  readonly id: string;
  readonly ordinal: number;
  readonly at: number;
  readonly milliseconds: number;
  readonly session: string;
  readonly method: string;
  readonly path: string;
  readonly headers: { readonly [key: string]: string };
  readonly request: unknown;
  readonly status: number;
  readonly ended: "" | "completed" | "client left" | "cut" | "refused" | "in flight";
  readonly response: unknown;
  readonly first_chunk?: number;
  readonly conversation?: string;
  readonly adds?: number;
  readonly rule?: string;
  readonly turn?: TurnNote;
  readonly near_misses?: ReadonlyArray<NearMiss>;
  readonly warnings?: ReadonlyArray<string>;
  readonly faults?: ReadonlyArray<string>;
  readonly gates?: ReadonlyArray<GateNote>;
  readonly mode?: string;
  readonly recorded?: string;
  readonly not_recorded?: string;
  readonly error?: Error;
  readonly unread?: boolean;
  readonly ignored?: ReadonlyArray<string>;
  readonly impossible?: ReadonlyArray<string>;
  readonly retry_after?: number;
  readonly is_final?: boolean;
}
