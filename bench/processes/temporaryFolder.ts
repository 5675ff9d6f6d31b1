/**
 * A folder for the data of one server.
 */
import { chmod, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"

export interface TemporaryFolder {
  readonly path: string
  readonly remove: () => Promise<void>
}

export const temporaryFolder = async (): Promise<TemporaryFolder> => {
  const path = await mkdtemp(join(tmpdir(), "dchat-bench-"))
  // The user that PostgreSQL runs as enters the folder.
  await chmod(path, 0o755)
  // A PostgreSQL whose host was killed may still write.
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }) }
}
