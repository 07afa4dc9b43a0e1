/** Bytes of a 64-bit UNICODE_STRING, of OBJECT_ATTRIBUTES and of IO_STATUS_BLOCK (winternl.h). */
const stringBytes = 16;
const attributesBytes = 48;
export const ioStatusBytes = 16;

/** OBJ_CASE_INSENSITIVE: a name finds what it finds for every other program. */
const caseInsensitive = 0x40;

export interface ObjectName {
  /** The open directory that the name is relative to; 0n for a name from the root of the object tree. */
  readonly root: bigint;
  readonly name: string;
}

/** Where the name's own bytes are: the address that a buffer has while this call lasts. */
export type AddressOf = (bytes: Uint8Array) => bigint;

/** What must stay referenced until the call has returned, or the memory may be another's. */
export interface ObjectAttributes {
  readonly attributes: Uint8Array;
  readonly held: readonly Uint8Array[];
}

/** OBJECT_ATTRIBUTES with the UNICODE_STRING and the UTF-16 units that it points at. */
export function objectAttributes({ root, name }: ObjectName, addressOf: AddressOf): ObjectAttributes {
  const units = utf16(name);
  const string = new Uint8Array(stringBytes);
  const stringView = new DataView(string.buffer);
  stringView.setUint16(0, name.length * 2, true);
  stringView.setUint16(2, units.length, true);
  stringView.setBigUint64(8, addressOf(units), true);
  const attributes = new Uint8Array(attributesBytes);
  const view = new DataView(attributes.buffer);
  view.setUint32(0, attributesBytes, true);
  view.setBigUint64(8, root, true);
  view.setBigUint64(16, addressOf(string), true);
  view.setUint32(24, caseInsensitive, true);
  return { attributes, held: [units, string] };
}

/** UTF-16 with a closing NUL, so that it is never empty and kernel32 can read it, too. */
export function utf16(text: string): Uint8Array {
  const bytes = new Uint8Array((text.length + 1) * 2);
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < text.length; index += 1) {
    view.setUint16(index * 2, text.charCodeAt(index), true);
  }
  return bytes;
}

export function fromUtf16(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let text = '';
  for (let at = 0; at + 1 < bytes.length; at += 2) {
    text += String.fromCharCode(view.getUint16(at, true));
  }
  return text;
}
