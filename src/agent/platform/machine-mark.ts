import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { MachineMark } from '#core/endpoint/machine.ts';
import { platformName } from './system-name.ts';

/**
 * Where this agent is, as digests: machine-id(5) asks that the id itself leave the machine nowhere. What a virtual machine gets
 * anew when it is copied is the hardware's id, and what an installation gets anew is the system's. Elsewhere than on Linux neither is
 * asked, and a copy is known by the numbers of its welcomes.
 */
export function machineMark(): MachineMark {
  if (platformName() !== 'linux') {
    return { system: null, hardware: null };
  }
  return {
    system: digestOf('system', '/etc/machine-id'),
    hardware: digestOf('hardware', '/sys/class/dmi/id/product_uuid'),
  };
}

/** Null where there is no such file, or it says nothing, or only root may read it. */
function digestOf(kind: 'system' | 'hardware', file: string): string | null {
  const id = readId(file).trim().toLowerCase();
  return isTelling(id) ? createHash('sha256').update(`custody-machine-v1\n${kind}\n${id}`).digest('hex') : null;
}

function readId(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Boards without an id of their own say all zeros, or all ones; a system that was never started says "uninitialized". */
function isTelling(id: string): boolean {
  const digits = id.replaceAll('-', '');
  return /^[0-9a-f]{32}$/.test(digits) && new Set(digits).size > 2;
}
