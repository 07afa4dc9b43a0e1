import { Fault } from '#core/fault.ts';
import type { ListedHash } from '#core/list/listed-hash.ts';
import type { Ports } from '#core/ports/ports.ts';
import { changeHashLists } from '#core/verbs/change-hash-lists.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { readJson } from '../json-body.ts';
import { replyJson } from '../reply.ts';
import { demandOnlyList, readReputationChange, reputationService, showListedReputation } from '../reputation-list.ts';

/** `PUT .../lists/{id}/reputations/{id}`: decides anew about a hash that is on a list. */
export const changeReputation: GuardedOperation = {
  method: 'PUT',
  paths: [`${reputationService}/lists/:list/reputations/:id`],
  access: { permission: 'lists.manage', licence: [] },
  async run({ request, ports, parameters, principal }) {
    demandOnlyList(parameters['list']);
    const id = (parameters['id'] ?? '').toLowerCase();
    await listedOf(ports, id);
    const change = readReputationChange(await readJson(request), id);
    await changeHashLists(ports, { origin: { principal, dialect: 'cybereason' }, changes: [change] });
    return replyJson(showListedReputation(await listedOf(ports, id)));
  },
};

async function listedOf({ store }: Pick<Ports, 'store'>, id: string): Promise<ListedHash> {
  const [entry] = await store.read(({ hashLists }) => hashLists.byHashes([id]));
  if (entry === undefined) {
    throw new Fault('not_found', 'The list has no reputation with this id.', { details: { what: 'reputation' } });
  }
  return entry;
}
