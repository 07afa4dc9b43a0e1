import type { Role } from '#core/access/role.ts';

/**
 * What the vendor calls somebody who may do what each role may. File downloads are for its L3 analysts and responders: those who
 * only read are its L2 analysts, and get 403 there.
 */
export const vendorRoles: Record<Role, readonly string[]> = {
  'Instance Administrator': ['System Admin', 'User Admin', 'Analyst L3', 'Responder L2'],
  'Privileged Responder': ['Sensor Admin L1', 'Analyst L3', 'Responder L2'],
  Responder: ['Analyst L3', 'Responder L1'],
  'Privileged Investigator': ['System Viewer', 'Analyst L3'],
  Investigator: ['Analyst L3'],
  Viewer: ['Analyst L2', 'Sensor Viewer'],
};
