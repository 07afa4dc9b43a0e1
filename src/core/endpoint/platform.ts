export const platforms = ['linux', 'macos', 'windows'] as const;

export type Platform = (typeof platforms)[number];
