import { randomUUID } from 'node:crypto';
import { openFilesystemBlobs } from '#blobs/filesystem/index.ts';
import { evidenceKeyOf } from '#kit/evidence-keys.ts';

/** The child of the crash test: locks everything from one key to the other and back, until it is killed. */
const [directory = ''] = process.argv.slice(2);
const pair = [evidenceKeyOf('one'), evidenceKeyOf('two')] as const;
for (let round = 0; ; round += 1) {
  const keys = { current: pair[round % 2 === 0 ? 0 : 1], retiring: [pair[round % 2 === 0 ? 1 : 0]] };
  const blobs = await openFilesystemBlobs({ directory, keys, random: { uuid: randomUUID } });
  const { rewrapped, damaged } = await blobs.rewrap();
  process.stdout.write(`${JSON.stringify({ rewrapped, damaged: damaged.length })}\n`);
}
