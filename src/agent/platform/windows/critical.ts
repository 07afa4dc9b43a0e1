/** The system, and what starts it. */
const places = /^[A-Z]:\\(Windows|Boot|EFI|Recovery|\$Extend)(\\|$)/iu;
const files = /^[A-Z]:\\(bootmgr|BOOTNXT|BOOTSECT\.BAK|pagefile\.sys|hiberfil\.sys|swapfile\.sys|\$[A-Za-z]+)$/iu;

/**
 * Boot files, kernel and system libraries, by where they are: without them the machine cannot be repaired from the console
 * (promise P14). Wide on purpose: all of the Windows directory.
 */
export function isSystemPath(path: string): boolean {
  return places.test(path) || files.test(path);
}
