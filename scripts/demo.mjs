// Starts the host as `npm start` does, with stand-ins for LinkedIn, Stripe and a chain beside it: `npm run demo`. Written
// so that an old Node gets as far as scripts/start.mjs, which says that it is too old.
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const scripts = dirname(fileURLToPath(import.meta.url))

process.env.DCHAT_DATA_DIR ||= join(scripts, "..", ".dchat-demo")
// Made-up people do not belong into a database that is used for more.
process.env.DATABASE_URL = ""
process.argv[2] = join(scripts, "demo-host.ts")
process.argv[3] = "demo"

await import("./start.mjs")
