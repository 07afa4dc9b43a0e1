import { z } from 'zod';
import { Fault } from '#core/fault.ts';
import type { FetchedFile } from '#core/verbs/fetched-files.ts';
import type { GuardedCall, GuardedOperation } from '../../dialect.ts';
import { actionIdOf, actionReferenceFields } from '../action-reference.ts';
import { reply } from '../answer.ts';
import { anyLicence } from '../licences.ts';
import { callPaths } from '../paths.ts';
import { readBody } from '../read-body.ts';
import { readFields } from '../read-fields.ts';
import { retrievalLink } from '../retrieval-link.ts';
import { isRetrieved, linksAnswer, retrievedFiles } from '../retrieved-files.ts';

const fields = z.object(actionReferenceFields);

/** File Retrieval Details: where each endpoint's archive is, or "" while there is none. */
export const fileRetrievalDetails: GuardedOperation = {
  method: 'POST',
  paths: callPaths('actions/file_retrieval_details'),
  access: { permission: 'actions.read', licence: anyLicence },
  async run({ request, ports }) {
    const actionId = actionIdOf(readFields(fields, (await readBody(request)).data));
    const files = await retrievedFiles(ports, actionId);
    if (files === undefined) {
      throw new Fault('not_found', `There is no file retrieval ${actionId}.`, { details: { what: 'action' } });
    }
    const byEndpoint = [...Map.groupBy(files, (file) => file.task.endpointId)];
    return reply({ data: Object.fromEntries(byEndpoint.map(([id, own]) => [id, linkTo(ports, own)])) });
  },
};

function linkTo(ports: GuardedCall['ports'], files: readonly FetchedFile[]): string {
  const file = files.find(isRetrieved);
  if (file === undefined || !linksAnswer(ports, file.action)) {
    return '';
  }
  return retrievalLink(ports, { actionId: file.action.id, endpointId: file.task.endpointId });
}
