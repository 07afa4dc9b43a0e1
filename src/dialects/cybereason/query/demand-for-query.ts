import type { Permission } from '#core/access/permission.ts';
import { demandPermission, type Principal } from '#core/access/principal.ts';
import { type ElementType, isElementType } from './element-types.ts';
import type { Query } from './query-request.ts';

/** What one must be allowed to read to see elements of a type; programs are known from incidents alone. */
const permissions: Record<ElementType, Permission> = {
  File: 'files.read',
  QuarantineFile: 'files.read',
  Machine: 'endpoints.read',
  User: 'endpoints.read',
  Process: 'incidents.read',
  MalopProcess: 'incidents.read',
};

/** Whichever call a query comes by, it shows only what its user may read. @throws Fault `permission_denied` */
export function demandForQuery(principal: Principal, { path }: Pick<Query, 'path'>): void {
  for (const { requestedType } of path) {
    if (isElementType(requestedType)) {
      demandPermission(principal, permissions[requestedType]);
    }
  }
}
