/**
 * S1 and S2: subscriptions that expire, and webhooks of Stripe, each beside what PostgreSQL can do in the same process.
 */
import { once } from "node:events"
import { join } from "node:path"
import { serverCore, spawnPinned } from "../processes/PinnedProcess.ts"
import { temporaryFolder } from "../processes/temporaryFolder.ts"
import type { Measurement } from "../report/Measurement.ts"
import type { SubscriptionFigures } from "../subscriptions/main.ts"
import type { Benchmark, Options } from "./Benchmark.ts"

const scales = {
  full: { users: 100_000, webhooks: 10_000 },
  quick: { users: 10_000, webhooks: 1000 },
  smoke: { users: 200, webhooks: 20 }
}

const round = async (users: number, webhooks: number): Promise<SubscriptionFigures> => {
  const folder = await temporaryFolder()
  const program = join(import.meta.dirname, "../subscriptions/main.ts")
  try {
    const args = ["--conditions=@dchat/source", program, join(folder.path, "data"), `${users}`, `${webhooks}`]
    const child = spawnPinned(serverCore, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] })
    const exit = once(child, "exit")
    const [figures] = await Promise.race([
      once(child, "message"),
      exit.then(([code]) => Promise.reject(new Error(`the benchmark of subscriptions ended with ${String(code)}`)))
    ])
    await exit
    return figures as SubscriptionFigures
  } finally {
    await folder.remove()
  }
}

const perSecond = "1/s"

const measurementsOf = (users: number, webhooks: number, figures: SubscriptionFigures): ReadonlyArray<Measurement> => {
  const { amongFew, amongMany, expired: { alone, megabytes, sets, swept } } = figures
  const expiry = `S1: ${users} subscriptions expire`
  const kept = `S2: ${webhooks} webhooks`
  const reading = "reading one subscription"
  return [
    {
      load: expiry,
      subject: "dchat",
      mode: "durable",
      figures: {
        [perSecond]: users / swept.seconds,
        "x time of the same rows by sets": swept.seconds / sets.seconds,
        "x time of one UPDATE": swept.seconds / alone.seconds,
        "without a change": users - swept.value,
        "MB before": megabytes.before,
        "MB at most": megabytes.most
      }
    },
    { load: expiry, subject: "the same rows by sets", mode: "durable", figures: { [perSecond]: users / sets.seconds } },
    {
      load: kept,
      subject: "dchat",
      mode: "durable",
      figures: { [perSecond]: figures.webhooks.kept, "x inserts": figures.webhooks.kept / figures.webhooks.raw }
    },
    { load: kept, subject: "inserts", mode: "durable", figures: { [perSecond]: figures.webhooks.raw } },
    { load: reading, subject: "dchat", mode: "durable", figures: { "x time among few users": amongMany / amongFew } }
  ]
}

const run = async ({ rounds, scale }: Options): Promise<ReadonlyArray<Measurement>> => {
  const { users, webhooks } = scales[scale]
  const measurements: Array<Measurement> = []
  for (let index = 0; index < rounds; index += 1) {
    measurements.push(...measurementsOf(users, webhooks, await round(users, webhooks)))
  }
  return measurements
}

export const S: Benchmark = { title: "Subscriptions that expire, and webhooks of Stripe", run, ratios: [] }
