/**
 * Requests of signed-in users over connections that stay open: each asks again as soon as it has its answer.
 */
import { Agent, request } from "node:http"
import { setTimeout as sleep } from "node:timers/promises"
import { cpuOfAll } from "../processes/ProcessTree.ts"
import { quantile } from "./calls/Tally.ts"

export interface Requests {
  readonly url: string
  /** The processes whose CPU time counts, with their descendants. */
  readonly servers: ReadonlyArray<number>
  /** One session for each connection. */
  readonly tokens: ReadonlyArray<string>
  readonly warmUpSeconds: number
  readonly seconds: number
}

export interface RequestFigures {
  readonly answered: number
  /** Answers with another status than 200. */
  readonly failed: number
  readonly seconds: number
  readonly cpu: number
  readonly p50: number
  readonly p99: number
}

/** The status of an answer. Each connection has an address of its own, so that no limit of one client applies. */
const ask = (url: string, token: string, agent: Agent, index: number): Promise<number> =>
  new Promise((done, fail) => {
    const asking = request(url, {
      agent,
      localAddress: `127.0.1.${1 + (index % 250)}`,
      headers: { authorization: `Bearer ${token}` }
    }, (answer) => {
      answer.resume()
      answer.once("end", () => done(answer.statusCode ?? 0))
    })
    asking.once("error", fail)
    asking.end()
  })

export const askAll = async (
  { seconds, servers, tokens, url, warmUpSeconds }: Requests
): Promise<RequestFigures> => {
  let times: Array<number> = []
  let failed = 0
  const end = new AbortController()
  const loops = tokens.map(async (token, index) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    while (!end.signal.aborted) {
      const began = performance.now()
      const status = await ask(url, token, agent, index)
      if (status !== 200) failed += 1
      times.push(performance.now() - began)
    }
    agent.destroy()
  })
  await sleep(warmUpSeconds * 1000)
  times = []
  failed = 0
  const began = performance.now()
  const cpuBefore = cpuOfAll(servers)
  await sleep(seconds * 1000)
  const measured = times
  const cpu = cpuOfAll(servers) - cpuBefore
  const took = (performance.now() - began) / 1000
  times = []
  end.abort()
  await Promise.all(loops)
  const { length: answered } = measured
  return { answered, failed, seconds: took, cpu, p50: quantile(measured, 0.5), p99: quantile(measured, 0.99) }
}
