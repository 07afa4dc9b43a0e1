import type { SearchPattern, TaskParameters } from '../action/verb.ts';
import type { Json, NewEvent } from '../custody/event.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import { displayPath, type FilePath } from '../file/file-path.ts';

/** What one event names of each kind at most; how many there are stands beside. */
export const mostTold = 20;
/** In characters: an event is read by people, and the whole path is in its task. */
const longestPathTold = 1_000;

export interface ToldTarget {
  readonly endpointId: EndpointId;
  readonly parameters: TaskParameters;
}

/** Which endpoints and files an event is about: the first of each, and how many there are. */
export function toldTargets(targets: readonly ToldTarget[]): NewEvent['facts'] {
  const endpointIds = [...new Set(targets.map(({ endpointId }) => endpointId))];
  const filesCount = targets.reduce((sum, { parameters }) => sum + countOf(parameters), 0);
  const files = targets.slice(0, mostTold).flatMap(filesOf).slice(0, mostTold);
  const [first] = targets;
  return {
    ...toldEndpoints(endpointIds),
    ...(filesCount > 0 && { files, filesCount }),
    ...(first?.parameters.verb === 'search' && { pattern: shownPattern(first.parameters.pattern) }),
  };
}

export function toldEndpoints(endpointIds: readonly EndpointId[]): NewEvent['facts'] {
  return { endpointIds: endpointIds.slice(0, mostTold), endpointsCount: endpointIds.length };
}

function countOf(parameters: TaskParameters): number {
  if (parameters.verb === 'fetch') {
    return parameters.files.length;
  }
  if (parameters.verb === 'restore_objects') {
    return parameters.objects.length;
  }
  if (parameters.verb === 'purge') {
    return Array.isArray(parameters.vaultObject) ? parameters.vaultObject.length : 1;
  }
  return parameters.verb === 'quarantine' || parameters.verb === 'restore' ? 1 : 0;
}

function filesOf({ endpointId, parameters }: ToldTarget): readonly Json[] {
  switch (parameters.verb) {
    case 'fetch':
      return parameters.files.slice(0, mostTold).map(({ path, indexedSha256, vaultObject }) => ({
        endpointId,
        path: shown(path),
        sha256: indexedSha256,
        vaultObject,
      }));
    case 'quarantine':
      return [{ endpointId, path: shown(parameters.path), sha256: parameters.sha256, vaultObject: null }];
    case 'restore':
      return [
        {
          endpointId,
          path: shown(parameters.to),
          sha256: parameters.sha256,
          vaultObject: parameters.vaultObject,
        },
      ];
    case 'restore_objects':
      return parameters.objects.slice(0, mostTold).map(({ vaultObject, to }) => ({
        endpointId,
        path: shown(to),
        sha256: parameters.sha256,
        vaultObject,
      }));
    case 'purge':
      return [parameters.vaultObject]
        .flat()
        .slice(0, mostTold)
        .map((vaultObject) => ({ endpointId, path: null, sha256: parameters.sha256, vaultObject }));
    case 'undo':
    case 'plan':
    case 'search':
    case 'logs':
    case 'scan':
      return [];
  }
}

function shownPattern(pattern: SearchPattern): Json {
  return pattern.by === 'path' ? { by: 'path', path: shown(pattern.path) } : pattern;
}

function shown(path: FilePath | null): string | null {
  const text = path === null ? null : displayPath(path);
  return text !== null && text.length > longestPathTold ? `${text.slice(0, longestPathTold).toWellFormed()}…` : text;
}
