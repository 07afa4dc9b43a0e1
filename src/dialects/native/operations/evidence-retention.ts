import { changeRetention } from '#core/verbs/change-retention.ts';
import { readRetention } from '#core/verbs/read-retention.ts';
import { guarded } from '../operation.ts';
import { changeRetention as change, readRetention as read } from '../schemas/stored-evidence.ts';

export const retentionOperations = [
  guarded(read, { permission: 'evidence.download', licence: [], reach: 'fleet' }, (_, { ports }) =>
    readRetention(ports),
  ),
  guarded(change, { permission: 'server.manage', licence: [] }, ({ body }, { ports, principal }) =>
    changeRetention(ports, principal, body),
  ),
] as const;
