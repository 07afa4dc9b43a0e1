import { z } from 'zod';
import { Fault } from '#core/fault.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { reply } from '../answer.ts';
import { scriptLicence } from '../licences.ts';
import { callPaths } from '../paths.ts';
import { readBody } from '../read-body.ts';
import { readFields } from '../read-fields.ts';
import { scriptItem, scriptWithUid } from '../scripts/library.ts';

const fields = z.object({ script_uid: z.string('must be a string').max(200, 'must have at most 200 characters') });

/** Get Script Metadata: what a script takes and returns. */
export const getScriptMetadata: GuardedOperation = {
  method: 'POST',
  paths: callPaths('scripts/get_script_metadata'),
  access: { permission: 'actions.read', licence: scriptLicence },
  async run({ request }) {
    const { script_uid: uid } = readFields(fields, (await readBody(request)).data);
    const script = scriptWithUid(uid);
    if (script === undefined) {
      throw new Fault('not_found', 'No script of this server has this script_uid.', { details: { what: 'script' } });
    }
    return reply({
      ...scriptItem(script),
      entry_point: script.name,
      script_input: [{ name: script.parameter, type: 'string' }],
      script_output_type: 'boolean',
      script_output_dictionary_definitions: null,
    });
  },
};
