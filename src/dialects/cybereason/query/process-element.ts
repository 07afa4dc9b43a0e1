import type { Endpoint } from '#core/endpoint/endpoint.ts';
import type { FileRecord } from '#core/file/file.ts';
import { fileGuid, fileHashGuid, userGuid } from '#core/file/guid.ts';
import type { ProcessObservation } from '#core/incident/incident.ts';
import type { Milliseconds } from '#core/time.ts';
import { dotted, type Element, type ElementReference, nonEmpty, referenceTo, type SimpleFeatures } from './element.ts';
import { imageFeatures } from './file-element.ts';
import { machineElement } from './machine-element.ts';

/** What is known of a process beside its observation. */
export interface ProcessContext {
  readonly endpoint: Endpoint;
  /** Its program's file, where an agent has reported one. */
  readonly image: FileRecord | undefined;
  readonly hasMalops: boolean;
}

export function processReference({ guid, name }: Pick<ProcessObservation, 'guid' | 'name'>): ElementReference {
  return { elementType: 'Process', guid, name };
}

/** A program that an incident names, as a Process element; its image file leads on to a File element, whatever is there now. */
export function processElement(process: ProcessObservation, context: ProcessContext, now: Milliseconds): Element {
  const { endpoint, image, hasMalops } = context;
  const machine = machineElement(endpoint, now);
  const guid = fileGuid(endpoint.number, process.path);
  const imageFile: ElementReference = { elementType: 'File', guid, name: process.name };
  const { userName } = process;
  const users: readonly ElementReference[] =
    userName === null ? [] : [{ elementType: 'User', guid: userGuid(userName), name: userName }];
  const self = { ...processReference(process), hasMalops };
  return {
    ...self,
    simple: {
      ...simpleFeatures(process, image),
      hasMalops: String(hasMalops),
      ...(image === undefined ? {} : imageFeatures(image, endpoint)),
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
      guid: image === undefined ? process.guid : fileHashGuid(image.sha1),
    },
  };
}

function simpleFeatures(process: ProcessObservation, image: FileRecord | undefined): SimpleFeatures {
  const { name, pid, commandLine, startedAt, endedAt, sha256 } = process;
  return {
    elementDisplayName: name,
    ...(pid === null ? {} : { pid: String(pid) }),
    ...(commandLine === null ? {} : { commandLine }),
    ...(startedAt === null ? {} : { creationTime: String(startedAt) }),
    ...(endedAt === null ? {} : { endTime: String(endedAt) }),
    ...(sha256 === null ? {} : { sha256String: sha256 }),
    ...(image === undefined ? {} : { imageFileHash: image.sha1 }),
  };
}
