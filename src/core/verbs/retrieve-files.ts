import type { Action } from '../action/action.ts';
import type { FetchParameters } from '../action/verb.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import type { Platform } from '../endpoint/platform.ts';
import type { FilePath } from '../file/file-path.ts';
import { fileGuid, type Guid } from '../file/guid.ts';
import type { Sha256 } from '../file/hash.ts';
import type { Ports } from '../ports/ports.ts';
import type { OrderTarget } from '../ports/store/endpoints.ts';
import type { Reader } from '../ports/store/store.ts';
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
    const chosen = await targetsOf(transaction, asked, request.paths);
    return {
      action: await openAction(ports, transaction, { origin: request.origin, targets: chosen }),
      targets: chosen,
    };
  });
  ports.doorbell.ring(targets.map((target) => target.endpointId));
  return action;
}

async function targetsOf(
  reader: Pick<Reader, 'endpoints' | 'files'>,
  asked: readonly EndpointId[],
  paths: RetrieveFiles['paths'],
): Promise<readonly Target[]> {
  const known = new Map((await reader.endpoints.targetsAmong(asked)).map((endpoint) => [endpoint.id, endpoint]));
  const places = asked.flatMap((id) => placesOn(known.get(id), paths));
  const guids = places.flatMap((place) => place.files.map(({ guid }) => guid));
  const indexed = new Map((await reader.files.byGuids(guids)).map((file) => [file.guid, file.sha256]));
  const shared = new Map<string, FetchParameters>();
  return places.map(({ endpointId, platform, files }) => {
    const hashes = files.map(({ guid }) => indexed.get(guid) ?? null);
    // Endpoints of which the same is known share one object, so that a wide fan-out is written out once.
    const key = [platform, ...hashes].join();
    const parameters = shared.get(key) ?? parametersOf(files, hashes);
    shared.set(key, parameters);
    return { endpointId, parameters };
  });
}

interface Place {
  readonly endpointId: EndpointId;
  readonly platform: Platform;
  readonly files: readonly { readonly path: FilePath; readonly guid: Guid }[];
}

function placesOn(endpoint: OrderTarget | undefined, paths: RetrieveFiles['paths']): readonly Place[] {
  const files = endpoint === undefined ? [] : (paths[endpoint.platform] ?? []);
  if (endpoint === undefined || files.length === 0) {
    return [];
  }
  const { id, number, platform } = endpoint;
  return [{ endpointId: id, platform, files: files.map((path) => ({ path, guid: fileGuid(number, path) })) }];
}

function parametersOf(files: Place['files'], hashes: readonly (Sha256 | null)[]): FetchParameters {
  return {
    verb: 'fetch',
    files: files.map(({ path }, index) => ({ path, vaultObject: null, indexedSha256: hashes[index] ?? null })),
  };
}
