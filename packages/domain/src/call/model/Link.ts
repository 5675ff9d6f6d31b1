/**
 * The connection between two people of a call: an unordered pair, its negotiation (JSEP, RFC 9429) and its transport.
 */
import { Schema } from "effect"
import { UserId } from "../../identity/model/UserId.ts"
import { DeviceId } from "./CallIds.ts"

export const Transport = Schema.Literals(["new", "checking", "up", "down", "failed", "closed"])
export type Transport = typeof Transport.Type

/** Digest of a session description or candidate; the state machine never sees the thing itself. */
export const Digest = Schema.NonEmptyString
export type Digest = typeof Digest.Type

const Signed = Schema.Struct({ from: UserId, digest: Digest })

/** Candidates that came ahead of the description they belong to: requests over REST keep no order. */
export const EarlyCandidates = Schema.Struct({
  from: UserId,
  /** A callee who is still asked may speak from several devices, of which one will answer. */
  device: Schema.optionalKey(DeviceId),
  negotiation: Schema.Int,
  digests: Schema.Array(Digest),
  endOfCandidates: Schema.optionalKey(Schema.Literal(true)),
  /** Number of the event that kept them. */
  seq: Schema.Int
})
export type EarlyCandidates = typeof EarlyCandidates.Type

export const Link = Schema.Struct({
  /** The two people, the lower id first. */
  a: UserId,
  b: UserId,
  /** Who makes the first offer. */
  offerer: UserId,
  signalling: Schema.Literals(["stable", "offering"]),
  transport: Transport,
  /** Number of the newest offer of this pair; from 0, never goes back within a call. */
  negotiation: Schema.Int,
  /** `negotiation` when the link was last opened or reset. */
  openedAtNegotiation: Schema.Int,
  /** Whether an offer was answered since the link was last opened or reset. */
  answered: Schema.Boolean,
  offer: Schema.optionalKey(Signed),
  answer: Schema.optionalKey(Signed),
  /** When the newest offers were made, at most five, oldest first. */
  offeredAt: Schema.Array(Schema.DateTimeUtc),
  /** Digests of the candidates sent in this negotiation and the one before, by either side. */
  candidates: Schema.Array(Digest),
  previousCandidates: Schema.Array(Digest),
  /** In the order in which they came; without any, the key is missing. */
  early: Schema.optionalKey(Schema.Array(EarlyCandidates)),
  negotiationUntil: Schema.optionalKey(Schema.DateTimeUtc),
  transportUntil: Schema.optionalKey(Schema.DateTimeUtc)
})
export type Link = typeof Link.Type

export const isOpen = (link: Link): boolean => link.transport !== "closed"

export const hasEnd = (link: Link, user: UserId): boolean => link.a === user || link.b === user

export const connects = (link: Link, one: UserId, other: UserId): boolean =>
  (link.a === one && link.b === other) || (link.a === other && link.b === one)
