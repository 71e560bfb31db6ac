// Every case that the protocol's list and the catalogue of bad input name, by id. A case is a test whose name has its
// id, or it stands in `deferred.ts` with the reason.

export const conformanceIds: readonly string[] = [
  ...ids('DIS', '01 02 03 04 05 07 09 10 11'),
  ...ids('KEY', '01 02 03 05 06 07 09 10 11 12 13 14 15 17 18'),
  ...ids('REQ', '01 02 03 04 06 07 09 10 11 12 13 14 16 17'),
  ...ids('PAR', '01 02 03 04 06 07 09 10 11 12 13 14'),
  ...ids('IDN', '01 02 03 04 05 06 08 09 10 12 13'),
  ...ids('INV', '01 02 04 05 07 08 09 10 11 12 14 15 17 18 19'),
  ...ids('JOI', '01 02 04 05 06 08 09 10 11 13 50 51'),
  ...ids('SUB', '01 02 03 04 05 06 08 09 10 11 12 15 16 17 50 51 52 53 54 55'),
  ...ids('SEQ', '01 02 03 04 06 07 09 11 12 13 14'),
  ...ids('FAN', '01 02 03 04 05 06 07 10 12 13 14 50'),
  ...ids('GAP', '01 02 03 05 06 08 09'),
  ...ids('EQV', '01 04 05 06 07'),
  ...ids('FNC', '01 02 04 05 07 08 09 10 11 12 13 15 16 17 20 50 51 52'),
  ...ids('EDT', '01 03 04 05 07 09 10 11 12'),
  ...ids('ATT', '01 02 03 04 06 08 09 10 11 12 14'),
  ...ids('EPH', '01 03 04 05 06'),
  ...ids('HND', '01 02 03 05 06 07 08 09 10'),
  ...ids('RST', '01 03 05 06 07 08 09 10 50'),
  ...ids('SSR', '01 02 04 05 06 07'),
  ...ids('UNI', '01 03 06 07 08 10 11'),
  ...ids('VER', '01 03 04 05 07'),
  ...ids('CLK', '01 03 04'),
  ...ids('DOS', '01 02 03 04 06 08 09 10 11'),
  ...ids('OPS', '01 02 03 04 06 07 08'),
  ...ids('WSK', '01 03'),
]

export const badInputIds: readonly string[] = [
  ...upTo('D', 5),
  ...upTo('R', 18),
  ...upTo('W', 11),
  ...upTo('X', 10),
  ...upTo('U', 6),
  ...upTo('C', 6),
  ...upTo('K', 7),
  ...upTo('M', 7),
  ...upTo('P', 7),
]

function ids(family: string, numbers: string): string[] {
  return numbers.split(' ').map((number) => `${family}-${number}`)
}

function upTo(family: string, last: number): string[] {
  return Array.from({ length: last }, (_, i) => `${family}${i + 1}`)
}
