// Who walks, and what a text is searched for.

export const people = ['ann', 'ada', 'abe', 'bob', 'bea'] as const
export type Name = (typeof people)[number]

/** What came with a text: the marks that stand in it, and the spaces that it names. */
export const mark = /mk\d+x\d+/g
export const spaceId = /s_[A-Za-z0-9_-]{43}/g
