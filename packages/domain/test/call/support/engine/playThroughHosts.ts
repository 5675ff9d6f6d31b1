/**
 * Random calls of nine users through two hosts on one store. Hosts crash and start again, and faults happen between the
 * hosts and the store. Everything follows from a seed.
 */
import { MemoryCalls, MemoryCallStore } from "@dchat/adapters/memory"
import { type Call, type CallCommand, CallId, CallRepository, isOver } from "@dchat/domain/call"
import type { Stored } from "@dchat/domain/contracts"
import { StoredCalls } from "@dchat/domain/contracts"
import { DateTime, Effect, Layer, Logger, Random } from "effect"
import { memoryLayer } from "../../../../../adapters/test/support/StoredCalls.ts"
import { Dice } from "../Dice.ts"
import { beginning } from "../given.ts"
import { hesitation, type Mood, moods } from "../randomCalls.ts"
import { nextCommand } from "../randomCommands.ts"
import { type Conflict, type Fault, faultyStore } from "./FaultyStore.ts"
import type { Sent } from "./Sent.ts"
import { startTrialHost, type TrialHost } from "./TrialHost.ts"

/** The commands that were sent, and the events that were published and stored. */
export interface Played {
  readonly sent: ReadonlyArray<Sent>
  /** The events that were published, by call: how often each number was. */
  readonly published: ReadonlyMap<CallId, ReadonlyMap<number, number>>
  /** Events that were published before they were stored. */
  readonly publishedTooEarly: number
  readonly stored: Stored
  /** How often each fault and each conflict happened. */
  readonly happened: ReadonlyMap<Fault | Conflict, number>
}

/** A call that goes on at the moment. */
interface Scene {
  readonly id: CallId
  readonly mood: Mood
  /** Commands until the call is left as it is or ended. */
  left: number
  /** Commands after its end. */
  leftAfterEnd: number
}

/** Calls at the same time, so that users are asked and active in several. */
const callsAtOnce = 2

const hostNames = ["first", "second"] as const

/** Commands that are sent at once, and how many are in some cases, in percent. */
const mostAtOnce = { usual: 8, rare: 60, percent: 2 }

/** Turns of the event loop within which each command has its answer. */
const patience = 20_000

const quickCommands: ReadonlySet<CallCommand["_tag"]> = new Set([
  "Alert",
  "ChangeMedia",
  "Offer",
  "Answer",
  "Candidates",
  "ReportLink"
])

const callIdOf = (number: number) => CallId.make(`01900000-0000-7000-8000-${number.toString(16).padStart(12, "0")}`)

/** Plays so many calls, one after another and some at once. */
export const playThroughHosts = (seed: number, calls: number): Effect.Effect<Played> =>
  play(seed, calls).pipe(
    Effect.provide([memoryLayer.pipe(Layer.provideMerge(MemoryCalls.layer)), Logger.layer([])]),
    Random.withSeed(`${seed}`)
  )

const play = Effect.fnUntraced(function*(seed: number, calls: number) {
  const dice = new Dice(seed)
  const store = yield* MemoryCallStore
  const repository = yield* CallRepository
  const sent: Array<Sent> = []
  const published = new Map<CallId, Map<number, number>>()
  const happened = new Map<Fault | Conflict, number>()
  let publishedTooEarly = 0
  let at = beginning
  let begun = 0

  const storedCall = (id: CallId): Call | undefined => store.calls.get(id)?.call

  const start = (name: string, isFaulty: boolean) => {
    let crash = () => {}
    let isDead = () => false
    const through = faultyStore(repository, {
      dice,
      isOn: isFaulty,
      isDead: () => isDead(),
      crash: () => crash(),
      count: (one) => happened.set(one, (happened.get(one) ?? 0) + 1),
      changeElsewhere: (id) => Effect.suspend(() => changeElsewhere(id))
    })
    return Effect.map(
      startTrialHost({
        name,
        repository: through,
        now: () => at,
        publish: ({ call, records }) => {
          const counts = published.get(call.id) ?? new Map<number, number>()
          published.set(call.id, counts)
          for (const { seq } of records) counts.set(seq, (counts.get(seq) ?? 0) + 1)
          if ((storedCall(call.id)?.seq ?? 0) < call.seq) publishedTooEarly += 1
        }
      }),
      (host) => {
        crash = host.crash
        isDead = host.isDead
        return host
      }
    )
  }

  const send = (host: TrialHost, scene: Scene, command: CallCommand, isQuick: boolean) => {
    const one: Sent = {
      callId: scene.id,
      host: host.name,
      command: command._tag === "Initiate" ? { ...command, callId: scene.id } : command,
      at,
      storedBefore: storedCall(scene.id)?.seq ?? 0,
      isQuick,
      decided: undefined,
      answer: undefined
    }
    sent.push(one)
    host.send(one, isQuick)
    return one
  }

  const nextOf = (scene: Scene) => nextCommand(dice, scene.mood, storedCall(scene.id), at, recentOf(scene))

  /** The commands that may be sent again. */
  const recentOf = ({ id }: Scene) =>
    sent.slice(-12).flatMap(({ callId, command }) => callId === id ? [{ command }] : [])

  /** Waits for the answer to each command that was sent since. */
  const untilAnswered = Effect.fnUntraced(function*(since: number) {
    const isAnswered = ({ answer }: Sent) => answer !== undefined
    for (let turns = 0; !sent.slice(since).every(isAnswered); turns += 1) {
      if (turns === patience) {
        const waiting = sent.slice(since).find((each) => !isAnswered(each))
        return yield* Effect.die(new Error(`no answer: ${JSON.stringify(waiting)}`))
      }
      yield* Effect.yieldNow
    }
  })

  /** A third host, without faults. */
  const elsewhere = yield* start("third", false)
  const changeElsewhere = Effect.fnUntraced(function*(id: CallId) {
    const scene = scenes.find((each) => each.id === id)
    if (scene === undefined) return
    const one = send(elsewhere, scene, nextOf(scene), false)
    while (one.answer === undefined) yield* Effect.yieldNow
  })

  const newScene = (): Scene => {
    begun += 1
    return { id: callIdOf(begun), mood: dice.pick(moods), left: 10 + dice.below(70), leftAfterEnd: 4 }
  }
  let scenes: ReadonlyArray<Scene> = Array.from({ length: Math.min(calls, callsAtOnce) }, newScene)

  const hosts: Array<TrialHost> = []
  while (scenes.length > 0) {
    for (const [index, name] of hostNames.entries()) {
      if (hosts[index]?.isDead() !== false) hosts[index] = yield* start(name, true)
    }
    const since = sent.length
    const most = dice.chance(mostAtOnce.percent) ? mostAtOnce.rare : mostAtOnce.usual
    for (let count = 1 + dice.below(most); count > 0; count -= 1) {
      const scene = dice.pick(scenes) ?? newScene()
      const call = storedCall(scene.id)
      const isEnding = call !== undefined && scene.left <= 0 && begun < calls
      const command: CallCommand = isEnding ? { _tag: "End" } : nextOf(scene)
      scene.left -= 1
      if (call !== undefined && isOver(call)) scene.leftAfterEnd -= 1
      send(dice.pick(hosts) ?? elsewhere, scene, command, quickCommands.has(command._tag) && dice.chance(85))
    }
    yield* untilAnswered(since)
    scenes = scenes.flatMap((scene) => {
      const call = storedCall(scene.id)
      const isOut = call === undefined ? scene.left <= 0 : isOver(call) && scene.leftAfterEnd <= 0
      const isLast = scene.left <= 0 && begun >= calls
      if (!isOut && !isLast) return [scene]
      return begun < calls ? [newScene()] : []
    })
    const watched = scenes[0]
    if (watched !== undefined) {
      const pause = hesitation(dice, watched.mood, storedCall(watched.id), at)
      at = DateTime.addDuration(at, { milliseconds: pause })
    }
  }
  for (const host of [...hosts, elsewhere]) if (!host.isDead()) yield* host.stop
  const { everything } = yield* StoredCalls
  return { sent, published, publishedTooEarly, happened, stored: yield* everything } satisfies Played
})
