import { z } from 'zod';
import { type TaskId, taskIdSchema } from '#core/action/action-id.ts';
import type { CustodyEvent } from '#core/custody/event.ts';
import type { Reader } from '#core/ports/store/store.ts';
import type { GuardedOperation } from '../../dialect.ts';
import { reply } from '../answer.ts';
import { type AgentLine, agentItem } from '../audit/agent-item.ts';
import { type AgentKind, agentKinds } from '../audit/agent-kinds.ts';
import { agentOrder, agentSearch, agentSortFields } from '../audit/agent-search.ts';
import { auditedEndpoints } from '../audit/audited-endpoints.ts';
import { filtersSchema } from '../filters.ts';
import { anyLicence } from '../licences.ts';
import { pageFields, pageOf } from '../page.ts';
import { callPaths } from '../paths.ts';
import { readOptionalBody } from '../read-body.ts';
import { readFields } from '../read-fields.ts';
import { sortingBy } from '../sorting.ts';

const fields = z.object({
  filters: filtersSchema.nullish(),
  sort: sortingBy(agentSortFields).nullish(),
  ...pageFields,
});

const newestFirst = { field: 'timestamp', direction: 'descending' } as const;

/** Get Audit Agent Reports: what agents told. */
export const agentsReports: GuardedOperation = {
  method: 'POST',
  paths: callPaths('audits/agents_reports'),
  access: { permission: 'events.read', licence: anyLicence },
  async run({ request, ports }) {
    const asked = readFields(fields, (await readOptionalBody(request)).data);
    const search = agentSearch(asked.filters ?? []);
    const order = agentOrder(asked.sort ?? newestFirst);
    return ports.store.read(
      async (reader: Reader) => {
        const { items, total } = await reader.events.search(search, order, pageOf(asked));
        const data = (await linesOf(reader, items)).map(agentItem);
        return reply({ total_count: total, result_count: data.length, data });
      },
      { search: true },
    );
  },
};

async function linesOf(reader: Reader, events: readonly CustodyEvent[]): Promise<readonly AgentLine[]> {
  const endpoints = await auditedEndpoints(reader, events);
  const ends = events.filter(({ type }) => type === 'task_finished');
  const actions = await reader.actions.byIds([...new Set(ends.flatMap(({ actionId }) => actionId ?? []))]);
  const verbs = new Map(actions.map(({ id, verb }) => [id, verb]));
  const failed = new Set(await reader.outcomes.failedAmong(ends.flatMap(taskOf)));
  return events.flatMap((event) => {
    const verb = event.actionId === undefined ? undefined : verbs.get(event.actionId);
    const kind = agentKinds.find((each) => isOf(each, event, verb));
    const line = {
      event,
      endpoint: endpoints.get(event.endpointId),
      failed: taskOf(event).some((id) => failed.has(id)),
    };
    return kind === undefined ? [] : [{ ...line, kind }];
  });
}

function isOf({ kind }: AgentKind, { type }: CustodyEvent, verb: AgentKind['kind']['verb']): boolean {
  return kind.type === type && (kind.verb === undefined || kind.verb === verb);
}

function taskOf({ facts }: CustodyEvent): readonly TaskId[] {
  const id = taskIdSchema.safeParse(facts['taskId']);
  return id.success ? [id.data] : [];
}
