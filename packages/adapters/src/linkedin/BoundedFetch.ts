/**
 * A fetch with a timeout, a maximum size of the answer, and no redirects.
 */
import { Duration, Schema } from "effect"
import type { CustomFetchOptions } from "oauth4webapi"

/** The reason why a request has no usable answer. */
export class NoUsableAnswer extends Schema.TaggedError<NoUsableAnswer>()("NoUsableAnswer", {
  code: Schema.Literals(["timeout", "network", "throttled", "server_error", "redirect", "too_large"])
}) {
  /** Whether it is LinkedIn's state of now, and not what it says. */
  get isTemporary(): boolean {
    return this.code !== "redirect" && this.code !== "too_large"
  }
}

export interface Limits {
  /** The timeout of a request with its whole answer. */
  readonly timeout: Duration.Duration
  /** The maximum size of a response body, decompressed, in bytes. */
  readonly size: number
}

const refusalOf = ({ headers, status }: Response, size: number): NoUsableAnswer | undefined => {
  if (status === 429) return new NoUsableAnswer({ code: "throttled" })
  // LinkedIn turns clients away by 999 too.
  if (status >= 500) return new NoUsableAnswer({ code: "server_error" })
  if (status >= 300 && status < 400) return new NoUsableAnswer({ code: "redirect" })
  return Number(headers.get("content-length")) > size ? new NoUsableAnswer({ code: "too_large" }) : undefined
}

const bodyOf = async (response: Response, size: number): Promise<Buffer | null> => {
  if (response.body === null) return null
  const chunks: Array<Uint8Array> = []
  let length = 0
  // Leaving the loop by an error cancels the stream.
  for await (const chunk of response.body) {
    length += chunk.length
    if (length > size) throw new NoUsableAnswer({ code: "too_large" })
    chunks.push(chunk)
  }
  return length === 0 ? null : Buffer.concat(chunks)
}

/** Rejects with `NoUsableAnswer` only, unless the caller's own signal ends it. */
export const make = ({ size, timeout }: Limits) =>
async (
  url: string,
  request: CustomFetchOptions<string, unknown>
): Promise<Response> => {
  const timeIsUp = AbortSignal.timeout(Duration.toMillis(timeout))
  const signal = request.signal === undefined ? timeIsUp : AbortSignal.any([request.signal, timeIsUp])
  try {
    const response = await fetch(url, {
      method: request.method,
      headers: request.headers,
      redirect: "manual",
      signal,
      ...(request.body instanceof URLSearchParams ? { body: request.body } : {})
    })
    const refusal = refusalOf(response, size)
    if (refusal !== undefined) {
      // The body may be broken already; the refusal stays the same.
      await response.body?.cancel().catch(() => undefined)
      throw refusal
    }
    return new Response(await bodyOf(response, size), { status: response.status, headers: response.headers })
  } catch (error) {
    if (error instanceof NoUsableAnswer || request.signal?.aborted === true) throw error
    throw new NoUsableAnswer({ code: timeIsUp.aborted ? "timeout" : "network" })
  }
}
