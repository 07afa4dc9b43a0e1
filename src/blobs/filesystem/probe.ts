import { open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Random } from '#core/ports/random.ts';
import { type Layout, probePrefix } from './layout.ts';

const probeBytes = new TextEncoder().encode('custody evidence probe\n');

/** Writes, syncs and removes a small file: the only proof that a disk takes bytes now. */
export async function writeProbe(layout: Layout, random: Pick<Random, 'uuid'>): Promise<void> {
  const path = join(layout.staging, `${probePrefix}${random.uuid()}`);
  const handle = await open(path, 'wx', 0o600);
  try {
    await handle.write(probeBytes);
    await handle.sync();
  } finally {
    await handle.close();
    await rm(path, { force: true });
  }
}

/** What a process left that was killed between making its probe and removing it. */
export async function sweepProbes(layout: Layout): Promise<void> {
  for (const name of await readdir(layout.staging)) {
    if (name.startsWith(probePrefix)) {
      await rm(join(layout.staging, name), { force: true });
    }
  }
}
