import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Result, Schema } from "effect"
import { parse } from "sdp-transform"
import { checkSdp, maxSdpBytes } from "../../../src/call/rules/SessionDescription.ts"
import { chromeAudioVideo, firefoxAudio, safariData } from "../support/browserSdp.ts"
import { Dice } from "../support/Dice.ts"

const browsers = [chromeAudioVideo, firefoxAudio, safariData] as const

const isAccepted = (sdp: string) => Result.isSuccess(checkSdp(sdp))

/** The outcome of a parser of the whole grammar. */
const isUsable = (sdp: string) => {
  if (new TextEncoder().encode(sdp).length > maxSdpBytes || !sdp.startsWith("v=0")) return false
  const { fingerprint, media } = parse(sdp)
  return media.length > 0 && (fingerprint ?? media.find((section) => section.fingerprint !== undefined)) !== undefined
}

const shards = [
  "a=fingerprint:",
  "a=fingerprint:sha-256",
  "a=fingerprint:sha-256 AB:CD",
  "a=fingerprint: ",
  "a=fingerprint:\u00a0 ",
  " a=fingerprint:sha-256 AB",
  "m=",
  "m=audio",
  "m",
  "M=audio 9 X 0",
  "=",
  "a=",
  "v=0",
  "\r",
  "\n",
  "\r\n",
  "\u2028",
  "\0",
  " ",
  "é"
] as const

/** A description with one thing changed: a line gone, doubled or moved, a character lost, text put in, other endings. */
const mutated = (sdp: string, dice: Dice): string => {
  const lines = sdp.split("\r\n")
  const at = dice.below(lines.length)
  const cut = dice.below(sdp.length)
  switch (dice.below(7)) {
    case 0:
      return lines.toSpliced(at, 1 + dice.below(6)).join("\r\n")
    case 1:
      return lines.toSpliced(at, 0, lines[dice.below(lines.length)] ?? "").join("\r\n")
    case 2:
      return lines.map((line) => line.startsWith("a=fingerprint") ? dice.pick(shards) : line).join("\r\n")
    case 3:
      return lines.map((line) => line.startsWith("m=") ? dice.pick(shards) : line).join("\r\n")
    case 4:
      return sdp.slice(0, cut) + dice.pick(shards) + sdp.slice(cut)
    case 5:
      return sdp.slice(0, cut) + sdp.slice(cut + 1 + dice.below(40))
    default:
      return lines.join(dice.pick(["\n", "\r", "\n\n", "\r\r\n", "\u2028", " "]))
  }
}

/** A description of the greatest accepted size. */
const filled = (begin: string, unit: string) =>
  begin + unit.repeat(Math.floor((maxSdpBytes - begin.length) / new TextEncoder().encode(unit).length))

const hostile = [
  ["attributes without a name", filled("v=0\r\nm=audio 9 X 0\r\n", "a=\r\n")],
  ["line feeds", filled("v=0", "\n")],
  ["carriage returns", filled("v=0", "\r")],
  ["pairs of both, the wrong way round", filled("v=0", "\n\r")],
  ["sections", filled("v=0\n", "m=\n")],
  ["beginnings of fingerprints", filled("v=0\nm=\n", "a=fingerprint:\n")],
  ["one fingerprint that never ends", filled("v=0\nm=\na=fingerprint:", "a")],
  ["one fingerprint of blanks other than a space", filled("v=0\nm=\na=fingerprint:", "\t")],
  ["one line", filled("v=0", "a=")],
  ["formats with many numbers", filled("v=0\nm=audio 9 X 0\n", "a=rtpmap:1111111111111111111111 \n")],
  ["simulcast without an end", filled("v=0\nm=audio 9 X 0\na=simulcast:", "send 1;")],
  ["image attributes without an end", filled("v=0\nm=audio 9 X 0\na=imageattr:97 ", "[x=1] ")],
  ["characters of four bytes", filled("v=0\nm=audio 9 X 0\n", "😀")]
] as const

const Repeated = Arbitrary.schema(Schema.Struct({
  shard: Schema.Literals([
    ...shards,
    ...shards.flatMap((shard) => [`\n${shard}`, `\r${shard}`]),
    ...hostile.map(([, sdp]) => sdp.slice(-18))
  ]),
  times: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 60 }))
}))

/** Whether one line begins a section and one is a fingerprint. */
const hasLines = (sdp: string) => {
  const lines = sdp.split(/\r\n|\r|\n/)
  return lines.some((line) => line.startsWith("m=")) && lines.some((line) => /^a=fingerprint:\S* /.test(line))
}

describe("A session description", () => {
  it("is accepted as Chrome, Firefox and Safari write it", () => {
    for (const sdp of browsers) assert.isTrue(isAccepted(sdp))
  })

  it("is judged like by a parser of the whole grammar, after any change", () => {
    const dice = new Dice(8866)
    const verdicts = { accepted: 0, refused: 0 }
    for (let round = 0; round < 1000; round += 1) {
      let sdp: string = dice.pick(browsers)
      for (let change = dice.below(4); change >= 0; change -= 1) sdp = mutated(sdp, dice)
      const accepted = isAccepted(sdp)
      assert.strictEqual(accepted, isUsable(sdp), JSON.stringify(sdp))
      verdicts[accepted ? "accepted" : "refused"] += 1
    }
    assert.isAbove(verdicts.accepted, 100)
    assert.isAbove(verdicts.refused, 100)
  })

  it.prop(
    "is judged by its lines, also by repeated ones",
    [Arbitrary.array(Repeated, { minLength: 8, maxLength: 32 })],
    ([repeated]) => {
      const sdp = `v=0${repeated.map(({ shard, times }) => shard.repeat(times)).join("")}`.slice(0, maxSdpBytes / 3)
      assert.strictEqual(isAccepted(sdp), hasLines(sdp), JSON.stringify(sdp))
    },
    { arbitrary: { runs: 2000, size: 32 } }
  )

  it("of 64 KiB of valid lines is judged, and usable afterwards", () => {
    for (const [name, sdp] of hostile) {
      for (const end of ["", "\nm=", "\ra=fingerprint:x y", "\r\na=fingerprint:x y\nm="]) {
        const whole = sdp.slice(0, sdp.length - end.length) + end
        assert.strictEqual(isAccepted(whole), hasLines(whole), `${name} and ${end}`)
      }
    }
  })

  it("of 64 KiB of other text is refused", () => {
    for (const [name, sdp] of hostile) {
      assert.isAtMost(new TextEncoder().encode(sdp).length, maxSdpBytes, name)
      assert.isFalse(isAccepted(sdp), name)
    }
  })

  it("may have 64 KiB and not a byte more", () => {
    const padding = (bytes: number) => `a=x-${"y".repeat(bytes)}`
    const room = maxSdpBytes - chromeAudioVideo.length - padding(0).length
    assert.isTrue(isAccepted(chromeAudioVideo + padding(room)))
    assert.isFalse(isAccepted(chromeAudioVideo + padding(room + 1)))
    assert.isFalse(isAccepted(chromeAudioVideo + padding(room - 1) + "é"))
  })
})
