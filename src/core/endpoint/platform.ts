export const platforms = ['linux', 'macos', 'windows'] as const;

export type Platform = (typeof platforms)[number];

/** Whether agents take files into a vault, and give them back: where that was not shown to be safe they answer `unsupported`. */
export const takesFiles: Readonly<Record<Platform, boolean>> = { linux: true, macos: false, windows: false };
