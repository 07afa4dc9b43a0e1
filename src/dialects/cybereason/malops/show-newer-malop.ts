import { pylumId } from '../pylum-id.ts';
import { decision } from '../query/malop-element.ts';
import {
  detectionType,
  rootCauseHashes,
  type Showing,
  type ShownIncident,
  showMachine,
  showMalop,
} from './show-malop.ts';

/** A MalOp as the newer list has it: the inbox's fields, some of them in another shape, and those that only this list's clients read. */
export function showNewerMalop(whole: ShownIncident, showing: Showing): object {
  return {
    ...showMalop(whole, showing),
    rootCauseElementHashes: rootCauseHashes(whole),
    machines: whole.machines.map((machine) => ({ ...showMachine(machine, showing), pylumId: pylumId(machine) })),
    detectionType,
    decisionFeatures: [decision],
    groups: [],
    iocs: [],
    mitreTactics: [],
    mitreTechniques: [],
    mitreSubTechniques: [],
    metadataUpdateTime: null,
  };
}
