import { z } from 'zod';
import { demandPermission } from '#core/access/principal.ts';
import type { Action } from '#core/action/action.ts';
import type { FilePath } from '#core/file/file-path.ts';
import type { Origin } from '#core/verbs/open-action.ts';
import type { AskedEndpoints } from '#core/verbs/order-targets.ts';
import { quarantineFiles } from '#core/verbs/quarantine-files.ts';
import { startSearch } from '#core/verbs/start-search.ts';
import type { GuardedCall, GuardedOperation } from '../../dialect.ts';
import { askedEndpoints, reachSchema } from '../asked-endpoints.ts';
import { fullPathSchema } from '../file-location.ts';
import { scriptLicence } from '../licences.ts';
import { originOf } from '../origin.ts';
import { callPaths } from '../paths.ts';
import { readBody } from '../read-body.ts';
import { readFields, wrongField } from '../read-fields.ts';
import { allScripts, type LibraryScript, type ScriptName, scriptWithUid } from '../scripts/library.ts';
import { startedAction } from '../started-action.ts';

const fields = z.object({
  script_uid: z.string('must be a string').max(200, 'must have at most 200 characters'),
  filters: reachSchema,
  parameters_values: z.record(z.string(), z.unknown(), 'must be an object').nullish(),
});

interface Ordered {
  readonly origin: Origin;
  readonly endpointIds: AskedEndpoints;
  readonly path: FilePath;
}

/**
 * Run Script: the two scripts of the vendor's library that are about files, by orders of our own. Any other is refused: Custody
 * runs no code that somebody sends.
 */
export const runScript: GuardedOperation = {
  method: 'POST',
  paths: callPaths('scripts/run_script'),
  access: { permission: 'files.search', licence: scriptLicence },
  async run(call) {
    const body = await readBody(call.request);
    const asked = readFields(fields, body.data);
    const script = libraryScript(asked.script_uid);
    demandPermission(call.principal, script.permission);
    const path = pathFor(script, asked.parameters_values ?? {});
    const origin = originOf(call, body);
    const endpointIds = await askedEndpoints(call.ports, asked.filters);
    return startedAction(call.ports, await orders[script.name](call, { origin, endpointIds, path }));
  },
};

const orders: Readonly<Record<ScriptName, (call: GuardedCall, ordered: Ordered) => Promise<Action>>> = {
  file_exists: ({ ports }, { path, ...order }) =>
    startSearch(ports, { ...order, pattern: { by: 'path', path }, live: true, limit: 1 }),
  delete_file({ ports }, { origin, endpointIds, path }) {
    if (endpointIds === 'all') {
      throw wrongField('filters', 'must name the endpoints that a file is deleted on');
    }
    return quarantineFiles(ports, { origin, endpointIds, path, sha256: null });
  },
};

function libraryScript(uid: string): LibraryScript {
  const script = scriptWithUid(uid);
  if (script === undefined) {
    const known = allScripts.map(({ name, uid: own }) => `${name} (${own})`).join(' and ');
    throw wrongField('script_uid', `is no script that this server runs; it runs ${known}, and no other code`);
  }
  return script;
}

function pathFor({ parameter }: LibraryScript, given: Readonly<Record<string, unknown>>): FilePath {
  const other = Object.keys(given).find((name) => name !== parameter);
  if (other !== undefined) {
    throw wrongField('parameters_values', `has ${other.slice(0, 100)}, and this script takes ${parameter} only`);
  }
  const schema = z.object({ parameters_values: z.object({ [parameter]: fullPathSchema }) });
  const path = readFields(schema, { parameters_values: given }).parameters_values[parameter];
  if (path === undefined) {
    throw wrongField('parameters_values', `must have ${parameter}`);
  }
  return path;
}
