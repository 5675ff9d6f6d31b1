/**
 * A running host beside a stand-in for LinkedIn, which knows where the host is.
 */
import { LinkedInClientId } from "@dchat/domain/identity"
import { LinkedInDouble } from "@dchat/doubles/linkedin"
import { Context, Effect, Layer, Option, Redacted } from "effect"
import { MemoryPorts } from "../../src/host/Layers.ts"
import { TestHost, testHost, type TestSettings } from "./TestHost.ts"

export class LinkedInStandIn extends Context.Service<LinkedInStandIn, LinkedInDouble.LinkedInDouble>()(
  "test/LinkedInStandIn"
) {}

const standIn = Layer.effect(LinkedInStandIn, LinkedInDouble.start())

/** How a host uses a stand-in. */
export const linkedInOptions = (double: LinkedInDouble.LinkedInDouble, timeout?: string) =>
  Option.some({
    clientId: LinkedInClientId.make(double.clientId),
    clientSecret: Redacted.make(double.clientSecret),
    issuer: double.issuer,
    authorizationUrl: double.authorizationUrl,
    tokenUrl: double.tokenUrl,
    jwksUrl: double.jwksUrl,
    userinfoUrl: double.userinfoUrl,
    allowInsecure: true,
    ...(timeout === undefined ? {} : { timeout: timeout as `${number} millis` })
  })

const allowCallback = Layer.effectDiscard(
  Effect.gen(function*() {
    const { url } = yield* TestHost
    const { allowRedirect } = yield* LinkedInStandIn
    yield* allowRedirect(`${url}/auth/linkedin/callback`)
  })
)

/** LinkedIn has a minute to answer, so that a busy machine does no harm, unless a test says otherwise. */
export const linkedInHost = <Ports, E, R>(
  ports: Layer.Layer<Ports, E, R>,
  { linkedInTimeout = "60000 millis", ...settings }: TestSettings & { readonly linkedInTimeout?: string } = {}
) =>
  allowCallback.pipe(
    Layer.provideMerge(
      Layer.unwrap(
        Effect.map(LinkedInStandIn, (double) =>
          testHost(ports, {
            ...settings,
            identity: { linkedIn: linkedInOptions(double, linkedInTimeout), ...settings.identity }
          }))
      )
    ),
    Layer.provideMerge(standIn)
  )

export const memoryLinkedInHost = (settings: Parameters<typeof linkedInHost>[1] = {}) =>
  linkedInHost(MemoryPorts, settings)
