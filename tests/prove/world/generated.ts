import fc from 'fast-check';

/** One generated file: everything that a restore must bring back. */
export interface GeneratedFile {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly accessedNs: bigint;
  readonly modifiedNs: bigint;
  readonly attributes: readonly { readonly name: string; readonly value: Uint8Array }[];
  /** Entries for setfacl. */
  readonly acl: readonly string[];
  /** Letters for chattr; the file system takes those that it knows. */
  readonly flags: string;
  readonly size: number;
  /** Where data stands in the file; the rest is holes. */
  readonly pieces: readonly { readonly at: number; readonly bytes: Uint8Array }[];
}

const id = fc.oneof(fc.constantFrom(0, 1, 1_000, 65_534, 2 ** 31, 2 ** 32 - 2), fc.nat(100_000));
/** From 1902 to 2242: what every file system here can hold. */
const time = fc.bigInt({ min: -(2n ** 31n) * 1_000_000_000n + 1n, max: 2n ** 33n * 1_000_000_000n });
const attributeName = fc
  .tuple(fc.constantFrom('user.', 'trusted.', 'security.custody-'), fc.stringMatching(/^[a-zA-Z0-9._=-]{1,30}$/))
  .map((parts) => parts.join(''));
const attribute = fc.record({ name: attributeName, value: fc.uint8Array({ maxLength: 300 }) });

/** `struct vfs_cap_data`, version 2: the effective bit, then permitted and inheritable, low words first. */
const capability = fc
  .record({ effective: fc.boolean(), permitted: fc.nat(0xffffffff), inheritable: fc.nat(0xffffffff) })
  .map(({ effective, permitted, inheritable }) => {
    const words = [0x02000000 + (effective ? 1 : 0), permitted >>> 0, inheritable >>> 0, 0, 0];
    return { name: 'security.capability', value: new Uint8Array(new Uint32Array(words).buffer) };
  });

const permissions = fc.constantFrom('---', 'r--', '-w-', '--x', 'rw-', 'r-x', 'rwx');
const aclEntry = fc
  .tuple(fc.constantFrom('u', 'g'), fc.nat(70_000), permissions)
  .map(([who, number, allowed]) => `${who}:${number}:${allowed}`);

const piece = fc.record({ at: fc.nat(2_000_000), bytes: fc.uint8Array({ minLength: 1, maxLength: 9_000 }) });

export const generatedFile: fc.Arbitrary<GeneratedFile> = fc
  .record({
    mode: fc.nat(0o7777),
    uid: id,
    gid: id,
    accessedNs: time,
    modifiedNs: time,
    attributes: fc.uniqueArray(attribute, { maxLength: 4, selector: ({ name }) => name }),
    capability: fc.option(capability, { nil: undefined }),
    acl: fc.uniqueArray(aclEntry, { maxLength: 3, selector: (entry) => entry.slice(0, entry.lastIndexOf(':')) }),
    flags: fc.subarray(['A', 'd', 'S']).map((letters) => letters.join('')),
    hole: fc.nat(1_500_000),
    pieces: fc.array(piece, { maxLength: 4 }),
  })
  .map(({ capability: held, attributes, hole, pieces, ...rest }) => ({
    ...rest,
    pieces,
    attributes: held === undefined ? attributes : [...attributes, held],
    size: Math.max(hole, ...pieces.map(({ at, bytes }) => at + bytes.length)),
  }));

const slash = 0x2f;
const odd = [
  '-rf',
  ' ',
  '\n',
  '\t',
  '*',
  '~',
  '...',
  '.hidden',
  'a\\x2fb',
  '\u202egpj.exe',
  'e\u0301',
  '\u00e9',
  "'; rm -rf ~; '",
  '$(reboot)',
  '%s%n',
  'CON',
].map((text) => new Uint8Array(Buffer.from(text)));

/** Any name that a directory can hold. */
export const generatedName: fc.Arbitrary<Uint8Array> = fc
  .oneof(
    fc.uint8Array({ min: 1, minLength: 1, maxLength: 255 }),
    fc.uint8Array({ min: 1, minLength: 255, maxLength: 255 }),
    fc.uint8Array({ min: 0x80, minLength: 1, maxLength: 40 }),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }).map((text) => new Uint8Array(Buffer.from(text))),
    fc.constantFrom(...odd),
  )
  .map((name) => name.filter((byte) => byte !== slash && byte !== 0))
  .filter(
    (name) => name.length > 0 && name.length <= 255 && !['.', '..'].includes(Buffer.from(name).toString('latin1')),
  );
