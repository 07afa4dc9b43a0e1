import { displayPath, parsePath } from '#core/file/file-path.ts';
import { quarantineStatus } from '#core/verbs/quarantine-status.ts';
import { guarded } from '../operation.ts';
import { readQuarantineStatus } from '../schemas/quarantine.ts';

export const readQuarantineStatusOperation = guarded(
  readQuarantineStatus,
  { permission: 'files.read', licence: [] },
  async ({ body: { files } }, { ports }) => {
    const asked = files.map(({ endpointId, path, sha256 }) => {
      return { endpointId, sha256, displayPath: displayPath(parsePath(path)) };
    });
    const held = await quarantineStatus(ports, asked);
    return {
      items: asked.map(({ displayPath: path, ...file }, index) => ({
        ...file,
        path,
        quarantined: held[index] === true,
      })),
    };
  },
);
