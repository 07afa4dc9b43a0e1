import { z } from 'zod';
import { type Platform, platforms } from '#core/endpoint/platform.ts';
import { Fault } from '#core/fault.ts';
import type { FilePath } from '#core/file/file-path.ts';
import { retrieveFiles } from '#core/verbs/retrieve-files.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { retrievablePathSchema } from '../file-location.ts';
import { filtersSchema } from '../filters.ts';
import { endpointLicence } from '../licences.ts';
import { namedEndpoints } from '../named-endpoints.ts';
import { originOf } from '../origin.ts';
import { callPaths } from '../paths.ts';
import { type Members, readBody } from '../read-body.ts';
import { readFields } from '../read-fields.ts';
import { startedAction } from '../started-action.ts';

const filesSchema = z
  .object(
    { windows: pathList('windows'), linux: pathList('linux'), macos: pathList('macos') },
    'must be an object with the lists windows, linux or macos',
  )
  .refine((files) => countOf(files) > 0, 'must name at least one file');
const fields = z.object({ filters: filtersSchema, files: filesSchema });

/**
 * Retrieve File: all paths of a system go to all named endpoints of that system, so files
 * that one of them does not have are ordinary.
 */
export const fileRetrieval: GuardedOperation = {
  method: 'POST',
  paths: callPaths('endpoints/file_retrieval', 'audits/endpoints/file_retrieval'),
  access: { permission: 'files.fetch', licence: endpointLicence },
  async run(call) {
    const body = await readBody(call.request);
    const { filters, files: paths } = readFields(fields, { ...body.data, files: askedFiles(body.data) });
    const endpointIds = namedEndpoints(filters);
    const { mostFiles, mostEndpoints } = call.ports.policy.cortex.retrieval;
    demandLimit('files', countOf(paths), mostFiles);
    demandLimit('endpoints', endpointIds.length, mostEndpoints);
    return startedAction(
      call.ports,
      await retrieveFiles(call.ports, { origin: originOf(call, body), endpointIds, paths }),
    );
  },
};

/** One client puts the lists into `request_data` itself. */
function askedFiles(data: Members): unknown {
  const misplaced = platforms.filter((platform) => data[platform] !== undefined);
  if (data['files'] !== undefined || misplaced.length === 0) {
    return data['files'];
  }
  return Object.fromEntries(misplaced.map((platform) => [platform, data[platform]]));
}

/** One path or several, each once. */
function pathList(platform: Platform) {
  return z
    .preprocess(
      (value) => (typeof value === 'string' ? [value] : (value ?? [])),
      z.array(z.unknown(), 'must be a list of paths'),
    )
    .transform((paths) => [...new Set(paths)])
    .pipe(z.array(retrievablePathSchema(platform)));
}

function countOf(paths: Readonly<Record<Platform, readonly FilePath[]>>): number {
  return platforms.reduce((count, platform) => count + paths[platform].length, 0);
}

function demandLimit(what: string, asked: number, limit: number): void {
  if (asked > limit) {
    throw new Fault('limit_exceeded', `One retrieval names at most ${limit} ${what}; ${asked} were named.`, {
      details: { limit, asked },
    });
  }
}
