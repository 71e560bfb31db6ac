/** The versions of the protocol that this node speaks, as its statement lists them. */
export const protocolVersions = ['1.0'] as const

const form = /^(0|[1-9][0-9]{0,3})\.(?:0|[1-9][0-9]{0,3})$/
const majors = new Set(protocolVersions.map((version) => form.exec(version)![1]))

/** Whether we understand what is said in this version: a minor one only adds what others may ignore (Q8). */
export function speaks(version: string): boolean {
  return majors.has(form.exec(version)?.[1])
}
