import { basename } from 'node:path';
import { z } from 'zod';
import { asFault, Fault } from '#core/fault.ts';
import type { Fs } from '#core/ports/fs.ts';
import type { Log } from '#core/ports/log.ts';
import type { Config } from './config.ts';
import type { DataDirectory } from './data-directory.ts';

const placeSchema = z.object({ v: z.literal(1), records: z.string() });

/** What stands for the database file of the directory itself. */
const here = 'here';

interface Place {
  readonly fs: Fs;
  readonly directory: DataDirectory;
  readonly config: Pick<Config, 'CUSTODY_STORE'>;
}

/**
 * Notes in the data directory where its server keeps its records: the setting that says so may be in the environment of that server
 * alone. Never rejects: a server starts on a full disk, too.
 */
export async function noteRecordsPlace({ fs, directory, config, log }: Place & { readonly log: Log }): Promise<void> {
  const text = `${JSON.stringify({ v: 1, records: placeOf(config) } satisfies z.input<typeof placeSchema>)}\n`;
  try {
    const before = await fs.read(directory.recordsPlace);
    if (before === undefined || new TextDecoder().decode(before) !== text) {
      await fs.replace(directory.recordsPlace, new TextEncoder().encode(text));
    }
  } catch (thrown) {
    log.warn('It could not be noted where the records are.', { file: directory.recordsPlace, cause: asFault(thrown) });
  }
}

/**
 * For whoever opens the records of a server beside it, or in its absence: an empty database must not stand for them.
 * @throws Fault `conflict` where the settings name the directory's own database, and its server keeps its records elsewhere
 */
export async function demandRecordsHere({ fs, directory, config }: Place): Promise<void> {
  if (config.CUSTODY_STORE !== 'sqlite') {
    return;
  }
  const noted = (await notedPlace(fs, directory)) ?? (await guessedPlace(fs, directory));
  if (noted !== here) {
    const advice = `Set CUSTODY_STORE as that server has it, in the environment or in ${directory.settings}.`;
    throw new Fault('conflict', `The server of ${directory.root} keeps its records in ${noted}. ${advice}`);
  }
}

/** Without what opens it. */
function placeOf({ CUSTODY_STORE: store }: Place['config']): string {
  if (store === 'sqlite') {
    return here;
  }
  // Of several hosts no address can be made.
  const url = URL.parse(store);
  return url === null ? 'PostgreSQL' : `postgres://${url.host}${url.pathname}`;
}

async function notedPlace(fs: Fs, directory: DataDirectory): Promise<string | undefined> {
  const bytes = await fs.read(directory.recordsPlace);
  return bytes && placeSchema.parse(JSON.parse(new TextDecoder().decode(bytes))).records;
}

/** A server of before has noted nothing; each makes its database at its first start. */
async function guessedPlace(fs: Fs, { root, store }: DataDirectory): Promise<string> {
  const file = basename(store);
  return (await fs.list(root)).includes(file) ? here : `another place, for there is no ${file}`;
}
