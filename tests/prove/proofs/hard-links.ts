import { linkSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { runChild } from '../child/run.ts';
import { type Proof, Tally } from '../proof.ts';
import { generatedFile } from '../world/generated.ts';
import { jobOf } from '../world/jobs.ts';
import { differences, makeGenerated, metadataOf } from '../world/metadata.ts';
import { makeWorld, sha256Of } from '../world/world.ts';

/** P9: one of three names is taken; the other two keep the very inode, its bytes and its metadata. */
export const hardLinks: Proof = {
  name: 'hard-links',
  promises: ['P9'],
  run: async (context) => {
    const tally = new Tally(context, 'P9', 'quarantine and restore of one of three hard links');
    const wanted = fc.sample(generatedFile, { seed: context.seed, numRuns: context.sample ? 4 : 60 });
    for (const each of wanted) {
      using world = await makeWorld(context.scratch);
      const [file, ...others] = ['one', 'two', 'three'].map((name) => path.join(world.secret, name));
      if (file !== undefined) {
        makeGenerated(file, { ...each, size: Math.max(each.size, 1) });
        const before = metadataOf(file);
        for (const other of others) {
          linkSync(file, other);
        }
        const content = readFileSync(file);
        const sha256 = sha256Of(content);
        const taken = await runChild(context.child, jobOf(world, 'quarantine', { path: file, sha256 }));
        const back = await runChild(context.child, jobOf(world, 'restore', { sha256 }));
        const told = JSON.stringify(taken.messages);
        tally.point(fc.stringify(each), [
          ...(told.includes('"done"') && /"links":3/.test(told) ? [] : [`three names were not told: ${told}`]),
          ...(JSON.stringify(back.messages).includes('"done"')
            ? []
            : [`not restored: ${JSON.stringify(back.messages)}`]),
          ...others.flatMap((other) => othersChanged(before, other, content)),
        ]);
      }
    }
    return [tally.row()];
  },
};

/** Only its last access may be another one: this proof has read it. */
function othersChanged(before: ReadonlyMap<string, string>, other: string, content: Uint8Array): readonly string[] {
  const after = metadataOf(other);
  const lost = differences(before, after).filter((words) => !words.startsWith('accessed'));
  return [...lost, ...(readFileSync(other).equals(content) ? [] : ['its bytes are others'])];
}
