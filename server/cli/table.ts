export type Column = { readonly title: string; readonly width: number; readonly isNumber?: true }

/** Cells in columns as wide as they need to be, and never narrower than they are usually: rows that come later fit below. */
export function tableOf(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): { readonly head: string; readonly lines: readonly string[] } {
  const widths = columns.map(({ title, width }, i) =>
    rows.reduce((widest, row) => Math.max(widest, row[i]!.length), Math.max(width, title.length)),
  )
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (columns[i]!.isNumber ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd()
  return { head: line(columns.map(({ title }) => title)), lines: rows.map(line) }
}
