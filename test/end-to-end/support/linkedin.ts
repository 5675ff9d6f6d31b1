/**
 * The stand-in for LinkedIn, for tests that are not Effects themselves.
 */
import { LinkedInDouble, type Person } from "@dchat/doubles/linkedin"
import { Effect, Exit, Scope } from "effect"

export interface LinkedIn {
  /** The variables by which a host uses the simulated LinkedIn. */
  readonly environment: Record<string, string>
  readonly allowRedirect: (uri: string) => void
  /** Adds somebody, or changes what LinkedIn says of them. */
  readonly addPerson: (person: Person) => void
  readonly revokeTokens: (subject: string) => void
  readonly stop: () => Promise<void>
}

export const startLinkedIn = async (): Promise<LinkedIn> => {
  const scope = Effect.runSync(Scope.make())
  const double = await Effect.runPromise(Effect.provideService(LinkedInDouble.start(), Scope.Scope, scope))
  return {
    environment: double.environment,
    allowRedirect: (uri) => Effect.runSync(double.allowRedirect(uri)),
    addPerson: (person) => Effect.runSync(double.addPerson(person)),
    revokeTokens: (subject) => Effect.runSync(double.revokeTokens(subject)),
    stop: () => Effect.runPromise(Scope.close(scope, Exit.void))
  }
}
