export * as EmbeddedPostgres from "./EmbeddedPostgres.ts"
export {
  DirectoryInUse,
  DirectoryNotAccessible,
  EmbeddedPostgresError,
  InitFailed,
  NoUnprivilegedUser,
  StartFailed,
  UnsupportedPlatform
} from "./EmbeddedPostgresError.ts"
