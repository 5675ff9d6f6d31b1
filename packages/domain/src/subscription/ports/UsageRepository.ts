/**
 * Port: stores the usage of users.
 */
import { Context, type DateTime, type Effect } from "effect"
import type { UserId } from "../../identity/model/UserId.ts"

/** The highest number that is counted; higher numbers would not be exact. */
export const mostCounted = Number.MAX_SAFE_INTEGER

/** How long a key is remembered, in days. */
export const usageKeyDays = 35

export interface UsageChange {
  readonly userId: UserId
  readonly feature: string
  /** `level`, or a month as in `2026-11`. */
  readonly period: string
  /** Negative to release usage, down to zero. */
  readonly amount: number
  /** The limit of the plan. */
  readonly limit: number
  readonly key: string
  readonly at: DateTime.Utc
}

/** A level of usage, as of `observedAt`. */
export interface UsageLevel {
  readonly userId: UserId
  readonly feature: string
  readonly value: number
  /** The limit of the plan. A level above it is accepted if it is lower than before. */
  readonly limit: number
  readonly key: string
  readonly observedAt: DateTime.Utc
  readonly at: DateTime.Utc
}

/** `used`: the usage after the change, or the present usage if the change was refused. */
export type UsageOutcome =
  | { readonly _tag: "Added" | "Repeated" | "Refused" | "Outdated"; readonly used: number }
  | { readonly _tag: "KeyTaken" }

export class UsageRepository extends Context.Service<UsageRepository, {
  /** Adds an amount, all or nothing, and once for each key. A refusal is not remembered. */
  add(change: UsageChange): Effect.Effect<UsageOutcome>
  /** Sets a level, once for each key. `Outdated`: a later observation is known, and stays. */
  set(level: UsageLevel): Effect.Effect<UsageOutcome>
  /** The usage by feature. */
  counted(userId: UserId, periods: ReadonlyArray<string>): Effect.Effect<ReadonlyMap<string, number>>
  /** Adds the usage of one user to the usage of another, up to `mostCounted` of each feature. */
  move(from: UserId, to: UserId): Effect.Effect<void>
  /** Forgets at most `limit` keys that are older than 35 days; returns how many. */
  purgeKeys(now: DateTime.Utc, limit: number): Effect.Effect<number>
}>()("@dchat/domain/subscription/UsageRepository") {}
