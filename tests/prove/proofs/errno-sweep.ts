import { sampled } from '../chance.ts';
import { type CallPoint, changingCalls, meddling } from '../child/calls.ts';
import { type Ran, runChild } from '../child/run.ts';
import { type Proof, type ProofContext, type ProofRow, Tally } from '../proof.ts';
import { sideBySide } from '../side-by-side.ts';
import { jobOf, tidyJob, type VerbUnderProof } from '../world/jobs.ts';
import { callsOf, prepared } from '../world/prepared.ts';
import { brokenWord, lostIn, outcomesOf, untrueIn, type Whereabouts, whereabouts } from '../world/truth.ts';

const errors = ['ENOSPC', 'EIO', 'EDQUOT'] as const;
/** Also the opening of files that are made, and of those that were made. */
const failingCalls = [...changingCalls, 'openat', 'open'];

interface Failure {
  readonly verb: VerbUnderProof;
  readonly point: CallPoint;
  readonly error: (typeof errors)[number];
}

/**
 * P19, P20: each call that writes, moves, links, syncs, removes or opens fails once. The end is told, nothing is lost, a
 * file that was not taken is in its place with nothing left over, and what could not be finished is finished by tidying.
 */
export const errnoSweep: Proof = {
  name: 'errno-sweep',
  promises: ['P19', 'P20'],
  run: async (context) => {
    const rows: ProofRow[] = [];
    for (const verb of ['quarantine', 'restore', 'purge'] as const) {
      rows.push(await sweep(context, verb));
    }
    return rows;
  },
};

async function sweep(context: ProofContext, verb: VerbUnderProof): Promise<ProofRow> {
  const tally = new Tally(context, 'P19, P20', `errno in ${verb}: ${errors.join(', ')}`);
  const points = await callsOf(context, { verb, calls: failingCalls });
  const failures = points.flatMap((point) => errors.map((error) => ({ verb, point, error })));
  await sideBySide(context.sample ? sampled(failures, 10, context.seed) : failures, async (failure) => {
    const { point, error } = failure;
    tally.point(`${point.call} ${point.ordinal} ${error}: ${point.line}`, await tryFailure(context, failure));
  });
  return tally.row();
}

async function tryFailure(context: ProofContext, { verb, point, error }: Failure): Promise<readonly string[]> {
  using world = await prepared(context, verb);
  const ran = await runChild(context.child, jobOf(world, verb), { under: meddling(point, `error=${error}`) });
  if (!ran.trace.includes('(INJECTED)')) {
    return ['the child never came to this call'];
  }
  const found = await whereabouts(world);
  const wrongs = [...untoldIn(ran), ...lostIn(found, verb), ...brokenWord(found, verb, ran.messages)];
  const unclean = cleanAfter(found, { verb, ran });
  const { messages } = await runChild(context.child, tidyJob(world));
  const tidied = messages.some(({ type }) => type === 'tidied') ? [] : [`tidying said ${JSON.stringify(messages)}`];
  return [...wrongs, ...unclean, ...tidied, ...untrueIn(await whereabouts(world), verb)];
}

function untoldIn({ messages }: Ran): readonly string[] {
  const outcomes = outcomesOf(messages);
  return outcomes.length === 1 ? [] : [`it said ${JSON.stringify(messages)}`];
}

/** Before the file left its place, a failed quarantine leaves all as it was: the file there, and no object, part or record. */
function cleanAfter(
  found: Whereabouts,
  { verb, ran }: { readonly verb: VerbUnderProof; readonly ran: Ran },
): readonly string[] {
  const isUndone = verb === 'quarantine' && !outcomesOf(ran.messages).includes('done') && found.vault === 0;
  if (!isUndone) {
    return [];
  }
  return found.place ? [] : ['the file is not in its place'];
}
