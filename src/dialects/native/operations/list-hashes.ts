import { listHashes } from '#core/verbs/list-hashes.ts';
import { demandReason } from '../demand-reason.ts';
import { originOf, showStarted } from '../new-action.ts';
import { guarded } from '../operation.ts';
import { listHashes as contract } from '../schemas/hash-list.ts';
import { showFile } from '../show-file.ts';
import { showListedHash } from '../show-listed-hash.ts';

const mostShown = 1_000;

export const listHashesOperation = guarded(
  contract,
  { permission: 'lists.manage', licence: [] },
  async ({ body }, call) => {
    const { hashes, list, prevent, quarantineExisting, comment, expiresAt } = body;
    if (list === 'block' && quarantineExisting) {
      demandReason(call.ports.policy, body.reason);
    }
    const done = await listHashes(call.ports, {
      ...{ origin: originOf(call, body), hashes, list, prevent, quarantineExisting, comment },
      ...(expiresAt !== undefined && { expiresAt: Date.parse(expiresAt) }),
    });
    return {
      listed: done.listed.map(showListedHash),
      unchanged: [...done.unchanged],
      refused: done.refused.map((refusal) => ({ ...refusal })),
      copies: done.copies.slice(0, mostShown).map(showFile),
      copiesCount: done.copiesCount,
      actions: await Promise.all(done.actions.map((action) => showStarted(call, action))),
    };
  },
);
