/**
 * Reads a lease from a row. A device that cannot be read counts as unknown.
 */
import { CallId, ConnectionId, DeviceId, HostId, type Lease } from "@dchat/domain/call"
import { UserId } from "@dchat/domain/identity"
import { Effect, Option, Schema } from "effect"

export const LeaseRow = Schema.Struct({
  callId: CallId,
  userId: UserId,
  device: Schema.NullOr(DeviceId).pipe(Schema.catchDecoding(() => Effect.succeed(Option.some(null)))),
  connectionId: Schema.NullOr(ConnectionId),
  hostId: Schema.NullOr(HostId),
  seenAt: Schema.DateTimeUtcFromDate
})

/** The columns of `LeaseRow`, of the table under the name `leases`. */
export const leaseColumns = `leases.call_id AS "callId", leases.user_id AS "userId", leases.device,
  leases.connection_id AS "connectionId", leases.host_id AS "hostId", leases.seen_at AS "seenAt"`

export const leaseOf = ({ callId, connectionId, device, hostId, seenAt, userId }: typeof LeaseRow.Type): Lease => ({
  callId,
  userId,
  ...(device === null ? {} : { device }),
  ...(connectionId === null || hostId === null ? {} : { connection: { id: connectionId, hostId } }),
  seenAt
})
