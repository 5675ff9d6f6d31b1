/**
 * A signed-in user, with a wallet and a LinkedIn account.
 */
import { addresses, ids, times, tokens } from "./Ids.ts"

export const linkedInProfile = {
  subject: "yrZCpj2Z12",
  name: "Ann Example",
  email: "ann@example.com",
  emailVerified: true,
  picture: "https://media.licdn.com/dms/image/example",
  locale: "en-US",
  linkedAt: "2026-01-02T10:00:00.000Z",
  lastSyncAt: "2026-01-14T08:30:00.000Z"
} as const

export const session = {
  id: ids.session,
  createdAt: times.signedIn,
  authenticatedAt: times.signedIn,
  lastSeenAt: times.signedIn,
  expiresAt: "2026-02-14T11:58:00.000Z",
  userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
  address: "192.0.2.10"
} as const

export const me = {
  user: {
    id: ids.ann,
    displayName: "Ann Example",
    createdAt: times.registered,
    company: "Example Ltd",
    position: "Engineer",
    wallets: [
      { id: ids.wallet, kind: "eoa", address: addresses.ann, isPrimary: true, verifiedAt: times.registered }
    ],
    linkedin: linkedInProfile
  },
  session
} as const

export const meWithToken = { token: tokens.session, ...me } as const

export const meWithNextToken = { token: tokens.nextSession, ...me } as const

export const person = {
  id: ids.bob,
  displayName: "Bob Example",
  wallet: "0x2c7536e3605d9c16a7a3d7b1898e529396a65c23",
  linkedin: "verified",
  online: true
} as const
