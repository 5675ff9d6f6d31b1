// The subscription of the user of a session, from the tables of dchat: the same two look-ups, and an answer of the same size.
import { createHash } from "node:crypto"
import { Pool } from "pg"

const pool = new Pool({ host: process.env.PGHOST, user: process.env.PGUSER, database: process.env.PGDATABASE, max: 10 })

const session = {
  name: "session",
  text: `SELECT sessions.id, user_id, idle_expires_at, absolute_expires_at, revoked_at, status, display_name
    FROM sessions JOIN users ON users.id = sessions.user_id WHERE token_hash = $1`
}
const account = { name: "account", text: "SELECT state FROM subscription_accounts WHERE user_id = $1" }

/** The answer as JSON of a user without a subscription, which the benchmark takes from dchat. */
const free = JSON.parse(process.env.FREE)

export const me = async (authorization) => {
  if (!authorization?.startsWith("Bearer dcs_")) return undefined
  const hash = createHash("sha256").update(authorization.slice(7)).digest()
  const { rows: [found] } = await pool.query({ ...session, values: [hash] })
  const now = new Date()
  if (found === undefined || found.revoked_at !== null || found.idle_expires_at < now) return undefined
  if (found.absolute_expires_at < now || found.status !== "active") return undefined
  const { rows: [kept] } = await pool.query({ ...account, values: [found.user_id] })
  return kept === undefined ? free : { ...free, ...kept.state }
}
