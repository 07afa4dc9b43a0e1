/** What can be looked for. */
export const sourceNames = ['files', 'endpoints', 'processes', 'incidents'] as const;

export type SourceName = (typeof sourceNames)[number];
