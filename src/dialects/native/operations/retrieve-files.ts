import { Fault } from '#core/fault.ts';
import { parsePath } from '#core/file/file-path.ts';
import { retrieveFiles } from '#core/verbs/retrieve-files.ts';
import { demandReason } from '../demand-reason.ts';
import { originOf, showStarted } from '../new-action.ts';
import { guarded } from '../operation.ts';
import { retrieveFiles as contract } from '../schemas/order.ts';

export const retrieveFilesOperation = guarded(
  contract,
  { permission: 'files.fetch', licence: [] },
  async ({ body }, call) => {
    demandReason(call.ports.policy, body.reason);
    const texts = [...new Set(body.paths)];
    demandBatchLimit(texts.length * new Set(body.endpointIds).size, call.ports.policy.batchLimit);
    const paths = texts.map(parsePath);
    const action = await retrieveFiles(call.ports, {
      origin: originOf(call, body),
      endpointIds: body.endpointIds,
      paths: { linux: paths, macos: paths, windows: paths },
    });
    return showStarted(call, action);
  },
);

function demandBatchLimit(asked: number, limit: number): void {
  if (asked > limit) {
    throw new Fault('limit_exceeded', `One batch holds at most ${limit} files; ${asked} were asked for.`, {
      details: { limit, asked },
    });
  }
}
