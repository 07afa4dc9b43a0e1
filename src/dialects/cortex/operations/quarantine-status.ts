import { z } from 'zod';
import { isEndpointId } from '#core/endpoint/endpoint-id.ts';
import { displayPath } from '#core/file/file-path.ts';
import { sha256Schema } from '#core/file/hash.ts';
import { type AskedQuarantine, quarantineStatus } from '#core/verbs/quarantine-status.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { reply } from '../answer.ts';
import { fullPathSchema } from '../file-location.ts';
import { anyLicence } from '../licences.ts';
import { callPaths } from '../paths.ts';
import { readBody } from '../read-body.ts';
import { readFields } from '../read-fields.ts';

const text = z.string('must be a string');
const fileSchema = z.object(
  { endpoint_id: text, file_path: text, file_hash: text },
  'must be an object with endpoint_id, file_path and file_hash',
);
const fields = z.object({
  files: z.preprocess(
    (value) => (typeof value === 'object' && value !== null && !Array.isArray(value) ? [value] : value),
    z.array(fileSchema, 'must be a list of files').min(1, 'must name at least one file'),
  ),
});

type AskedFile = z.infer<typeof fileSchema>;

/**
 * Get Quarantine Status: one entry for each asked file, in order, always a list, for one file without its list too. What is
 * unknown, or can be no endpoint, path or hash, is not in quarantine; connectors ask such things.
 */
export const quarantineStatusOf: GuardedOperation = {
  method: 'POST',
  paths: callPaths('quarantine/status', 'audits/quarantine/status'),
  access: { permission: 'files.read', licence: anyLicence },
  async run({ request, ports }) {
    const { files } = readFields(fields, (await readBody(request)).data);
    const asked = new Map(files.flatMap((file) => readable(file).map((known) => [file, known] as const)));
    const held = asked.size === 0 ? [] : await quarantineStatus(ports, [...asked.values()]);
    const statuses = new Map([...asked.keys()].map((file, index) => [file, held[index] === true]));
    return reply(
      files.map((file) => ({
        endpoint_id: file.endpoint_id,
        file_path: file.file_path,
        file_hash: file.file_hash,
        status: statuses.get(file) ?? false,
      })),
    );
  },
};

function readable(file: AskedFile): readonly AskedQuarantine[] {
  const endpointId = file.endpoint_id.toLowerCase();
  const path = fullPathSchema.safeParse(file.file_path);
  const sha256 = sha256Schema.safeParse(file.file_hash);
  return isEndpointId(endpointId) && path.success && sha256.success
    ? [{ endpointId, displayPath: displayPath(path.data), sha256: sha256.data }]
    : [];
}
