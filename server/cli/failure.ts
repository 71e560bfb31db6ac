/** A command that cannot do what it was asked for. The codes: 1 something is broken, 2 usage, 5 database. */
export class Failure extends Error {
  override name = 'Failure'
  readonly exitCode: 1 | 2 | 5

  constructor(exitCode: 1 | 2 | 5, sentence: string, options?: ErrorOptions) {
    super(sentence, options)
    this.exitCode = exitCode
  }
}
