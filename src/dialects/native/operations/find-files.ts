import { parseGuid } from '#core/file/guid.ts';
import type { FileCondition, FileField } from '#core/ports/store/files.ts';
import { guarded } from '../operation.ts';
import type { CheckedInput } from '../schemas/contract.ts';
import { type fileFields, findFiles } from '../schemas/file.ts';
import { showFile } from '../show-file.ts';

type Condition = CheckedInput<typeof findFiles>['body']['conditions'][number];

const storedFields: Record<(typeof fileFields)[number], FileField> = {
  name: 'name',
  path: 'displayPath',
  sha256: 'sha256',
  sha1: 'sha1',
  md5: 'md5',
  endpointName: 'endpointName',
  endpointId: 'endpointId',
  guid: 'guid',
};

const lowerCaseFields: readonly FileField[] = ['sha256', 'sha1', 'md5', 'endpointId'];

export const findFilesOperation = guarded(
  findFiles,
  { permission: 'files.read', licence: [] },
  async ({ body: { conditions, states, offset, limit } }, { ports }) => {
    const filter = { conditions: conditions.map(asStored), states };
    const listing = await ports.store.read(({ files }) => files.list(filter, { offset, limit }), { search: true });
    return { items: listing.items.map(showFile), total: listing.total };
  },
);

function asStored({ field, operator, values }: Condition): FileCondition {
  const stored = storedFields[field];
  return { field: stored, operator, values: values.map((value) => normalise(stored, value)) };
}

/** Hashes and ids are kept in lower case and GUIDs in the numeric spelling; people write both. */
function normalise(field: FileField, value: string): string {
  if (field === 'guid') {
    return parseGuid(value) ?? value;
  }
  return lowerCaseFields.includes(field) ? value.toLowerCase() : value;
}
