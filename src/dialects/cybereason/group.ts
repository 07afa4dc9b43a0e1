/** The one group of sensors that there is: the vendor's own id of those that are in no group. */
export const unassignedGroup = { id: '00000000-0000-0000-0000-000000000000', name: 'Unassigned' } as const;
