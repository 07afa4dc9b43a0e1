import { Fault } from '#core/fault.ts';
import { isElementType } from './features.ts';
import type { Query, QueryElement } from './query-request.ts';

/** What a query path comes down to. */
export type Chain =
  | { readonly result: 'File'; readonly file: QueryElement; readonly machine: QueryElement | undefined }
  | { readonly result: 'QuarantineFile'; readonly file: QueryElement }
  | { readonly result: 'Machine'; readonly machine: QueryElement; readonly file: QueryElement | undefined }
  /** A chain through a type that has no elements here, or not in chains. */
  | { readonly result: 'none'; readonly requestedType: string };

/**
 * Reads the path: File, QuarantineFile or Machine alone, or File and Machine joined by `ownerMachine`, in either direction. The result is the
 * right-most element that is marked so, or the right-most of all.
 * @throws Fault `invalid_request` for a chain that joins them otherwise.
 */
export function readChain(path: Query['path']): Chain {
  const marked = path.findLast((element) => element.isResult) ?? path.at(-1) ?? path[0];
  if (path.length === 1 && marked.requestedType === 'QuarantineFile') {
    return { result: 'QuarantineFile', file: marked };
  }
  if (path.some(({ requestedType }) => !isElementType(requestedType) || requestedType === 'QuarantineFile')) {
    return { result: 'none', requestedType: marked.requestedType };
  }
  const [first, second] = path;
  const file = path.find((element) => element.requestedType === 'File');
  const machine = path.find((element) => element.requestedType === 'Machine');
  if (path.length > 2 || (second !== undefined && (file === undefined || machine === undefined))) {
    throw unsupported('A chain of File and Machine elements holds each of them once at most.');
  }
  // On a single element some clients send a link that leads nowhere.
  if (second !== undefined && first.connectedBy !== undefined && first.connectedBy !== 'ownerMachine') {
    throw unsupported('File and Machine elements are connected by the feature ownerMachine.');
  }
  if (marked.requestedType === 'File') {
    return { result: 'File', file: marked, machine };
  }
  return { result: 'Machine', machine: marked, file };
}

function unsupported(message: string): Fault {
  return new Fault('invalid_request', message, { details: { field: 'queryPath' } });
}
