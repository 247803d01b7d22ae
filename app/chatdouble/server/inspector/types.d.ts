/** What the control API answers, as far as the inspector reads it. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Obj = { [key: string]: Json };

export interface GateNote {
  name: string;
  since: number;
  milliseconds: number;
  outcome: string;
}

export interface Summary {
  id: string;
  ordinal: number;
  at: number;
  milliseconds: number;
  session: string;
  method: string;
  path: string;
  status: number;
  ended: string;
  model: string;
  stream: boolean;
  conversation: string;
  title: string;
  by: string;
  error: string;
  first_chunk: number | null;
  tokens_in: number | null;
  tokens_out: number | null;
  faults: string[];
  gates: GateNote[];
  problems: string[];
}

/** The requests that the list shows, how many there are, and whether some of them are not read yet. */
export interface Listed {
  rows: Summary[];
  total: number;
  isPart: boolean;
}

export interface NearMiss {
  rule: string;
  where: string;
  condition: string;
  expected: string;
  found: Json;
}

export interface Detail {
  id: string;
  ordinal: number;
  at: number;
  milliseconds: number;
  session: string;
  method: string;
  path: string;
  headers: Record<string, string>;
  request: Json;
  status: number;
  ended: string;
  response: Json;
  conversation?: string;
  adds?: number;
  rule?: string;
  turn?: { conversation: string; number: number; of: number; fits: boolean };
  near_misses?: NearMiss[];
  warnings?: string[];
  faults?: string[];
  gates?: GateNote[];
  mode?: string;
  recorded?: string;
  not_recorded?: string;
  error?: Json;
  chunks: { at: number; bytes: number; text?: string }[];
  attempts: string[];
  verdict: string[];
}

export interface Rule {
  id: string;
  name: string;
  source: string | null;
  line: number | null;
  scope: string;
  position: string | null;
  disabled: boolean;
  hits: number;
  sequence: { next: number | null; of: number } | null;
  rule: Json;
}

export interface Finding {
  rule: string;
  name: string;
  severity: string;
  source: string | null;
  line: number | null;
  message: string;
  hint: string;
  shadowed_by: string | null;
}

export interface SessionSummary {
  session: string;
  requests: number;
  in_flight: number;
  entries: number;
}

export interface Gate {
  name: string;
  gate: Json;
  waiting: { request: string; since: number; client_left: boolean }[];
  released: number;
  timed_out: number;
}

export interface SessionState {
  session: string;
  requests: number;
  in_flight: number;
  entries: number;
  queue: Json[];
  turns: Json[];
  gates: Gate[];
  faults: Json[];
  pace: Obj;
  limits: Obj;
  limits_left: Obj;
  mode: string | null;
  clock: { now: number; ahead: number };
  scenarios: Obj;
}

export interface Problem {
  id: string;
  kind: string;
  severity: string;
  session: string;
  requests: string[];
  title: string;
  expected: string;
  found: string;
  advice: string;
  source: string;
}

export interface Verdict {
  ok: boolean;
  sessions: string[];
  counts: Record<string, number>;
  tokens: Record<string, number>;
  served: { by: string; requests: number }[];
  unused: { what: string; name: string; session: string; source: string }[];
  problems: Problem[];
}

/** The part of the address behind `#`. */
export interface Place {
  page: string;
  session: string;
  q: string;
  id: string;
  tab: string;
}
