import type { Remedy } from '#core/remediation/remediation.ts';

/** The vendor's action types that are about files. Every other one, known to the vendor or not, fails row by row. */
export const actionTypes: Record<Remedy, string> = {
  quarantine: 'QUARANTINE_FILE',
  restore: 'UNQUARANTINE_FILE',
  block: 'BLOCK_FILE',
};

/** Null for what Custody does not do. */
export function remedyOf(actionType: string): Remedy | null {
  switch (actionType.trim().toUpperCase()) {
    case actionTypes.quarantine:
      return 'quarantine';
    case actionTypes.restore:
      return 'restore';
    case actionTypes.block:
      return 'block';
    default:
      return null;
  }
}
