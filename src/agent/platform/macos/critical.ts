/** The sealed system, what starts it, and the loader. */
const places = /^\/(System|bin|sbin|usr\/(bin|lib|libexec|sbin)|private\/var\/db\/dyld|Library\/Apple)(\/|$)/;

/** What the machine cannot be repaired from the console without (promise P14); most of it is sealed besides. */
export function isSystemPath(path: string): boolean {
  return places.test(path) && !path.startsWith('/System/Volumes/Data/');
}
