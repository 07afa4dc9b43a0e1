import type { Endpoint } from '#core/endpoint/endpoint.ts';
import { fileName } from '#core/file/file-path.ts';
import type { QuarantineRecord } from '#core/file/quarantine-record.ts';
import type { Milliseconds } from '#core/time.ts';
import type { Element, ElementReference } from './element.ts';
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
      ...Object.fromEntries(
        Object.entries(machine?.simple ?? {}).map(([feature, value]) => [`ownerMachine.${feature}`, value]),
      ),
    },
    references: {
      self,
      quarantineFile: self,
      ...(machine !== undefined && {
        ownerMachine: { elementType: machine.elementType, guid: machine.guid, name: machine.name },
      }),
    },
    groupedBy: `QuarantineFileRuntime:${record.guid} `,
  };
}
