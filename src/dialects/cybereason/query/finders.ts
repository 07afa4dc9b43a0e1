import type { ElementType } from './element-types.ts';
import { findFiles } from './find-files.ts';
import { findMachines } from './find-machines.ts';
import { findMalops } from './find-malops.ts';
import { findProcesses } from './find-processes.ts';
import { findQuarantineFiles } from './find-quarantine-files.ts';
import { findUsers } from './find-users.ts';
import type { Finder } from './search.ts';

/** How the elements of each type are found. */
export const finders: Record<ElementType, Finder> = {
  File: findFiles,
  QuarantineFile: findQuarantineFiles,
  Machine: findMachines,
  Process: findProcesses,
  MalopProcess: findMalops,
  User: findUsers,
};
