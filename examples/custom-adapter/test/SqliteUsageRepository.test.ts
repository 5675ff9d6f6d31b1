/**
 * The repository of the application keeps every promise of the port.
 */
import { usageRepositoryContract } from "@dchat/domain/contracts"
import * as SqliteUsageRepository from "../SqliteUsageRepository.ts"

usageRepositoryContract("SqliteUsageRepository", SqliteUsageRepository.layer(":memory:"))
