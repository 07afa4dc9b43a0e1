import type { Action } from '../action/action.ts';
import { Fault } from '../fault.ts';
import { type Guid, parseGuid } from '../file/guid.ts';
import type { Ports } from '../ports/ports.ts';
import { demandEvidenceStorage } from './demand-evidence-storage.ts';
import { type FetchSource, sourcesOf } from './fetch-sources.ts';
import { type Origin, openAction, type Target } from './open-action.ts';

export interface StartFetch {
  readonly origin: Origin;
  /** As the client sent them, in either spelling; a repeated one counts once. */
  readonly guids: readonly string[];
}

export interface StartedFetch {
  readonly action: Action;
  /** Those of the asked GUIDs that are neither a file that an endpoint has reported nor one in a vault, as they were sent. */
  readonly unknown: readonly string[];
}

/**
 * Starts one fetch batch for files by GUID: of files on the endpoints, and of files in their vaults, by the GUID that each
 * had or by its own as a quarantined file. Those stay in the vault. Atomic: after any fault nothing runs.
 * @throws Fault `limit_exceeded` for more files than one batch may hold.
 * @throws Fault `evidence_unavailable` when the files would have nowhere to go.
 * @throws Fault `no_target` when none of the GUIDs is known.
 * @throws Fault `timeout` when the store did not answer in time.
 */
export async function startFetch(
  ports: Pick<Ports, 'store' | 'blobs' | 'clock' | 'random' | 'policy' | 'doorbell'>,
  request: StartFetch,
): Promise<StartedFetch> {
  const asked = new Map(request.guids.map((text) => [parseGuid(text) ?? text, text]));
  demandBatchLimit(asked.size, ports.policy.batchLimit);
  await demandEvidenceStorage(ports);
  const wanted = [...asked.keys()].map((key) => parseGuid(key)).filter((guid) => guid !== undefined);
  const started = await ports.store.transact(async (transaction) => {
    const found = await sourcesOf(transaction, wanted);
    if (found.size === 0) {
      throw new Fault('no_target', 'None of the element GUIDs is a file that an endpoint has reported.');
    }
    const targets = targetsOf(found);
    const action = await openAction(ports, transaction, { origin: request.origin, targets });
    const known = new Set<string>(found.keys());
    const unknown = [...asked].filter(([key]) => !known.has(key)).map(([, text]) => text);
    return { action, unknown, endpoints: targets.map((target) => target.endpointId) };
  });
  ports.doorbell.ring(started.endpoints);
  return { action: started.action, unknown: started.unknown };
}

function demandBatchLimit(asked: number, limit: number): void {
  if (asked > limit) {
    throw new Fault('limit_exceeded', `One batch holds at most ${limit} files; ${asked} were asked for.`, {
      details: { limit, asked },
    });
  }
}

/** One task per endpoint, with all its files; one that was named by both of its GUIDs is fetched once. */
function targetsOf(sources: ReadonlyMap<Guid, FetchSource>): readonly Target[] {
  const each = new Map([...sources.values()].map((source) => [source.key, source]));
  const byEndpoint = Map.groupBy(each.values(), (source) => source.endpointId);
  return [...byEndpoint].map(([endpointId, group]) => ({
    endpointId,
    parameters: { verb: 'fetch', files: group.map((source) => source.file) },
  }));
}
