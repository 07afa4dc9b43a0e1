import type { Endpoint } from '#core/endpoint/endpoint.ts';
import type { FileRecord } from '#core/file/file.ts';
import { fileGuid, fileHashGuid, userGuid } from '#core/file/guid.ts';
import type { ProcessObservation } from '#core/incident/incident.ts';
import type { ListKind } from '#core/list/listed-hash.ts';
import { dotted, type Element, type ElementReference, nonEmpty, referenceTo, type SimpleFeatures } from './element.ts';
import { imageFeatures } from './file-element.ts';

/** What is known of a process beside its observation. */
export interface ProcessContext {
  readonly endpoint: Endpoint;
  /** The element of the endpoint. */
  readonly machine: Element;
  /** Left out where nobody looked. */
  readonly known?: ProcessFacts;
}

export interface ProcessFacts {
  /** Its program's file, where an agent has reported one. */
  readonly image: FileRecord | undefined;
  /** The list that one of that file's hashes is on. */
  readonly imageList: ListKind | undefined;
  readonly imageHasMalops: boolean;
  readonly hasMalops: boolean;
}

export function processReference(
  { guid, name }: Pick<ProcessObservation, 'guid' | 'name'>,
  hasMalops = false,
): ElementReference {
  return { elementType: 'Process', guid, name, hasMalops };
}

/** A program that an incident names, as a Process element; its image file leads on to a File element, whatever is there now. */
export function processElement(process: ProcessObservation, { endpoint, machine, known }: ProcessContext): Element {
  const image = known?.image;
  const imageFile: ElementReference = {
    elementType: 'File',
    guid: fileGuid(endpoint.number, process.path),
    name: process.name,
    hasMalops: known?.imageHasMalops ?? false,
  };
  const { userName } = process;
  const users: readonly ElementReference[] =
    userName === null ? [] : [{ elementType: 'User', guid: userGuid(userName), name: userName }];
  const self = processReference(process, known?.hasMalops);
  const program = image !== undefined && isProgramOf(image, process) ? image : undefined;
  return {
    ...self,
    simple: {
      ...simpleFeatures(process),
      ...(program === undefined ? {} : { imageFileHash: program.sha1 }),
      ...(known === undefined ? {} : { hasMalops: String(known.hasMalops) }),
      ...(image === undefined ? {} : imageFeatures(image, { endpoint, list: known?.imageList })),
      ...dotted('ownerMachine', machine.simple),
    },
    references: nonEmpty({
      self: [self],
      imageFile: [imageFile],
      ownerMachine: [referenceTo(machine)],
      user: users,
      // One client asks for it by this name.
      calculatedUser: users,
    }),
    groupedBy: {
      kind: 'ImageFileHashRuntime',
      guid: program === undefined ? process.guid : fileHashGuid(program.sha1),
    },
  };
}

/** A file with other bytes than the program had has taken its place: its hash is not the program's. */
function isProgramOf({ sha256 }: FileRecord, process: ProcessObservation): boolean {
  return process.sha256 === null || process.sha256 === sha256;
}

function simpleFeatures(process: ProcessObservation): SimpleFeatures {
  const { name, pid, commandLine, startedAt, endedAt, sha256 } = process;
  return {
    elementDisplayName: name,
    // Two clients ask for the one, a third for the other.
    ...(pid === null ? {} : { pid: String(pid), applicablePid: String(pid) }),
    ...(commandLine === null ? {} : { commandLine }),
    ...(startedAt === null ? {} : { creationTime: String(startedAt) }),
    ...(endedAt === null ? {} : { endTime: String(endedAt) }),
    ...(sha256 === null ? {} : { sha256String: sha256 }),
  };
}
