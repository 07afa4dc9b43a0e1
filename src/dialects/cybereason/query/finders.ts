import type { Guid } from '#core/file/guid.ts';
import type { ElementType } from './element-types.ts';
import { findFiles, machinesOfFiles } from './find-files.ts';
import { findMachines } from './find-machines.ts';
import { findMalops } from './find-malops.ts';
import { findProcesses } from './find-processes.ts';
import { findQuarantineFiles } from './find-quarantine-files.ts';
import { findUsers } from './find-users.ts';
import type { Finder, Search, Sought } from './search.ts';

/** How the elements of each type are found. */
export const finders: Record<ElementType, Finder> = {
  File: findFiles,
  QuarantineFile: findQuarantineFiles,
  Machine: findMachines,
  Process: findProcesses,
  MalopProcess: findMalops,
  User: findUsers,
};

/** @returns undefined where the elements have to be looked at one by one. */
type Shortcut = (search: Search, sought: Sought) => Promise<ReadonlySet<Guid> | undefined>;

/** Features of which the store can say where they lead without naming the elements that lead there. */
const shortcuts: Partial<Record<ElementType, Readonly<Record<string, Shortcut>>>> = {
  File: { ownerMachine: machinesOfFiles },
};

export function shortcutOf(type: ElementType, feature: string): Shortcut | undefined {
  const known = shortcuts[type] ?? {};
  return Object.hasOwn(known, feature) ? known[feature] : undefined;
}
