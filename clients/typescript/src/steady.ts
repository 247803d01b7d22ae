/** Values without what differs from run to run. */

const VOLATILE = new Set([
  "id",
  "created",
  "created_at",
  "completed_at",
  "system_fingerprint",
  "tool_call_id",
  "call_id",
]);

const CALL = /^(call_|fc_|ctc_)./;

/**
 * Return a value with its ids replaced, and without what else differs from run to run.
 *
 * @param value - A value of JSON.
 * @param ids - The names that ids have got so far.
 */
export function steady(value: unknown, ids: Map<string, string>): unknown {
  if (Array.isArray(value)) return value.map((held) => steady(held, ids));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, held]) => {
      if (!VOLATILE.has(key)) return [[key, steady(held, ids)]];
      return typeof held === "string" && CALL.test(held) ? [[key, named(held, ids)]] : [];
    }),
  );
}

function named(id: string, ids: Map<string, string>): string {
  const name = ids.get(id) ?? `call_${ids.size + 1}`;
  ids.set(id, name);
  return name;
}
