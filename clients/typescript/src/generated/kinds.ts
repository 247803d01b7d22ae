// Written by scripts/typescript_types.py from the server's own types; do not edit.

/** The kinds of problems that fail a test. */
export const FATAL = [
  "unmatched_request",
  "turn_mismatch",
  "turn_not_reached",
  "unused_reply",
  "unused_rule",
  "refused",
  "endpoint_not_doubled",
  "script_error",
  "gate_timed_out",
] as const;
