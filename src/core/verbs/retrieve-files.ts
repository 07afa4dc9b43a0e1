import type { Action } from '../action/action.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import type { Platform } from '../endpoint/platform.ts';
import type { FilePath } from '../file/file-path.ts';
import type { Ports } from '../ports/ports.ts';
import { demandEvidenceStorage } from './demand-evidence-storage.ts';
import { type Origin, openAction, type Target } from './open-action.ts';

export interface RetrieveFiles {
  readonly origin: Origin;
  readonly endpointIds: readonly EndpointId[];
  /** All paths of a platform go to all chosen endpoints of that platform. */
  readonly paths: Readonly<Partial<Record<Platform, readonly FilePath[]>>>;
}

/**
 * Starts a fetch by path; the endpoints keep the order in which they were named, and unknown ones are left out.
 * @throws Fault `no_target` when no known endpoint has a platform with paths.
 * @throws Fault `evidence_unavailable`, `timeout`
 */
export async function retrieveFiles(
  ports: Pick<Ports, 'store' | 'blobs' | 'clock' | 'random' | 'policy' | 'doorbell'>,
  request: RetrieveFiles,
): Promise<Action> {
  await demandEvidenceStorage(ports);
  const asked = [...new Set(request.endpointIds)];
  const { action, targets } = await ports.store.transact(async (transaction) => {
    const known = await transaction.endpoints.targetsAmong(asked);
    const platforms = new Map(known.map((endpoint) => [endpoint.id, endpoint.platform]));
    const chosen = asked.flatMap((id): Target[] => {
      const platform = platforms.get(id);
      const paths = platform === undefined ? [] : (request.paths[platform] ?? []);
      return paths.length === 0
        ? []
        : [{ endpointId: id, parameters: { verb: 'fetch', files: paths.map((path) => ({ path })) } }];
    });
    return {
      action: await openAction(ports, transaction, { origin: request.origin, targets: chosen }),
      targets: chosen,
    };
  });
  ports.doorbell.ring(targets.map((target) => target.endpointId));
  return action;
}
