/**
 * Port: stores the usage of users.
 */
import { Context, type DateTime, type Effect } from "effect"
import type { IdempotencyConflict, KeyedRequest } from "../../idempotency/index.ts"
import type { UserId } from "../../identity/model/UserId.ts"

/** The highest number that is counted; higher numbers would not be exact. */
export const mostCounted = Number.MAX_SAFE_INTEGER

/** The operation of the requests that count usage. */
export const usageOperation = "usage"

export interface UsageChange {
  /** The user, and the key under which the change is counted once. */
  readonly request: KeyedRequest
  readonly feature: string
  /** `level`, or a month as in `2026-11`. */
  readonly period: string
  /** Negative to release usage, down to zero. */
  readonly amount: number
  /** The limit of the plan. */
  readonly limit: number
}

/** A level of usage, as of `observedAt`. */
export interface UsageLevel {
  readonly request: KeyedRequest
  readonly feature: string
  readonly value: number
  /** The limit of the plan. A level above it is accepted if it is lower than before. */
  readonly limit: number
  readonly observedAt: DateTime.Utc
}

/** `used`: the usage after the change, or the present usage if nothing was changed. */
export interface UsageOutcome {
  readonly _tag: "Added" | "Repeated" | "Refused" | "Outdated"
  readonly used: number
}

export class UsageRepository extends Context.Service<UsageRepository, {
  /**
   * Adds an amount, all or nothing, and records the request in the same transaction. `Repeated`: the request was
   * recorded before. A refused request is not recorded.
   */
  add(change: UsageChange): Effect.Effect<UsageOutcome, IdempotencyConflict>
  /** As `add`, but sets a level. `Outdated`: a later observation is known and stays, and the request is not recorded. */
  set(level: UsageLevel): Effect.Effect<UsageOutcome, IdempotencyConflict>
  /** The usage by feature. */
  counted(userId: UserId, periods: ReadonlyArray<string>): Effect.Effect<ReadonlyMap<string, number>>
  /** Adds the usage and the keys of one user to those of another, up to `mostCounted` of each feature. */
  move(from: UserId, to: UserId): Effect.Effect<void>
}>()("@dchat/domain/subscription/UsageRepository") {}
