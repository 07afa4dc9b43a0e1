import { z } from 'zod';
import { Fault } from '#core/fault.ts';
import { sha256Schema } from '#core/file/hash.ts';
import type { ListKind } from '#core/list/listed-hash.ts';
import { addToList } from '#core/verbs/add-to-list.ts';
import type { Origin } from '#core/verbs/open-action.ts';
import { removeFromList } from '#core/verbs/remove-from-list.ts';
import type { GuardedCall, GuardedOperation } from '../../dialect.ts';
import { reply } from '../answer.ts';
import { anyLicence } from '../licences.ts';
import { originOf } from '../origin.ts';
import { callPaths } from '../paths.ts';
import { readBody } from '../read-body.ts';
import { readFields } from '../read-fields.ts';

/** Connectors compare this text with what they get, or look for it. */
const listedAlready = 'All hashes have already been added to the allow or block list';

const yesOrNo = z.union([z.boolean(), z.stringbool({ truthy: ['true'], falsy: ['false'] })], 'must be true or false');

const fields = z.object({
  hash_list: z.array(sha256Schema, 'must be a list of SHA-256').min(1, 'must name at least one hash'),
  comment: z.string('must be a string').nullish(),
  detailed_response: yesOrNo.nullish(),
});

interface Named {
  readonly list: ListKind;
  /** The newest name, that of 2020, and what one connector of that time puts before it. */
  readonly calls: readonly [string, ...string[]];
}

const lists: readonly Named[] = [
  { list: 'block', calls: ['blocklist', 'blacklist'] },
  { list: 'allow', calls: ['allowlist', 'whitelist'] },
];

/**
 * Block List Files, Allow List Files, and the calls that take hashes off again. Answers tell of whole requests, so one in which a hash
 * must not be blocked is refused whole, with the reason: what cannot be said must not be half done.
 */
export const hashExceptions: readonly GuardedOperation[] = lists.flatMap(({ list, calls }) => [
  change(calls, '', async (call) => add(call, list)),
  change(calls, '/remove', async (call) => remove(call, list)),
]);

function change(calls: Named['calls'], ending: string, run: GuardedOperation['run']): GuardedOperation {
  const names = ['hash_exceptions', 'audits/hash_exceptions'].flatMap((base) =>
    calls.map((call) => `${base}/${call}${ending}`),
  );
  return {
    method: 'POST',
    paths: names.flatMap((name) => callPaths(name)),
    access: { permission: 'lists.manage', licence: anyLicence },
    run,
  };
}

async function add(call: GuardedCall, list: ListKind): Promise<Response> {
  const { asked, ...request } = await read(call);
  const { added, listedBefore } = await addToList(call.ports, { ...request, list });
  if (added.length === 0) {
    throw new Fault('conflict', listedAlready);
  }
  return reply(asked.detailed_response === true ? { added_hashes: added, excluded_hashes: listedBefore } : true);
}

async function remove(call: GuardedCall, list: ListKind): Promise<Response> {
  const { asked: _, ...request } = await read(call);
  const removed = await removeFromList(call.ports, { ...request, list });
  if (removed.length === 0) {
    throw new Fault('conflict', `None of the hashes is on the ${list} list`);
  }
  return reply(true);
}

interface Asked {
  readonly asked: z.output<typeof fields>;
  readonly origin: Origin;
  readonly hashes: readonly string[];
  readonly comment: string;
}

async function read(call: GuardedCall): Promise<Asked> {
  const body = await readBody(call.request);
  const asked = readFields(fields, body.data);
  return { asked, origin: originOf(call, body), hashes: asked.hash_list, comment: asked.comment ?? '' };
}
