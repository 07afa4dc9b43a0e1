/**
 * Whether a directory can be opened and flushed by `node:fs`, so that what was made, renamed and removed in it is durable.
 * Not on Windows: there the file system's own log orders renames, and a power cut may take the last of them back. What is
 * begun again then is a fetch or a scan, for the agent takes no files there.
 */
export const directoriesSync = process.platform !== 'win32';
