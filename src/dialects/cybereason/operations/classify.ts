import { Fault } from '#core/fault.ts';
import { isInForce, readHash } from '#core/list/judge.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { replyJson } from '../reply.ts';
import { showReputation } from '../reputation.ts';

/**
 * `GET /rest/classification/classify/{hash}`: what the team decided about a hash, of any algorithm. Nobody else's opinion is
 * asked, so that a hash on neither list is `unknown`.
 */
export const classify: GuardedOperation = {
  method: 'GET',
  paths: ['/rest/classification/classify/:key'],
  access: { permission: 'lists.read', licence: [] },
  async run({ ports, parameters }) {
    const key = parameters['key'] ?? '';
    const read = readHash(key);
    if (read === undefined) {
      const message = `"${key.slice(0, 100)}" is no MD5, SHA-1 or SHA-256. Custody decides about files only, not about addresses or domains.`;
      throw new Fault('invalid_request', message, { details: { field: 'key' } });
    }
    const entries = await ports.store.read(({ hashLists }) => hashLists.byHashes([read.hash]));
    const entry = entries.find((each) => isInForce(each, ports.clock.now()));
    const unknown = { key: read.hash, reputationType: 'FILE', maliciousType: 'unknown', isBlocking: false };
    return replyJson({ outcome: 'success', data: entry === undefined ? unknown : showReputation(entry) });
  },
};
