// The part of tr46 that domain.ts uses; the package brings no types.
declare module 'tr46' {
  export type Options = {
    readonly checkBidi?: boolean
    readonly checkHyphens?: boolean
    readonly checkJoiners?: boolean
    readonly useSTD3ASCIIRules?: boolean
    readonly verifyDNSLength?: boolean
  }
  export function toUnicode(
    domain: string,
    options?: Options,
  ): { readonly domain: string; readonly error: boolean }
  export function toASCII(domain: string, options?: Options): string | null
}
