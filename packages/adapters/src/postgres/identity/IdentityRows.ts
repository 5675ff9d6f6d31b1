/**
 * Maps an identity to the rows of its tables, and back.
 */
import {
  type AuditCause,
  AuditEvent,
  Identity,
  type IdentityChange,
  recordedCauseOf,
  recordOf,
  searchForm
} from "@dchat/domain/identity"
import { DateTime, Predicate, Schema } from "effect"

/** One column, `identity`, that contains the whole user. */
export const IdentityRow = Schema.Struct({ identity: Schema.toCodecJson(Identity) })

export const ActivityRow = Schema.Struct({
  userId: AuditEvent.fields.userId,
  seq: AuditEvent.fields.seq,
  at: Schema.DateTimeUtcFromDate,
  event: Schema.toCodecJson(AuditEvent.fields.event),
  cause: Schema.toCodecJson(AuditEvent.fields.cause)
})

/** The expression behind `IdentityRow`, over the table `users`. */
export const identityColumn = `jsonb_strip_nulls(jsonb_build_object(
  'id', users.id, 'status', users.status, 'displayName', users.display_name, 'createdAt', users.created_at,
  'version', users.version, 'mergedInto', users.merged_into, 'nameEdited', users.name_edited,
  'primaryEmail', users.primary_email, 'company', users.company, 'position', users.position,
  'lastSignInAt', users.last_sign_in_at,
  'wallets', COALESCE((
    SELECT jsonb_agg(jsonb_build_object('id', id, 'userId', user_id, 'kind', kind, 'chainId', chain_id,
      'address', address, 'isPrimary', is_primary, 'verifiedAt', verified_at) ORDER BY verified_at, id)
    FROM wallets WHERE user_id = users.id), '[]'),
  'accounts', COALESCE((
    SELECT jsonb_agg(jsonb_build_object('id', id, 'userId', user_id, 'provider', provider, 'clientId', client_id,
      'profile', jsonb_build_object('subject', subject, 'name', name, 'email', email, 'emailVerified', email_verified,
        'picture', picture, 'locale', locale),
      'linkedAt', linked_at, 'lastSyncAt', last_sync_at) ORDER BY linked_at, id)
    FROM linked_accounts WHERE user_id = users.id), '[]'),
  'temporaryWallet', (
    SELECT jsonb_build_object('ref', ref, 'userId', user_id, 'createdAt', created_at)
    FROM temporary_wallets WHERE user_id = users.id AND retired_at IS NULL)
))`

const encodeEvent = Schema.encodeSync(Schema.toCodecJson(AuditEvent.fields.event))
const encodeCause = Schema.encodeSync(Schema.toCodecJson(AuditEvent.fields.cause))

const walletEvents = new Set(["WalletLinked", "WalletUnlinked", "PrimaryWalletChanged", "MergedInto", "Deleted"])
const accountEvents = new Set(["AccountLinked", "AccountUnlinked", "AccountSynced", "MergedInto", "Deleted"])
const temporaryEvents = new Set(["TemporaryWalletAssigned", "TemporaryWalletRetired", "MergedInto", "Deleted"])

/** The tables other than `users` that a step changes. Signing in, the most frequent step, changes none of them. */
const touchedBy = (changes: ReadonlyArray<IdentityChange>) => {
  const tags = changes.flatMap(({ events }) => events.map(({ _tag }) => _tag))
  const any = (some: ReadonlySet<string>) => tags.some((tag) => some.has(tag))
  return { wallets: any(walletEvents), accounts: any(accountEvents), temporaryWallets: any(temporaryEvents) }
}

const isoOf = (time: DateTime.Utc | undefined) => time === undefined ? null : DateTime.formatIso(time)

/** JSON that PostgreSQL takes: there is neither NUL nor half a character in its text. */
const jsonOf = (rows: unknown): string =>
  JSON.stringify(
    rows,
    (_, value: unknown) => Predicate.isString(value) ? value.toWellFormed().replaceAll("\0", "") : value
  )

/** The rows that a step leaves behind, as JSON for `json_to_recordset`. */
export const identityRows = (changes: ReadonlyArray<IdentityChange>, cause: AuditCause, at: DateTime.Utc) => ({
  users: jsonOf(changes.map(({ identity }) => ({
    id: identity.id,
    status: identity.status,
    display_name: identity.displayName,
    search_name: searchForm(identity.displayName),
    created_at: isoOf(identity.createdAt),
    version: identity.version,
    merged_into: identity.mergedInto ?? null,
    name_edited: identity.nameEdited,
    primary_email: identity.primaryEmail ?? null,
    company: identity.company ?? null,
    position: identity.position ?? null,
    last_sign_in_at: isoOf(identity.lastSignInAt)
  }))),
  wallets: jsonOf(changes.flatMap(({ identity }) =>
    identity.wallets.map((wallet) => ({
      id: wallet.id,
      user_id: identity.id,
      kind: wallet.kind,
      chain_id: wallet.chainId ?? null,
      address: wallet.address,
      is_primary: wallet.isPrimary,
      verified_at: isoOf(wallet.verifiedAt)
    }))
  )),
  accounts: jsonOf(
    changes.flatMap(({ identity }) =>
      identity.accounts.map(({ clientId, id, lastSyncAt, linkedAt, profile, provider }) => ({
        id,
        user_id: identity.id,
        provider,
        client_id: clientId,
        subject: profile.subject,
        name: profile.name,
        email: profile.email ?? null,
        email_verified: profile.emailVerified,
        picture: profile.picture ?? null,
        locale: profile.locale ?? null,
        linked_at: isoOf(linkedAt),
        last_sync_at: isoOf(lastSyncAt)
      }))
    )
  ),
  temporaryWallets: jsonOf(
    changes.flatMap(({ identity: { id, temporaryWallet } }) =>
      temporaryWallet === undefined
        ? []
        : [{ ref: temporaryWallet.ref, user_id: id, created_at: isoOf(temporaryWallet.createdAt) }]
    )
  ),
  events: jsonOf(changes.flatMap(({ events, identity }) =>
    events.map((event, index) => ({
      user_id: identity.id,
      seq: identity.version - events.length + 1 + index,
      at: isoOf(at),
      event: encodeEvent(recordOf(event)),
      cause: encodeCause(recordedCauseOf(cause))
    }))
  )),
  touched: touchedBy(changes),
  ids: changes.map(({ identity }) => identity.id),
  deleted: changes.filter(({ identity }) => identity.status === "deleted").map(({ identity }) => identity.id)
})
