import { Fault } from '#core/fault.ts';
import type { Machine } from './compose.ts';
import { type Config, type ConfigSources, loadConfig } from './config.ts';
import { type DataDirectory, dataDirectory } from './data-directory.ts';
import { fileSystem } from './file-system.ts';
import { createLog } from './log.ts';
import { lockDataDirectory, type ProcessLock } from './process-lock.ts';
import { systemClock } from './system-clock.ts';
import { systemRandom } from './system-random.ts';

/** Settings that were read and a data directory that is there. */
export interface Prepared {
  readonly config: Config;
  readonly directory: DataDirectory;
  readonly machine: Machine;
}

/** A data directory that this process alone has. */
export interface OpenDirectory extends Prepared {
  readonly lock: ProcessLock;
}

/** @throws Fault `invalid_request` for a wrong setting, `unavailable` when the directory cannot be made. */
export async function prepare(sources: ConfigSources): Promise<Prepared> {
  const config = await loadConfig(fileSystem, sources);
  const machine = { clock: systemClock, random: systemRandom, fs: fileSystem, log: createLog(config.CUSTODY_LOG) };
  const directory = dataDirectory(config.CUSTODY_DATA);
  try {
    // Private from the start: everything in it is.
    await fileSystem.makeDirectory(directory.root);
  } catch (cause) {
    throw new Fault('unavailable', `The directory ${directory.root} cannot be made (CUSTODY_DATA).`, { cause });
  }
  return { config, directory, machine };
}

/** @throws Fault as `prepare`, and `conflict` when another process has the directory. */
export async function openDataDirectory(sources: ConfigSources): Promise<OpenDirectory> {
  const prepared = await prepare(sources);
  return { ...prepared, lock: lockDataDirectory(prepared.directory) };
}
