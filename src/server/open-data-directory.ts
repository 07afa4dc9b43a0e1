import { Fault } from '#core/fault.ts';
import type { Machine } from './compose.ts';
import { type Config, type ConfigSources, type GivenSettings, loadSettings } from './config.ts';
import { type DataDirectory, dataDirectory } from './data-directory.ts';
import { fileSystem } from './file-system.ts';
import { createLog } from './log.ts';
import { lockDataDirectory, type ProcessLock } from './process-lock.ts';
import { systemClock } from './system-clock.ts';
import { systemRandom } from './system-random.ts';

/** Settings that were read and a data directory that is there. */
export interface Prepared {
  readonly config: Config;
  readonly given: GivenSettings;
  readonly directory: DataDirectory;
  readonly machine: Machine;
}

/** A data directory that this process alone has. */
export interface OpenDirectory extends Prepared {
  readonly lock: ProcessLock;
}

export interface DirectoryDemand {
  /** Refuse a directory that holds no server, instead of making one. */
  readonly mustExist: boolean;
}

/**
 * @throws Fault `invalid_request` for a wrong setting, `unavailable` when the directory cannot be made, `not_found`
 * when a server must be in it and none is.
 */
export async function prepare(
  sources: ConfigSources,
  { mustExist }: DirectoryDemand = { mustExist: false },
): Promise<Prepared> {
  const { config, given } = await loadSettings(fileSystem, sources);
  const log = createLog(config.CUSTODY_LOG, config.CUSTODY_LOG_FORMAT);
  const machine = { clock: systemClock, random: systemRandom, fs: fileSystem, log };
  const directory = dataDirectory(config.CUSTODY_DATA);
  if (mustExist && !(await holdsServer(directory))) {
    const advice = 'Start one there first, or name another directory with --data.';
    throw new Fault('not_found', `${directory.root} holds no Custody server. ${advice}`);
  }
  await makeDirectory(directory);
  return { config, given, directory, machine };
}

/** @throws Fault as `prepare`, and `conflict` when another process has the directory. */
export async function openDataDirectory(
  sources: ConfigSources,
  demand: DirectoryDemand = { mustExist: false },
): Promise<OpenDirectory> {
  const prepared = await prepare(sources, demand);
  return { ...prepared, lock: lockDataDirectory(prepared.directory) };
}

/** Its order key, or what it knows of one that a signer has. */
export async function holdsServer({ orderKey, orderKeyBook }: DataDirectory): Promise<boolean> {
  const found = await Promise.all([orderKey, orderKeyBook].map((file) => fileSystem.read(file)));
  return found.some((bytes) => bytes !== undefined);
}

async function makeDirectory(directory: DataDirectory): Promise<void> {
  try {
    // Private from the start: everything in it is.
    await fileSystem.makeDirectory(directory.root);
  } catch (cause) {
    throw new Fault('unavailable', `The directory ${directory.root} cannot be made (CUSTODY_DATA).`, { cause });
  }
}
