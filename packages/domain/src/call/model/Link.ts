/**
 * The connection between two users of a call: an unordered pair, its negotiation (JSEP, RFC 9429) and its transport.
 */
import { Schema } from "effect"
import { UserId } from "../../identity/model/UserId.ts"
import { DeviceId } from "./CallIds.ts"

export const Transport = Schema.Literals(["new", "checking", "up", "down", "failed", "closed"])
export type Transport = typeof Transport.Type

/** Digest of a session description or candidate. The state machine never sees the content. */
export const Digest = Schema.NonEmptyString
export type Digest = typeof Digest.Type

const Signed = Schema.Struct({ from: UserId, digest: Digest })

/** Candidates that arrived before their description. REST requests may arrive in any order. */
export const EarlyCandidates = Schema.Struct({
  from: UserId,
  /** A pending callee may send from several devices; one of these devices answers. */
  device: Schema.optionalKey(DeviceId),
  negotiation: Schema.Int,
  digests: Schema.Array(Digest),
  endOfCandidates: Schema.optionalKey(Schema.Literal(true)),
  /** Number of the event that kept the candidates. */
  seq: Schema.Int
})
export type EarlyCandidates = typeof EarlyCandidates.Type

export const Link = Schema.Struct({
  /** The two users, the lower id first. */
  a: UserId,
  b: UserId,
  /** The user who makes the first offer. */
  offerer: UserId,
  signalling: Schema.Literals(["stable", "offering"]),
  transport: Transport,
  /** Number of the newest offer of this pair. Starts at 0 and never decreases within a call. */
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
  /** In order of arrival. The key is missing if there are no early candidates. */
  early: Schema.optionalKey(Schema.Array(EarlyCandidates)),
  negotiationUntil: Schema.optionalKey(Schema.DateTimeUtc),
  transportUntil: Schema.optionalKey(Schema.DateTimeUtc)
})
export type Link = typeof Link.Type

export const isOpen = (link: Link): boolean => link.transport !== "closed"

export const hasEnd = (link: Link, user: UserId): boolean => link.a === user || link.b === user

export const connects = (link: Link, one: UserId, other: UserId): boolean =>
  (link.a === one && link.b === other) || (link.a === other && link.b === one)
