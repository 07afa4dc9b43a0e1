import { fromUtf16 } from './object-attributes.ts';

/** FILE_BASIC_INFORMATION (wdm.h): four FILETIMEs and the attributes. */
export interface BasicInformation {
  readonly created: bigint;
  readonly accessed: bigint;
  readonly written: bigint;
  readonly changed: bigint;
  readonly attributes: number;
}

export const basicBytes = 40;

export function readBasic(bytes: Uint8Array): BasicInformation {
  const view = viewOf(bytes);
  return {
    created: view.getBigInt64(0, true),
    accessed: view.getBigInt64(8, true),
    written: view.getBigInt64(16, true),
    changed: view.getBigInt64(24, true),
    attributes: view.getUint32(32, true),
  };
}

/** To be set; what is left out stays as it is, which NT reads from a zero. */
export function writeBasic(basic: Partial<BasicInformation>): Uint8Array {
  const bytes = new Uint8Array(basicBytes);
  const view = viewOf(bytes);
  view.setBigInt64(0, basic.created ?? 0n, true);
  view.setBigInt64(8, basic.accessed ?? 0n, true);
  view.setBigInt64(16, basic.written ?? 0n, true);
  view.setBigInt64(24, basic.changed ?? 0n, true);
  view.setUint32(32, basic.attributes ?? 0, true);
  return bytes;
}

/** FILE_STANDARD_INFORMATION (wdm.h). */
export interface StandardInformation {
  readonly allocated: bigint;
  readonly size: bigint;
  readonly links: number;
  readonly deletePending: boolean;
  readonly directory: boolean;
}

export const standardBytes = 24;

export function readStandard(bytes: Uint8Array): StandardInformation {
  const view = viewOf(bytes);
  return {
    allocated: view.getBigInt64(0, true),
    size: view.getBigInt64(8, true),
    links: view.getUint32(16, true),
    deletePending: view.getUint8(20) !== 0,
    directory: view.getUint8(21) !== 0,
  };
}

/** FILE_ID_INFORMATION (ntifs.h): 64 bits for the volume and 128 for the file, which ReFS uses all of. */
export interface FileId {
  readonly volume: bigint;
  readonly file: bigint;
}

export const idBytes = 24;

export function readId(bytes: Uint8Array): FileId {
  const view = viewOf(bytes);
  return {
    volume: view.getBigUint64(0, true),
    file: view.getBigUint64(8, true) | (view.getBigUint64(16, true) << 64n),
  };
}

/** FILE_ATTRIBUTE_TAG_INFORMATION (ntifs.h). */
export interface AttributeTag {
  readonly attributes: number;
  readonly tag: number;
}

export const attributeTagBytes = 8;

export function readAttributeTag(bytes: Uint8Array): AttributeTag {
  const view = viewOf(bytes);
  return { attributes: view.getUint32(0, true), tag: view.getUint32(4, true) };
}

/** FILE_FS_FULL_SIZE_INFORMATION (ntifs.h): what this user may still write, in bytes. */
export const fullSizeBytes = 32;

export function readFreeBytes(bytes: Uint8Array): number {
  const view = viewOf(bytes);
  return Number(view.getBigInt64(8, true)) * view.getUint32(24, true) * view.getUint32(28, true);
}

/** FILE_FS_DEVICE_INFORMATION (wdm.h): the kind of device that holds the file. */
export const deviceBytes = 8;

export function readDeviceType(bytes: Uint8Array): number {
  return viewOf(bytes).getUint32(0, true);
}

/** The names in what NtQueryDirectoryFile wrote as FILE_NAMES_INFORMATION, without the two that every directory has. */
export function readNames(bytes: Uint8Array): readonly string[] {
  return entriesOf(bytes, { nameLength: 8, name: 12 })
    .map(({ name }) => name)
    .filter((name) => name !== '.' && name !== '..');
}

export interface Stream {
  /** As NTFS spells it: `:Zone.Identifier:$DATA`. */
  readonly name: string;
  readonly size: bigint;
}

/** The streams in FILE_STREAM_INFORMATION without the file's own contents, which NTFS calls `::$DATA`. */
export function readStreams(bytes: Uint8Array): readonly Stream[] {
  return entriesOf(bytes, { nameLength: 4, name: 24 })
    .map(({ name, view }) => ({ name, size: view.getBigInt64(8, true) }))
    .filter(({ name }) => name !== '::$DATA' && name !== '');
}

interface Entry {
  readonly name: string;
  readonly view: DataView;
}

/** @throws RangeError where the entries do not lie within the bytes. */
function entriesOf(bytes: Uint8Array, offset: { readonly nameLength: number; readonly name: number }): Entry[] {
  const entries: Entry[] = [];
  for (let at = 0; at + offset.name <= bytes.length; ) {
    const view = viewOf(bytes.subarray(at));
    const length = view.getUint32(offset.nameLength, true);
    const end = at + offset.name + length;
    if (end > bytes.length) {
      throw new RangeError('A directory entry is longer than the list that it is in.');
    }
    entries.push({ name: fromUtf16(bytes.subarray(at + offset.name, end)), view });
    const next = view.getUint32(0, true);
    if (next === 0) {
      break;
    }
    at += next;
  }
  return entries;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
