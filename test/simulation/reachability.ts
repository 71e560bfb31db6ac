/**
 * What a set of histories has to come to. A simulation that is green because it never gets there proves nothing, so
 * one of these that was not reached fails a run that was long enough.
 */
export const mustReach = [
  'crash',
  'crash while starting',
  'crash between COMMIT and its answer',
  'COMMIT with an unknown outcome that stands',
  'COMMIT with an unknown outcome that was none',
  'request lost',
  'answer lost',
  'request doubled',
  'request into a partition',
  'partition',
  'log held up',
  'pause',
  'clock jumped back',
  'clock jumped ahead',
  'lie refused',
  'old request refused',
  'old head told',
  'older head served',
  'inflated receipt',
  'wake-up lost',
  'catch-up by pull',
  'host answered duplicate',
  'host refused an event',
  'client asked again',
  'same key twice',
  'invitation accepted',
  'removed somebody',
  'fence',
  'fence that purges',
  'came back after an end',
  'left',
  'group addressed',
  'thread started elsewhere',
  'group withdrawn',
  'stream resumed',
  'answer that something broke',
  'nonce used twice',
] as const

/** And with epilogues. */
export const mustReachAfter = ['lease ran out', 'two stories told'] as const

/** As many histories as it takes to ask for all of it. */
export const enoughHistories = 40
