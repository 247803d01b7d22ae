// Written by scripts/typescript_types.py from the server's own types; do not edit.

/** A web search's citation. */
export interface Annotation {
  readonly type: "url_citation";
  readonly url_citation: UrlCitation;
}

/** Audio output. A string is its transcript. */
export type AudioSpec = string | {
  /** The transcript; a template. */
  readonly transcript: string;
  /** The sound in base64; None: generated from the transcript. */
  readonly data?: string | null;
  /** The audio's id; None: a generated one. */
  readonly id?: string | null;
  /** The Unix time at which it expires; None: computed. */
  readonly expires_at?: number | null;
};

/** A response that is sent verbatim. A string is its text. */
export type BodySpec = string | {
  /** The HTTP status. */
  readonly status?: number;
  /** The response's headers; the content type defaults to the one for the kind of body. */
  readonly headers?: { readonly [key: string]: string };
  /** The body as text. */
  readonly text?: string | null;
  /** The body as JSON. */
  readonly json?: unknown;
  /** The body's bytes in base64. */
  readonly base64?: string | null;
};

/** One choice of an answer. A string is its text. */
export type ChoiceSpec = string | {
  /** The message's content; a template. */
  readonly text?: string | null;
  /** The message's content; the API's name for `text`. */
  readonly content?: string | null;
  /** The message's content as JSON; strings in it are templates. */
  readonly json?: unknown;
  /** Tool calls, in order; they may follow a text. */
  readonly tool_calls?: ReadonlyArray<ToolCallSpec> | null;
  /** A function call in the legacy format. */
  readonly function_call?: FunctionCall | null;
  /** A refusal, which may follow a partial text; a template. */
  readonly refusal?: string | null;
  /** Reasoning as compatible servers send it, before the content; a template. */
  readonly reasoning_content?: string | null;
  /** Audio output. */
  readonly audio?: AudioSpec | null;
  /** The finish reason; None: computed. */
  readonly finish_reason?: "stop" | "length" | "tool_calls" | "content_filter" | "function_call" | null;
  /** Log probabilities; None: computed if the request asks for them. */
  readonly logprobs?: Logprobs | null;
  /** Citations. */
  readonly annotations?: ReadonlyArray<Annotation> | null;
  /** Reasoning tokens; None: computed. */
  readonly reasoning_tokens?: number | null;
};

export type ChunkSpec = { readonly [key: string]: unknown } | string | {
  /** Content; the chunk around it is generated. */
  readonly text?: string | null;
  /** A chunk, sent exactly as it is; only a reply with `complete` fills in what is missing. */
  readonly chunk?: { readonly [key: string]: unknown } | null;
  /** Text to send verbatim in place of a server-sent event. */
  readonly raw?: string | null;
  /** Seconds after the request at which to send it; None: according to the pace. */
  readonly at?: number | null;
};

/** A condition on a count: true for at least one, false for none, a number, or a matcher of the number. */
export type CountMatcher = boolean | number | {
  /** The value is equal to this one. */
  readonly equals?: unknown;
  /** The whole text matches; `*` stands for any characters. */
  readonly plain?: string;
  /** The text has this substring, or the list this element; of a list, all of them. */
  readonly contains?: unknown;
  /** The regular expression matches somewhere in the text; templates get its named groups as `match`. */
  readonly matches?: string;
  /** The whole text matches a glob with `*`, `?` and `[abc]`, as file names do. */
  readonly glob?: string;
  /** The value is one of these. */
  readonly one_of?: ReadonlyArray<unknown>;
  /** Whether the value exists. */
  readonly present?: boolean;
  /** The number of characters, elements or keys. */
  readonly length?: Matcher;
  /** The number is greater than this. */
  readonly gt?: number;
  /** The number is greater than or equal to this. */
  readonly gte?: number;
  /** The number is less than this. */
  readonly lt?: number;
  /** The number is less than or equal to this. */
  readonly lte?: number;
  /** Whether to ignore case in texts. */
  readonly ignore_case?: boolean;
  /** Conditions on values inside it (or inside the JSON in its text), by JSONPath. */
  readonly at?: { readonly [key: string]: Matcher };
  /** Matchers that must all hold. */
  readonly all?: ReadonlyArray<Matcher>;
  /** Matchers of which at least one must hold. */
  readonly any?: ReadonlyArray<Matcher>;
  /** A matcher that must not hold. */
  readonly not?: Matcher;
};

export type ErrorSpec = "insufficient_quota" | "rate_limit_exceeded" | "tokens_per_minute" | "context_length_exceeded" | "model_not_found" | "invalid_api_key" | "content_filter" | "server_error" | "overloaded" | number | {
  /** One of the API's errors. */
  readonly name?: "insufficient_quota" | "rate_limit_exceeded" | "tokens_per_minute" | "context_length_exceeded" | "model_not_found" | "invalid_api_key" | "content_filter" | "server_error" | "overloaded" | null;
  /** The HTTP status. */
  readonly status?: number | null;
  /** The message, a template. */
  readonly message?: string | null;
  /** The envelope's `type`. */
  readonly type?: string | null;
  /** The envelope's `param`. */
  readonly param?: string | null;
  /** The envelope's `code`. */
  readonly code?: string | null;
  /** Additional response headers; their values are templates. */
  readonly headers?: { readonly [key: string]: string };
  /** Seconds for `retry-after` (rounded up) and `retry-after-ms`. */
  readonly retry_after?: number | null;
};

export type FaultSpec = "error" | "disconnect" | "stall" | "error_event" | "malformed_json" | "broken_frame" | "duplicate_chunk" | "out_of_order_chunks" | "slow_body" | "wrong_content_type" | "reset" | "merged_frames" | "split_frames" | "missing_done" | "empty_body" | "corrupt_tool_arguments" | "wrong_ids" | "invalid_tool_arguments" | "unoffered_tool" | "truncated_tool_arguments" | "repeated_tool_call" | "wrong_tool_call_id" | "empty_answer" | "reasoning_only" | "content_filter" | "refusal" | {
  /** The fault. */
  readonly name: "error";
  /** The share of answers the fault happens to, drawn from the seed; None: all. */
  readonly probability?: number | null;
  /** The number of answers per session the fault happens to, the first ones; None: all. */
  readonly times?: number | null;
  /** The HTTP status. */
  readonly status?: number;
  /** The error's message; None: the API's. */
  readonly message?: string | null;
  /** The error's `type`; None: the API's for this code or status. */
  readonly type?: string | null;
  /** The error's `code`; None: the API's for this type or status. */
  readonly code?: string | null;
  /** Seconds for `retry-after` and `retry-after-ms`. */
  readonly retry_after?: number | null;
} | {
  /** The fault. */
  readonly name: "disconnect" | "stall";
  /** The share of answers the fault happens to, drawn from the seed; None: all. */
  readonly probability?: number | null;
  /** The number of answers per session the fault happens to, the first ones; None: all. */
  readonly times?: number | null;
  /** The chunks to send before the fault; None: 1, unless `after_seconds` is set. */
  readonly after_chunks?: number | null;
  /** The seconds after the request at which the fault happens. */
  readonly after_seconds?: number | null;
} | {
  /** The fault. */
  readonly name: "error_event";
  /** The share of answers the fault happens to, drawn from the seed; None: all. */
  readonly probability?: number | null;
  /** The number of answers per session the fault happens to, the first ones; None: all. */
  readonly times?: number | null;
  /** The chunks to send before the fault; None: 1, unless `after_seconds` is set. */
  readonly after_chunks?: number | null;
  /** The seconds after the request at which the fault happens. */
  readonly after_seconds?: number | null;
  /** The error's message; None: the API's message for a failed stream. */
  readonly message?: string | null;
  /** The error's `type`. */
  readonly type?: string;
  /** The error's `code`. */
  readonly code?: string | null;
} | {
  /** The fault. */
  readonly name: "malformed_json" | "broken_frame" | "duplicate_chunk" | "out_of_order_chunks";
  /** The share of answers the fault happens to, drawn from the seed; None: all. */
  readonly probability?: number | null;
  /** The number of answers per session the fault happens to, the first ones; None: all. */
  readonly times?: number | null;
  /** The chunks to send before the one that is changed. */
  readonly after_chunks?: number;
} | {
  /** The fault. */
  readonly name: "slow_body";
  /** The share of answers the fault happens to, drawn from the seed; None: all. */
  readonly probability?: number | null;
  /** The number of answers per session the fault happens to, the first ones; None: all. */
  readonly times?: number | null;
  /** The rate. */
  readonly bytes_per_second?: number;
} | {
  /** The fault. */
  readonly name: "wrong_content_type";
  /** The share of answers the fault happens to, drawn from the seed; None: all. */
  readonly probability?: number | null;
  /** The number of answers per session the fault happens to, the first ones; None: all. */
  readonly times?: number | null;
  /** The content type to send. */
  readonly content_type?: string;
} | {
  /** The fault. */
  readonly name: "reset" | "merged_frames" | "split_frames" | "missing_done" | "empty_body" | "corrupt_tool_arguments" | "wrong_ids" | "invalid_tool_arguments" | "unoffered_tool" | "truncated_tool_arguments" | "repeated_tool_call" | "wrong_tool_call_id" | "empty_answer" | "reasoning_only" | "content_filter" | "refusal";
  /** The share of answers the fault happens to, drawn from the seed; None: all. */
  readonly probability?: number | null;
  /** The number of answers per session the fault happens to, the first ones; None: all. */
  readonly times?: number | null;
};

/** Conditions on response_format. A string is its type. */
export type FormatMatcher = string | {
  /** `text` (the default), `json_object` or `json_schema`. */
  readonly type?: Matcher;
  /** The schema's name. */
  readonly name?: Matcher;
  /** Whether the schema is strict. */
  readonly strict?: boolean;
  /** The schema itself, key by key; lint validates the rule's replies against it. */
  readonly schema?: { readonly [key: string]: unknown };
};

/** One frame of an event stream, or any other bytes of it. A string is the text. */
export type FrameSpec = string | {
  /** JSON, sent compact. */
  readonly json?: unknown;
  /** Text, sent in UTF-8. */
  readonly text?: string | null;
  /** Any bytes, in base64. */
  readonly base64?: string | null;
  /** Seconds after the request at which to send them; None: together with the piece before. */
  readonly at?: number | null;
  /** The frame's data: compact JSON, or a string as it is (`[DONE]`). */
  readonly data?: unknown;
};

/** A function's name and its arguments as JSON text. */
export interface FunctionCall {
  readonly name: string;
  readonly arguments: string;
}

/** Random variation of delays. A number is the share of a uniform one; `uniform:0.2`, `lognormal:0.5` also work. */
export type JitterSpec = number | string | {
  /** The variation as a share of the delay: half the width if uniform, sigma if log-normal. */
  readonly share?: number;
  /** The distribution of the delays; `fixed` has no variation. */
  readonly distribution?: "fixed" | "uniform" | "log_normal";
};

/** The log probabilities of a choice's content and refusal tokens. */
export interface Logprobs {
  readonly content: ReadonlyArray<TokenLogprob> | null;
  readonly refusal?: ReadonlyArray<TokenLogprob> | null;
}

/** Conditions on a value, all of which must hold. */
export type Matcher = string | number | boolean | null | ReadonlyArray<unknown> | {
  /** The value is equal to this one. */
  readonly equals?: unknown;
  /** The whole text matches; `*` stands for any characters. */
  readonly plain?: string;
  /** The text has this substring, or the list this element; of a list, all of them. */
  readonly contains?: unknown;
  /** The regular expression matches somewhere in the text; templates get its named groups as `match`. */
  readonly matches?: string;
  /** The whole text matches a glob with `*`, `?` and `[abc]`, as file names do. */
  readonly glob?: string;
  /** The value is one of these. */
  readonly one_of?: ReadonlyArray<unknown>;
  /** Whether the value exists. */
  readonly present?: boolean;
  /** The number of characters, elements or keys. */
  readonly length?: Matcher;
  /** The number is greater than this. */
  readonly gt?: number;
  /** The number is greater than or equal to this. */
  readonly gte?: number;
  /** The number is less than this. */
  readonly lt?: number;
  /** The number is less than or equal to this. */
  readonly lte?: number;
  /** Whether to ignore case in texts. */
  readonly ignore_case?: boolean;
  /** Conditions on values inside it (or inside the JSON in its text), by JSONPath. */
  readonly at?: { readonly [key: string]: Matcher };
  /** Matchers that must all hold. */
  readonly all?: ReadonlyArray<Matcher>;
  /** Matchers of which at least one must hold. */
  readonly any?: ReadonlyArray<Matcher>;
  /** A matcher that must not hold. */
  readonly not?: Matcher;
};

/** Conditions on a message. A string is its text. */
export type MessageMatcher = string | {
  /** The position of the message, from 0, or from -1 at the end; None: any message. */
  readonly index?: number;
  /** Its role. */
  readonly role?: Matcher;
  /** Its text, all text parts joined. */
  readonly text?: Matcher;
  /** Its name. */
  readonly name?: Matcher;
  /** The tools it calls. */
  readonly tool_calls?: ToolsMatcher;
  /** The number of images it has. */
  readonly images?: CountMatcher;
  /** The number of audio parts it has. */
  readonly audio?: CountMatcher;
  /** The number of files it has. */
  readonly files?: CountMatcher;
};

/** The times at which the pieces of an answer are sent, for streams and whole answers alike. */
export interface PaceSpec {
  /** Seconds from the request to the first token. */
  readonly ttft?: number;
  /** Tokens per second after the first; None: all at once. */
  readonly tokens_per_second?: number | null;
  /** Random variation of both. */
  readonly jitter?: JitterSpec;
  /** Tokens per chunk. */
  readonly chunk_tokens?: number;
  /** Seconds after the request for each chunk, as recorded; used alone or with `speed`. */
  readonly offsets?: ReadonlyArray<number> | null;
  /** The factor by which playback of `offsets` is faster than recorded. */
  readonly speed?: number;
}

/** Bytes of a recorded response, in one of several forms. A string is their text. */
export type PieceSpec = string | {
  /** JSON, sent compact. */
  readonly json?: unknown;
  /** Text, sent in UTF-8. */
  readonly text?: string | null;
  /** Any bytes, in base64. */
  readonly base64?: string | null;
  /** Seconds after the request at which to send them; None: together with the piece before. */
  readonly at?: number | null;
};

/** A recorded response of an upstream. It has no templates. */
export interface RecordedSpec {
  /** The HTTP status. */
  readonly status?: number;
  /** The headers in order; a list holds several headers of the same name. */
  readonly headers?: { readonly [key: string]: string | ReadonlyArray<string> };
  /** The whole body. */
  readonly body?: PieceSpec | null;
  /** The body in pieces, as they arrived. */
  readonly stream?: ReadonlyArray<FrameSpec> | null;
}

/** An answer. A string is its text. */
export type ReplySpec = string | {
  /** The message's content; a template. */
  readonly text?: string | null;
  /** The message's content; the API's name for `text`. */
  readonly content?: string | null;
  /** The message's content as JSON; strings in it are templates. */
  readonly json?: unknown;
  /** Tool calls, in order; they may follow a text. */
  readonly tool_calls?: ReadonlyArray<ToolCallSpec> | null;
  /** A function call in the legacy format. */
  readonly function_call?: FunctionCall | null;
  /** A refusal, which may follow a partial text; a template. */
  readonly refusal?: string | null;
  /** Reasoning as compatible servers send it, before the content; a template. */
  readonly reasoning_content?: string | null;
  /** Audio output. */
  readonly audio?: AudioSpec | null;
  /** The finish reason; None: computed. */
  readonly finish_reason?: "stop" | "length" | "tool_calls" | "content_filter" | "function_call" | null;
  /** Log probabilities; None: computed if the request asks for them. */
  readonly logprobs?: Logprobs | null;
  /** Citations. */
  readonly annotations?: ReadonlyArray<Annotation> | null;
  /** Reasoning tokens; None: computed. */
  readonly reasoning_tokens?: number | null;
  /** Several choices; the last one is repeated up to the request's `n`. */
  readonly choices?: ReadonlyArray<ChoiceSpec> | null;
  /** An error instead of an answer. */
  readonly error?: ErrorSpec | null;
  /** A response to send verbatim. */
  readonly body?: BodySpec | null;
  /** Chunks of a stream to send verbatim. */
  readonly chunks?: ReadonlyArray<ChunkSpec> | null;
  /** Whether to fill in what is missing from `chunks`. */
  readonly complete?: true | null;
  /** A recorded response to send again, byte for byte. */
  readonly recorded?: RecordedSpec | null;
  /** Whether to generate an answer from the request's schema or tools. */
  readonly generate?: true | null;
  /** Whether the echo backend answers. */
  readonly echo?: true | null;
  /** Whether the upstream answers. */
  readonly upstream?: true | null;
  /** The vector of every input of an embeddings request, or one for each. */
  readonly vector?: ReadonlyArray<number> | ReadonlyArray<ReadonlyArray<number>> | null;
  /** A text whose vector every input has, or one for each; templates. */
  readonly like?: string | ReadonlyArray<string> | null;
  /** The categories that moderation flags, their scores, or either for each input. */
  readonly flags?: "harassment" | "harassment/threatening" | "sexual" | "hate" | "hate/threatening" | "illicit" | "illicit/violent" | "self-harm/intent" | "self-harm/instructions" | "self-harm" | "sexual/minors" | "violence" | "violence/graphic" | ReadonlyArray<"harassment" | "harassment/threatening" | "sexual" | "hate" | "hate/threatening" | "illicit" | "illicit/violent" | "self-harm/intent" | "self-harm/instructions" | "self-harm" | "sexual/minors" | "violence" | "violence/graphic"> | { readonly [key: string]: boolean | number } | ReadonlyArray<{ readonly [key: string]: boolean | number }> | null;
  /** The name of the function that makes the reply; a test that serves in its own process adds it. */
  readonly function?: string | null;
  /** The completion's id. */
  readonly id?: string | null;
  /** The completion's Unix time. */
  readonly created?: number | null;
  /** The completion's model. */
  readonly model?: string | null;
  /** Token counts; missing ones are computed, and null leaves all of them out. */
  readonly usage?: UsageSpec | null;
  /** The completion's service tier. */
  readonly service_tier?: "auto" | "default" | "flex" | "scale" | "priority" | "fast" | null;
  /** The completion's fingerprint. */
  readonly system_fingerprint?: string | null;
  /** The completion's metadata. */
  readonly metadata?: { readonly [key: string]: string } | null;
  /** The completion's moderation results. */
  readonly moderation?: { readonly [key: string]: unknown } | null;
  /** Whether to add what Azure adds: results of content filters, and a first chunk without choices. */
  readonly azure?: true | null;
  /** Additional response headers; their values are templates. */
  readonly headers?: { readonly [key: string]: string } | null;
  /** The pace. */
  readonly pace?: PaceSpec | null;
  /** A fault; options may follow beside its name. */
  readonly fault?: FaultSpec | null;
  /** Several faults, applied in order. */
  readonly faults?: ReadonlyArray<FaultSpec> | null;
  /** An option of the `fault` beside it. */
  readonly after_chunks?: number | null;
  /** An option of the `fault` beside it. */
  readonly after_seconds?: number | null;
  /** An option of the `fault` beside it. */
  readonly probability?: number | null;
  /** An option of the `fault` beside it. */
  readonly times?: number | null;
};

export type RequestMatcher = { readonly [key: string]: unknown } | {
  /** The request's body. */
  readonly body: unknown;
  /** JSONPaths of values to ignore. */
  readonly ignore?: ReadonlyArray<string>;
  /** Parts of texts to ignore: `dates`, `uuids`, `ids`, or regular expressions. */
  readonly normalise?: ReadonlyArray<string>;
};

/** A rule: the first one whose conditions hold answers the request. */
export interface Rule {
  /** The rule's name in messages, the journal and the verdict. */
  readonly name?: string | null;
  /** A comment. */
  readonly note?: string | null;
  /** The conditions on the request; none: the rule matches every request. */
  readonly when?: When;
  /** The answer. */
  readonly reply?: ReplySpec | null;
  /** Answers to give one after the other, counted per session. */
  readonly sequence?: ReadonlyArray<ReplySpec> | null;
  /** The rule's behaviour after the last reply of a sequence: repeat it, start again, or stop matching. */
  readonly then?: "stay" | "loop" | "unmatched";
  /** The number of times the rule may answer in a session. */
  readonly times?: number | null;
  /** The scenario state that the rule requires and the one it sets. */
  readonly scenario?: Scenario | null;
  /** The pace of replies without a pace of their own. */
  readonly pace?: PaceSpec | null;
  /** The fault of replies without faults of their own. */
  readonly fault?: FaultSpec | null;
  /** The faults of replies without faults of their own, in order. */
  readonly faults?: ReadonlyArray<FaultSpec> | null;
}

/** A rule's part in a scenario: a state machine that each session has for itself, as in WireMock. */
export interface Scenario {
  /** The scenario's name; rules with the same name share its state. */
  readonly name: string;
  /** The state in which the rule matches; the initial one is `Started`. None: any state. */
  readonly required_state?: string | null;
  /** The state after the rule has answered. None: unchanged. */
  readonly new_state?: string | null;
}

/** The token at a position, its log probability and the likeliest tokens there. */
export interface TokenLogprob {
  readonly token: string;
  readonly logprob: number;
  readonly bytes: ReadonlyArray<number> | null;
  readonly top_logprobs: ReadonlyArray<TopLogprob>;
}

export type ToolCallSpec = { readonly [key: string]: unknown } | string | {
  /** The name of the tool; a template. */
  readonly name: string;
  /** A function's arguments; strings in them are templates, and a string is sent verbatim. */
  readonly arguments?: unknown;
  /** A custom tool's input; a template. */
  readonly input?: string | null;
  /** The call's id; None: a generated one. */
  readonly id?: string | null;
};

export type ToolResultMatcher = { [key in "equals" | "plain" | "contains" | "matches" | "glob" | "one_of" | "present" | "length" | "gt" | "gte" | "lt" | "lte" | "ignore_case" | "at" | "all" | "any" | "not"]?: unknown } | string | boolean | {
  /** The name of the tool. */
  readonly name?: Matcher;
  /** The result's text. */
  readonly text?: Matcher;
  /** Values in the result's JSON, by JSONPath. */
  readonly json?: { readonly [key: string]: Matcher };
};

/** Conditions on a set of tools; names may use `*`. A list means `all`. */
export type ToolsMatcher = string | ReadonlyArray<string> | boolean | {
  /** Names that must all be there. */
  readonly all?: ReadonlyArray<string>;
  /** Names of which at least one must be there. */
  readonly any?: ReadonlyArray<string>;
  /** Names that must not be there. */
  readonly none?: ReadonlyArray<string>;
  /** The complete list of names, in any order. */
  readonly only?: ReadonlyArray<string>;
  /** The number of tools. */
  readonly count?: CountMatcher;
};

/** One of the likeliest tokens at a position; `logprob` is a natural logarithm. */
export interface TopLogprob {
  readonly token: string;
  readonly logprob: number;
  readonly bytes: ReadonlyArray<number> | null;
}

/** A web page, and the part of the text that cites it. Indices count characters. */
export interface UrlCitation {
  readonly end_index: number;
  readonly start_index: number;
  readonly title: string;
  readonly url: string;
}

/** The token counts that a script sets; other keys are sent as they are. */
export interface UsageSpec {
  /** The tokens of the request. */
  readonly prompt_tokens?: number | string;
  /** The tokens of the answer, reasoning included. */
  readonly completion_tokens?: number | string;
  /** Both together; computed if left out. */
  readonly total_tokens?: number | string;
  /** Parts of the request's tokens. */
  readonly prompt_tokens_details?: { readonly [key: string]: unknown } | null;
  /** Parts of the answer's tokens. */
  readonly completion_tokens_details?: { readonly [key: string]: unknown } | null;
  readonly [key: string]: unknown;
}

/** The conditions of a rule, all of which must hold. */
export interface When {
  /** The method and path of another endpoint than chat completions, such as `GET /models`. */
  readonly endpoint?: Matcher;
  /** The API that is asked: `chat`, `responses`, `embeddings` or `moderations`; without it a rule answers the first two. */
  readonly api?: Matcher;
  /** The whole request, as recordings compare it. */
  readonly request?: RequestMatcher;
  /** The requested model. */
  readonly model?: Matcher;
  /** The text of all system and developer messages, joined by line breaks. */
  readonly system?: Matcher;
  /** The text of the last user message. */
  readonly user?: Matcher;
  /** The last message. */
  readonly last?: MessageMatcher;
  /** Messages that the conversation must contain. */
  readonly messages?: ReadonlyArray<MessageMatcher>;
  /** The number of messages. */
  readonly message_count?: CountMatcher;
  /** The number of user messages; 1 is the first turn. */
  readonly turn?: Matcher;
  /** The tools that the request offers, functions and custom tools alike. */
  readonly tools?: ToolsMatcher;
  /** One of the tool results at the end of the conversation. */
  readonly tool_result?: ToolResultMatcher;
  /** `none`, `auto`, `required`, `allowed_tools` or the named tool. */
  readonly tool_choice?: Matcher;
  /** The response format. */
  readonly response_format?: FormatMatcher;
  /** The number of images in the conversation. */
  readonly images?: CountMatcher;
  /** The number of audio parts in the conversation. */
  readonly audio?: CountMatcher;
  /** The number of files in the conversation. */
  readonly files?: CountMatcher;
  /** Whether the request asks for a stream. */
  readonly stream?: boolean;
  /** Any parameter of the request, by JSONPath. */
  readonly body?: { readonly [key: string]: Matcher };
  /** Request headers, by name. */
  readonly headers?: { readonly [key: string]: Matcher };
  /** Values of the request's metadata, by key. */
  readonly metadata?: { readonly [key: string]: Matcher };
  /** The request's `user` parameter. */
  readonly user_field?: Matcher;
  /** The session. */
  readonly session?: Matcher;
  /** The number of times the rule has answered in this session before. */
  readonly hits?: Matcher;
  /** Conditions that must all hold. */
  readonly all?: ReadonlyArray<When>;
  /** Conditions of which at least one must hold. */
  readonly any?: ReadonlyArray<When>;
  /** Conditions that must not hold together. */
  readonly not?: When;
}

/** A script file. A list is its rules. */
export type Script = ReadonlyArray<Rule> | {
  /** The version of the format. */
  readonly version?: 1;
  /** A comment. */
  readonly note?: string | null;
  /** The rules, tried in order. */
  readonly rules?: ReadonlyArray<Rule>;
};
