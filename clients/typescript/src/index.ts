/** A test double for the OpenAI API, as tests in TypeScript and JavaScript hold it. */

export { ControlError } from "./connection.js";
export {
  type ConversationOptions,
  Double,
  type FaultName,
  type FaultOptions,
  type Limits,
  type Mode,
  type ReplyOptions,
} from "./double.js";
export { Gate, type GateOptions, type Waiting } from "./gate.js";
export type { Entry } from "./generated/entry.js";
export type { FaultSpec, PaceSpec, Rule, Script, When } from "./generated/script.js";
export type { Problem, Verdict } from "./generated/verdict.js";
export { Judgement } from "./judgement.js";
export { Request, Requests, type Snapshot } from "./requests.js";
export type { RuleSource } from "./rules.js";
export { Server, startDouble, type StartOptions } from "./server.js";
export { VerdictError, withSession } from "./trial.js";
export {
  type Arguments,
  type ErrorDetails,
  type ErrorName,
  type Reply,
  type ReplyKeys,
  turn,
  Turn,
  type TurnSpec,
} from "./turn.js";
