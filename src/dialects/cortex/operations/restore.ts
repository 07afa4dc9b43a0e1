import { z } from 'zod';
import { isEndpointId } from '#core/endpoint/endpoint-id.ts';
import { Fault } from '#core/fault.ts';
import { sha256Schema } from '#core/file/hash.ts';
import { restoreFiles } from '#core/verbs/restore-files.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { anyLicence } from '../licences.ts';
import { originOf } from '../origin.ts';
import { callPaths } from '../paths.ts';
import { readBody } from '../read-body.ts';
import { readFields, wrongField } from '../read-fields.ts';
import { startedAction } from '../started-action.ts';

const fields = z.object({
  file_hash: sha256Schema,
  /** An empty one, or null, names no endpoint: a variable that nobody set must not become "everywhere". */
  endpoint_id: z.string('must be a string').toLowerCase().nullish(),
});

/**
 * Restore File: one endpoint, or every endpoint that the quarantined file relates to. The
 * page's "maximum 100" is text of list calls and caps nothing.
 */
export const restore: GuardedOperation = {
  method: 'POST',
  paths: callPaths('endpoints/restore', 'audits/endpoints/restore'),
  access: { permission: 'files.restore', licence: anyLicence },
  async run(call) {
    const body = await readBody(call.request);
    const { file_hash: sha256, endpoint_id: endpointId } = readFields(fields, body.data);
    const origin = originOf(call, body);
    if (endpointId === null) {
      throw wrongField('endpoint_id', 'must be a string; leave it out for every endpoint that the file was taken from');
    }
    if (endpointId !== undefined && !isEndpointId(endpointId)) {
      throw new Fault('no_target', 'No endpoint has this id.');
    }
    return startedAction(call.ports, await restoreFiles(call.ports, { origin, sha256, endpointId }));
  },
};
