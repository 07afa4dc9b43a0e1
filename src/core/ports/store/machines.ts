import type { EndpointId } from '../../endpoint/endpoint-id.ts';
import type { KnownMachine, MachineCopy } from '../../endpoint/machine.ts';

/** A welcome's number that an agent has on disk. */
export interface KeptGeneration {
  readonly endpointId: EndpointId;
  readonly generation: number;
}

/** On which machines endpoints are, and which others came with their keys. */
export interface MachineReader {
  byEndpoint(id: EndpointId): Promise<KnownMachine | undefined>;
  /** By endpoint, then by when they were first seen. Any number of ids. */
  copiesOf(ids: readonly EndpointId[]): Promise<readonly MachineCopy[]>;
}

export interface MachineWriter extends MachineReader {
  /** Puts it in the place of what was known of the endpoint's machine. */
  put(machine: KnownMachine): Promise<void>;
  /** Guarded: only where that number is still the last that was given. */
  keepGenerations(kept: readonly KeptGeneration[]): Promise<void>;
  /** Puts a copy in the place of the one with its id. */
  putCopy(copy: MachineCopy): Promise<void>;
  forgetCopies(id: EndpointId): Promise<void>;
}
