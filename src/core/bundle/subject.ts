import type { ActionId } from '../action/action-id.ts';
import type { Guid } from '../file/guid.ts';

/** What a bundle is about. An incident is named by its id or GUID. */
export type BundleSubject =
  | { readonly kind: 'action'; readonly id: ActionId }
  | { readonly kind: 'incident'; readonly id: string }
  | { readonly kind: 'file'; readonly id: Guid };

export const bundleSubjectKinds = ['action', 'incident', 'file'] as const satisfies readonly BundleSubject['kind'][];
