/**
 * Port: what people have used.
 */
import { Context, type DateTime, type Effect } from "effect"
import type { UserId } from "../../identity/model/UserId.ts"

/** The most that is counted of anything: beyond it a number is not exact. */
export const mostCounted = Number.MAX_SAFE_INTEGER

/** How long a key is remembered, in days. */
export const usageKeyDays = 35

export interface UsageChange {
  readonly userId: UserId
  readonly feature: string
  /** `level`, or a month as in `2026-11`. */
  readonly period: string
  /** Negative to give back, which stops at nothing. */
  readonly amount: number
  /** Not above this. */
  readonly limit: number
  readonly key: string
  readonly at: DateTime.Utc
}

/** So much is held, as of `observedAt`. */
export interface UsageLevel {
  readonly userId: UserId
  readonly feature: string
  readonly value: number
  /** Not above this, unless less than before. */
  readonly limit: number
  readonly key: string
  readonly observedAt: DateTime.Utc
  readonly at: DateTime.Utc
}

/** `used`: after it, or without it where it was refused. */
export type UsageOutcome =
  | { readonly _tag: "Added" | "Repeated" | "Refused" | "Outdated"; readonly used: number }
  | { readonly _tag: "KeyTaken" }

export class UsageRepository extends Context.Service<UsageRepository, {
  /** All or nothing, and once by its key; a refusal is not remembered. */
  add(change: UsageChange): Effect.Effect<UsageOutcome>
  /** Sets what is held, once by its key. `Outdated`: something later is known, and stays. */
  set(level: UsageLevel): Effect.Effect<UsageOutcome>
  /** By feature. */
  counted(userId: UserId, periods: ReadonlyArray<string>): Effect.Effect<ReadonlyMap<string, number>>
  /** What one has used counts as another's from now on, up to `mostCounted` of each. */
  move(from: UserId, to: UserId): Effect.Effect<void>
  /** Forgets at most `limit` keys that are older than 35 days; returns how many. */
  purgeKeys(now: DateTime.Utc, limit: number): Effect.Effect<number>
}>()("@dchat/domain/subscription/UsageRepository") {}
