import type { InvariantId } from '../../helpers/checker.ts'

// Bugs that this kind of software has had, planted one at a time. The simulation has to find each of them; when it
// stops finding one, it has gone blind there.

export type Bug = {
  readonly name: string
  readonly what: string
  /** What it breaks; one of these has to be named by the verdict. */
  readonly breaks: readonly InvariantId[]
  /** The seed of a history of 80 steps that shows it. */
  readonly shownBy: number
  /** The text that stands exactly once in the file, and what stands there instead. */
  readonly change: { readonly file: string; readonly from: string; readonly to: string }
}

/** From a recorded seed on the next few as well: a small change moves a history without blinding anybody. */
export const recordedTries = 5

export const bugs: readonly Bug[] = [
  {
    name: 'lying-commit',
    what: 'Some batches are answered as committed and rolled back.',
    breaks: ['I-01', 'I-02'],
    shownBy: 1,
    change: {
      file: 'server/db/transaction.ts',
      from: '    await tx.commit().execute()',
      to: '    await (value?.settled?.[0]?.placed?.event.header.id.endsWith("7") ? tx.rollback() : tx.commit()).execute()',
    },
  },
  {
    name: 'forgotten-key',
    what: 'The host does not keep the key that a message was asked for with.',
    breaks: ['I-01'],
    shownBy: 2,
    change: {
      file: 'server/log/rows.ts',
      from: 'idempotencyKey: source?.idempotency?.key ?? null,',
      to: 'idempotencyKey: null,',
    },
  },
  {
    name: 'forgotten-key-at-home',
    what: 'The author’s node looks for a key among what waits only, not in the log.',
    breaks: ['I-01', 'I-20'],
    shownBy: 6,
    change: {
      file: 'server/domain/write.ts',
      from: '    if (entry) await takePending(tx, [id])\n    return entry',
      to: '    return entry && undefined',
    },
  },
  {
    name: 'sent-is-done',
    what: 'What was handed to the network counts as accepted.',
    breaks: ['I-02', 'I-20'],
    shownBy: 1,
    change: {
      file: 'server/peers/log/submit.ts',
      from: "await markPending(alone(context.db), ids, 'sent')",
      to: "await markPending(alone(context.db), ids, 'accepted')",
    },
  },
  {
    name: 'waits-for-ever',
    what: 'A message that came back in the log still waits.',
    breaks: ['I-20'],
    shownBy: 1,
    change: {
      file: 'server/log/apply.ts',
      from: '(await takePending(tx, ids))',
      to: '(await takePending(tx, ids.slice(1)))',
    },
  },
  {
    name: 'any-order',
    what: 'What waits for a host is submitted in no order.',
    breaks: ['I-10'],
    shownBy: 1,
    change: {
      file: 'server/db/pending.ts',
      from: "    .where(mayGo(space))\n    .orderBy('place')",
      to: "    .where(mayGo(space))\n    .orderBy('salt')",
    },
  },
  {
    name: 'receipt-first',
    what: 'A follower signs for a batch before it has it.',
    breaks: ['I-16', 'I-20'],
    shownBy: 1,
    change: {
      file: 'server/peers/log/receive.ts',
      from: 'const applied = await applyBatch(context, context.log, {',
      to: 'const applied = true; void context.clock.sleep(400).then(async () => await apply()).catch(() => undefined); const apply = async () => await applyBatch(context, context.log, {',
    },
  },
  {
    name: 'late-fence',
    what: 'The fence is written after the commit that owes it.',
    breaks: ['I-17', 'I-14'],
    shownBy: 1,
    change: {
      file: 'server/log/batch.ts',
      from: '  if (fences.length > 0) await issueFences(tx, ports.node, fences)',
      to: '  if (fences.length > 0) void ports.clock.sleep(3_000).then(async () => await ports.db.transaction().execute(async (late) => await issueFences(late, ports.node, fences))).catch(() => undefined)',
    },
  },
  {
    name: 'skipped-number',
    what: 'Fences are numbered with gaps.',
    breaks: ['I-17'],
    shownBy: 6,
    change: {
      file: 'server/db/fences.ts',
      from: "eb('fenceCounter.n', '+', 1)",
      to: "eb('fenceCounter.n', '+', 2)",
    },
  },
  {
    name: 'fence-for-ever',
    what: 'A fence closes a space also after its log has caught up, and so after a rejoin.',
    breaks: ['I-20'],
    shownBy: 2,
    change: {
      file: 'server/db/access.ts',
      from: '(f.epoch, f.from_seq) > (fs.epoch, fs.head_seq)',
      to: '(f.epoch, f.from_seq) > (fs.epoch, 0)',
    },
  },
  {
    name: 'stream-with-gaps',
    what: 'A stream shows what comes next although something before it is missing.',
    breaks: ['I-18'],
    shownBy: 31,
    change: {
      file: 'server/realtime/tail.ts',
      from: '    if (first > position + 1) return false\n',
      to: '',
    },
  },
  {
    name: 'stream-repeats',
    what: 'A stream shows what it is offered, also where it has read it before.',
    breaks: ['I-18'],
    shownBy: 4,
    change: {
      file: 'server/realtime/tail.ts',
      from: '    if (last <= position) return true\n    send(first === position + 1 ? frame.text : frame.after(position))',
      to: '    send(frame.text)',
    },
  },
  {
    name: 'mark-goes-back',
    what: 'A read marker takes whatever it is told last.',
    breaks: ['I-19'],
    shownBy: 7,
    change: {
      file: 'server/db/read-states.ts',
      from: 'greatest(read_state.seq, excluded.seq)',
      to: 'excluded.seq',
    },
  },
  {
    name: 'sent-from-the-start',
    what: 'A node that comes is sent a log from its beginning, whatever its people were granted.',
    breaks: ['I-12'],
    shownBy: 6,
    change: {
      file: 'server/db/cursors.ts',
      from: 'else greatest(coalesce(c.acked_seq, 0), reach.from_seq - 1) end as after',
      to: 'else coalesce(c.acked_seq, 0) end as after',
    },
  },
  {
    name: 'no-window',
    what: 'Everybody is shown all that their node holds, from before their time too.',
    breaks: ['I-13'],
    shownBy: 3,
    change: {
      file: 'server/db/access.ts',
      from: 'greatest(way.from_seq, s.base_seq + 1) as from_seq, served.access\n    from unnest',
      to: 's.base_seq + 1 as from_seq, served.access\n    from unnest',
    },
  },
  {
    name: 'deaf-to-fences',
    what: 'A fence is signed for, and closes nothing before the log says the same.',
    breaks: ['I-14'],
    shownBy: 1,
    change: {
      file: 'server/db/access.ts',
      from: '(f.epoch, f.from_seq) > (fs.epoch, fs.head_seq)',
      to: '(f.epoch, f.from_seq) > (fs.epoch, fs.head_seq + 1000)',
    },
  },
  {
    name: 'no-sweep',
    what: 'A lane looks only when it is woken.',
    breaks: ['I-20', 'I-14', 'I-17'],
    shownBy: 1,
    change: {
      file: 'server/peers/lane.ts',
      from: 'work.sweepMs ?? limits.sweepMs,',
      to: '1e9,',
    },
  },
  {
    name: 'company-leaves-late',
    what: 'The rows let a company go one entry later than the log does.',
    breaks: ['I-11'],
    shownBy: 1,
    change: {
      file: 'server/log/effects/node-remove.ts',
      from: '.set({ removeSeq: seq })',
      to: '.set({ removeSeq: seq + 1 })',
    },
  },
]
