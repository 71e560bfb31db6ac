export type Options = {
  /** Length of one window of load. */
  readonly seconds: number
  readonly rounds: number
  /** A file for the samples, one JSON text per line. */
  readonly json: string | undefined
  /** Show where the product's own time goes, in place of comparing. */
  readonly profile: boolean
}

export type Bench = {
  readonly summary: string
  /** Whatever it starts ends with the stack. False: a gate was missed that holds on a busy machine too. */
  run(options: Options, stack: AsyncDisposableStack): Promise<boolean | void>
}
