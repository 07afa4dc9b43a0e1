import type { GuardedOperation } from '../../dialect.ts';
import { reply } from '../answer.ts';
import { scriptLicence } from '../licences.ts';
import { callPaths } from '../paths.ts';
import { readBody } from '../read-body.ts';
import { readExecution } from '../scripts/execution.ts';
import { shownParameters } from '../scripts/library.ts';
import { scriptResult } from '../scripts/result.ts';

/** Get Script Execution Results: what it returned on each endpoint, in the order of the request. */
export const scriptExecutionResults: GuardedOperation = {
  method: 'POST',
  paths: callPaths('scripts/get_script_execution_results'),
  access: { permission: 'actions.read', licence: scriptLicence },
  async run({ request, ports }) {
    const { run, described } = await readExecution(ports, (await readBody(request)).data);
    const now = ports.clock.now();
    const ids = described.tasks.map(({ task }) => task.endpointId);
    const endpoints = await ports.store.read((reader) => reader.endpoints.byIds(ids));
    const byId = new Map(endpoints.map((endpoint) => [endpoint.id, endpoint]));
    const { name, description } = run.script;
    return reply({
      script_name: name,
      script_description: description,
      script_parameters: shownParameters(run),
      date_created: new Date(described.action.createdAt).toISOString().slice(0, 19).replace('T', ' '),
      scope: ids.map((id) => byId.get(id)?.hostName ?? id).join(', '),
      error_message: '',
      results: described.tasks.map((each) =>
        scriptResult(each, { name, endpoint: byId.get(each.task.endpointId), now }),
      ),
    });
  },
};
