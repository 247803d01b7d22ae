/** Values of JSON whose shape is not known. */

/** An object of JSON. */
export type JSONObject = Readonly<Record<string, unknown>>;

/** Return a value if it is an object, else an empty one. */
export function asObject(value: unknown): JSONObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JSONObject) : {};
}

/** Return the objects of a list; none, if it is no list. */
export function objectsIn(value: unknown): readonly JSONObject[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "object" && one !== null) : [];
}

/** Return a value if it is a text. */
export function asText(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** Return the text of a message, whose content may be parts. */
export function textOf(message: JSONObject): string {
  const { content } = message;
  return (
    asText(content) ??
    objectsIn(content)
      .map((part) => asText(part["text"]) ?? "")
      .join("")
  );
}
