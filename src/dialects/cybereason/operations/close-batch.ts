import { closeBatch } from '#core/verbs/close-batch.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { openBatch } from '../batch.ts';
import { replyWrapped } from '../reply.ts';

/** `GET /rest/fetchfile/close/{batchID}`: a GET although it changes things; that is what clients send. */
export const closeBatchOperation: GuardedOperation = {
  method: 'GET',
  changes: true,
  paths: ['/rest/fetchfile/close/:batchID'],
  access: { permission: 'files.fetch', licence: [] },
  async run({ ports, principal, parameters }) {
    const batch = await openBatch(ports, principal, parameters['batchID'] ?? '');
    await closeBatch(ports, principal, batch);
    return replyWrapped({ data: true, status: 'SUCCESS', message: '' });
  },
};
