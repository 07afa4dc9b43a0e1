import path from 'node:path';
import { z } from 'zod';
import { type Proof, type ProofContext, type ProofRow, Tally } from '../proof.ts';
import { lackingWine, windowsName, windowsRuntime } from '../windows/wine.ts';

const checks = path.join(import.meta.dirname, '..', 'windows', 'room-checks.ts');
const pointSchema = z.object({ what: z.string(), wrongs: z.array(z.string()) });

/**
 * The agent's Windows calls, made by the Windows build of the runtime. Wine is not Windows: it shows that structures,
 * addresses and codes are right, and nothing about races, junctions, streams and access lists.
 */
export const windowsCalls: Proof = {
  name: 'windows-calls',
  promises: ['P4', 'P7'],
  tooLongForSample: true,
  run: async (context) => [await runUnderWine(context)],
};

async function runUnderWine(context: ProofContext): Promise<ProofRow> {
  const tally = new Tally(
    context,
    'P4, P7',
    'the Windows calls under Wine: names, no replacing, holding, locks, processes',
  );
  const reason = lackingWine();
  if (reason !== undefined) {
    tally.skip(1, reason);
    return tally.row();
  }
  const run = await windowsRuntime(context.scratch);
  for (const line of run([windowsName(checks), String(context.seed)]).split('\n')) {
    if (line.startsWith('{')) {
      const { what, wrongs } = pointSchema.parse(JSON.parse(line));
      tally.point(what, wrongs);
    }
  }
  return tally.row();
}
