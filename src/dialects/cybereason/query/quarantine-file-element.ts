import type { Endpoint } from '#core/endpoint/endpoint.ts';
import { fileName } from '#core/file/file-path.ts';
import type { QuarantineRecord } from '#core/file/quarantine-record.ts';
import type { Milliseconds } from '#core/time.ts';
import { dotted, type Element, type ElementReference, nonEmpty, referenceTo } from './element.ts';
import { machineElement } from './machine-element.ts';

/**
 * A file in a vault as a QuarantineFile element. Clients take its GUID from the feature `quarantineFile`; by that GUID it
 * can be fetched, and it is another than the GUID that the file had.
 */
export function quarantineFileElement(
  record: QuarantineRecord,
  endpoint: Endpoint | undefined,
  now: Milliseconds,
): Element {
  const self: ElementReference = { elementType: 'QuarantineFile', guid: record.guid, name: fileName(record.path) };
  const machine = endpoint === undefined ? undefined : machineElement(endpoint, now);
  const path = record.displayPath;
  return {
    ...self,
    simple: {
      elementDisplayName: self.name,
      sha256String: record.sha256,
      size: String(record.size),
      correctedPath: endpoint?.platform === 'windows' ? path.toLowerCase() : path,
      canonizedPath: path,
      path,
      ...dotted('ownerMachine', machine?.simple ?? {}),
    },
    references: nonEmpty({
      self: [self],
      quarantineFile: [self],
      ownerMachine: machine === undefined ? [] : [referenceTo(machine)],
    }),
    groupedBy: { kind: 'QuarantineFileRuntime', guid: record.guid },
  };
}
