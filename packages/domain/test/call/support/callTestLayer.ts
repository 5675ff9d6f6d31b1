/**
 * Every service of calls on memory.
 */
import { Cryptography } from "@dchat/adapters/crypto"
import { MemoryCalls } from "@dchat/adapters/memory"
import {
  type Actor,
  CallDirectory,
  CallEntitlement,
  CallPolicy,
  DeviceId,
  layerCallServices,
  RingLimit
} from "@dchat/domain/call"
import { UserId } from "@dchat/domain/identity"
import { Effect, Layer } from "effect"

const person = (digit: string) => UserId.make(`01984ab2-0000-7000-8000-00000000000${digit}`)

export const ann = person("a")
export const bob = person("b")
export const cat = person("c")
export const dan = person("d")
export const stranger = person("f")

/** Asks over REST, from a device of theirs. */
export const by = (userId: UserId, device = "phone"): Actor => ({ userId, device: DeviceId.make(device) })

/** A session description that is as short as may be. */
export const sdp = (session: string) =>
  `v=0\r\no=- ${session} 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=fingerprint:sha-256 AB:CD\r\n` +
  "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=rtpmap:111 opus/48000/2\r\n"

const Directory = Layer.succeed(CallDirectory, {
  known: (users) => Effect.succeed(new Set(users.filter((user) => user !== stranger))),
  aliases: (user) => Effect.succeed([user])
})

export const callTestLayer = (
  policy: Layer.Layer<CallPolicy> = CallPolicy.layerOpen,
  entitlement: Layer.Layer<CallEntitlement> = CallEntitlement.layerUnlimited,
  ringLimit: Layer.Layer<RingLimit> = RingLimit.layerUnlimited
) =>
  layerCallServices.pipe(
    Layer.provideMerge([
      MemoryCalls.layer,
      policy,
      entitlement,
      ringLimit,
      Directory,
      Cryptography
    ])
  )
