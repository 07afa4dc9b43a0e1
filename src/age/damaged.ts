/**
 * An object that is not what was sealed: changed, cut short, added to, or locked to other keys. Never an input/output
 * error, which keeps the system's own code.
 */
export class DamagedObject extends Error {
  override readonly name = 'DamagedObject';
}
