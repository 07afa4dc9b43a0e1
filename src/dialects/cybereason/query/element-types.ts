/** The element types that Custody has; every other type of the vendor's is answered with no elements. */
export const elementTypes = ['File', 'QuarantineFile', 'Machine', 'Process', 'MalopProcess', 'User'] as const;

export type ElementType = (typeof elementTypes)[number];

export function isElementType(text: string): text is ElementType {
  return elementTypes.some((type) => type === text);
}

/** The features of each type that lead to other elements, and of which type those are. */
export const links: Record<ElementType, Readonly<Record<string, ElementType>>> = {
  File: { ownerMachine: 'Machine' },
  QuarantineFile: { ownerMachine: 'Machine', quarantineFile: 'QuarantineFile' },
  Machine: { processes: 'Process', users: 'User' },
  Process: { imageFile: 'File', ownerMachine: 'Machine', user: 'User', calculatedUser: 'User' },
  MalopProcess: { suspects: 'Process', affectedMachines: 'Machine', primaryRootCauseElements: 'File' },
  User: { ownerMachine: 'Machine' },
};

/** Links that every element of the type has: whatever is at their end, an element without filters restricts nothing. */
const totalLinks: Partial<Record<ElementType, readonly string[]>> = {
  File: ['ownerMachine'],
  QuarantineFile: ['ownerMachine'],
  Process: ['imageFile', 'ownerMachine'],
  User: ['ownerMachine'],
};

export function isTotal(type: ElementType, feature: string): boolean {
  return totalLinks[type]?.includes(feature) ?? false;
}

/** What the vendor groups the results of each type by. */
export const groupingFeatures: Record<ElementType, string> = {
  File: 'fileHash',
  QuarantineFile: 'self',
  Machine: 'self',
  Process: 'imageFileHash',
  MalopProcess: 'self',
  User: 'self',
};
