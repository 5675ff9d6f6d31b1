/**
 * The identifiers of calls, devices, groups, connections and hosts.
 */
import { DateTime, Schema } from "effect"
import { UuidV7 } from "../../storable/UuidV7.ts"

/** A UUIDv7 (RFC 9562), in lower case; calls sort by the time they were started. */
export const CallId = UuidV7.pipe(Schema.brand("CallId"))
export type CallId = typeof CallId.Type

/** The time in the id, with milliseconds: about the time at which the call was placed. */
export const timeOf = (id: CallId): DateTime.Utc =>
  DateTime.makeUnsafe(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16))

/** Chosen by the client: one per window or app installation, stable across its reconnects. 1-64 visible characters. */
export const DeviceId = Schema.String.check(Schema.isPattern(/^[\x21-\x7e]{1,64}$/u)).pipe(Schema.brand("DeviceId"))
export type DeviceId = typeof DeviceId.Type

/** The chat group of a call, named by the embedding application. The value is opaque. */
export const GroupId = Schema.String.check(Schema.isPattern(/^[\x21-\x7e]{1,128}$/u)).pipe(Schema.brand("GroupId"))
export type GroupId = typeof GroupId.Type

/** One realtime connection of one device; a new one at every reconnect. */
export const ConnectionId = Schema.NonEmptyString.pipe(Schema.brand("ConnectionId"))
export type ConnectionId = typeof ConnectionId.Type

/** One running server process; a new one at every start. */
export const HostId = Schema.NonEmptyString.pipe(Schema.brand("HostId"))
export type HostId = typeof HostId.Type
