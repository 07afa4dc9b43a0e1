import { type BuiltInRole, nearestBuiltIn, type Role } from '#core/access/role.ts';

/**
 * What the vendor calls somebody who may do what each role may. Its L1 analysts look, its L2 analysts investigate, and its L3
 * analysts remediate as well; files are searched for on endpoints and fetched from them by its responders.
 */
export const vendorRoles: Record<BuiltInRole, readonly string[]> = {
  'Instance Administrator': ['System Admin', 'User Admin', 'Analyst L3', 'Responder L2'],
  'Privileged Responder': ['Sensor Admin L1', 'Analyst L3', 'Responder L2'],
  Responder: ['Analyst L3', 'Responder L1'],
  'Privileged Investigator': ['System Viewer', 'Analyst L2', 'Responder L1'],
  Investigator: ['Analyst L2', 'Responder L1'],
  Viewer: ['Analyst L1', 'Sensor Viewer'],
};

/** The vendor's names are a closed list: of a custom role those of the widest built-in one that it includes, or none. */
export function vendorRolesOf(role: Role): readonly string[] {
  const nearest = nearestBuiltIn(role);
  return nearest === undefined ? [] : vendorRoles[nearest];
}
