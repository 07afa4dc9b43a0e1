import { z } from 'zod';
import { sha256Schema } from '#core/file/hash.ts';
import { quarantineFiles } from '#core/verbs/quarantine-files.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { fullPathSchema } from '../file-location.ts';
import { filtersSchema } from '../filters.ts';
import { anyLicence } from '../licences.ts';
import { namedEndpoints } from '../named-endpoints.ts';
import { originOf } from '../origin.ts';
import { callPaths } from '../paths.ts';
import { readBody } from '../read-body.ts';
import { readFields } from '../read-fields.ts';
import { startedAction } from '../started-action.ts';

const fields = z.object({ filters: filtersSchema, file_path: fullPathSchema, file_hash: sha256Schema });

/** Quarantine Files: one path with one hash, on each endpoint that the filters name. */
export const quarantine: GuardedOperation = {
  method: 'POST',
  paths: callPaths('endpoints/quarantine', 'audits/endpoints/quarantine'),
  access: { permission: 'files.quarantine', licence: anyLicence },
  async run(call) {
    const body = await readBody(call.request);
    const { filters, file_path: path, file_hash: sha256 } = readFields(fields, body.data);
    const request = { origin: originOf(call, body), endpointIds: namedEndpoints(filters), path, sha256 };
    return startedAction(call.ports, await quarantineFiles(call.ports, request));
  },
};
