import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import { readLine } from '#core/endpoint/label.ts';
import { Fault } from '#core/fault.ts';
import { archiveEndpoints } from '#core/verbs/archive-endpoints.ts';
import { orderTargets } from '#core/verbs/order-targets.ts';
import { renameEndpoints } from '#core/verbs/rename-endpoints.ts';
import { tagEndpoints } from '#core/verbs/tag-endpoints.ts';
import { unarchiveEndpoints } from '#core/verbs/unarchive-endpoints.ts';
import type { GuardedCall } from '../../dialect.ts';
import { guarded, type NativeOperation } from '../operation.ts';
import {
  archiveEndpoints as archiveContract,
  renameEndpoints as renameContract,
  tagEndpoints as tagContract,
  unarchiveEndpoints as unarchiveContract,
} from '../schemas/endpoint.ts';

const access = { permission: 'endpoints.manage', licence: [] } as const;

/** What people say of endpoints: their alias, their tags, and whether they are put aside. */
export const changeEndpointOperations: readonly NativeOperation[] = [
  guarded(renameContract, access, async ({ body: { endpointIds, alias } }, { ports, principal: by }) =>
    told(endpointIds, await renameEndpoints(ports, { by, endpointIds, alias })),
  ),
  guarded(tagContract, access, async ({ body: { endpointIds, add, remove } }, { ports, principal: by }) =>
    told(endpointIds, await tagEndpoints(ports, { by, endpointIds, add, remove })),
  ),
  guarded(archiveContract, access, ({ body }, call) => putAside(call, body, archiveEndpoints)),
  guarded(unarchiveContract, access, ({ body }, call) => putAside(call, body, unarchiveEndpoints)),
];

interface Asked {
  readonly endpointIds: readonly EndpointId[];
  readonly reason: string;
}

async function putAside(
  { ports, principal }: GuardedCall,
  { endpointIds: asked, reason }: Asked,
  change: typeof archiveEndpoints | typeof unarchiveEndpoints,
) {
  const known = await ports.store.read((reader) => orderTargets(reader, asked));
  const reply = told(asked, known);
  const name = change === archiveEndpoints ? 'archive' : 'unarchive';
  const request = { principal, name, facts: { dialect: 'native' } };
  await change(ports, { request, endpointIds: known, reason: readLine(reason, { field: 'reason', longest: 1_000 }) });
  return reply;
}

/** @throws Fault `no_target` when none is known: nothing was done. */
function told(asked: readonly EndpointId[], known: readonly EndpointId[]) {
  if (known.length === 0) {
    throw new Fault('no_target', 'None of these endpoints is enrolled here.');
  }
  const done = new Set(known);
  return { endpointIds: [...known], unknown: [...new Set(asked)].filter((id) => !done.has(id)) };
}
