/** The sounds of ringing, made by Web Audio: one for a call that comes in, a calmer one while the other side rings. */

type Tone = "incoming" | "outgoing"

const melodies: Record<
  Tone,
  { readonly every: number; readonly notes: ReadonlyArray<readonly [at: number, hertz: number]> }
> = {
  incoming: { every: 2400, notes: [[0, 659], [0.16, 784], [0.32, 988], [0.62, 784], [0.78, 988]] },
  outgoing: { every: 3200, notes: [[0, 440], [0.28, 440]] }
}

export class RingTone {
  #context: AudioContext | undefined
  #playing: Tone | undefined
  #timer: ReturnType<typeof setInterval> | undefined

  /** Changes what is played; undefined for silence. */
  play(tone: Tone | undefined): void {
    if (tone === this.#playing) return
    this.#playing = tone
    clearInterval(this.#timer)
    if (tone === undefined) return void this.#context?.suspend().catch(() => {})
    this.#context ??= new AudioContext()
    this.#context.resume().catch(() => {})
    this.#round(tone)
    this.#timer = setInterval(() => this.#round(tone), melodies[tone].every)
  }

  #round(tone: Tone): void {
    const context = this.#context
    if (context === undefined) return
    for (const [at, hertz] of melodies[tone].notes) {
      const start = context.currentTime + at
      const note = new OscillatorNode(context, { type: "sine", frequency: hertz })
      const volume = new GainNode(context, { gain: 0 })
      volume.gain.linearRampToValueAtTime(tone === "incoming" ? 0.12 : 0.05, start + 0.02)
      volume.gain.exponentialRampToValueAtTime(0.0008, start + 0.26)
      note.connect(volume).connect(context.destination)
      note.start(start)
      note.stop(start + 0.3)
    }
  }
}
