import { Fault } from '#core/fault.ts';
import { parseGuid } from '#core/file/guid.ts';
import { guarded } from '../operation.ts';
import { readFile } from '../schemas/file.ts';
import { showFile } from '../show-file.ts';

export const readFileOperation = guarded(
  readFile,
  { permission: 'files.read', licence: [] },
  async ({ parameters }, { ports }) => {
    const guid = parseGuid(parameters.guid);
    const found = guid === undefined ? [] : await ports.store.read(({ files }) => files.byGuids([guid]));
    const file = found[0];
    if (file === undefined) {
      throw new Fault('not_found', `No endpoint has reported a file ${parameters.guid}.`, {
        details: { what: 'file' },
      });
    }
    return showFile(file);
  },
);
