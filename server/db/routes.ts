import { type RawBuilder, sql } from 'kysely'

// Every way in which somebody reaches a space today, with the first entry that it shows (SPEC T5, T7, H1). What a
// person sees and what a node is sent are both read from here, so that they cannot differ.

/** The first entry of a window that was granted at a seq; what is meant to begin later than that begins there. */
function startOf(history: string, grantedAt: string): RawBuilder<number> {
  const [window, at] = [sql.ref(history), sql.ref(grantedAt)]
  return sql<number>`case when ${window} = 'all' then 1 when ${window} = 'now' then ${at}
    else least(${at}, substring(${window} from 7)::bigint) end`
}

/** A membership in a group includes a thread when its window does not begin behind the thread's anchor (T7). */
const includesThread = sql<boolean>`(m.history = 'all' or r.anchor_seq >= case
  when m.history = 'now' then m.join_seq
  else substring(m.history from 7)::bigint end)`

/**
 * Rows (space_id, user_id, node, group_id, from_seq): one for a membership, where group_id is null, and one for each
 * group that the thread addresses and whose window includes it. Whoever selects from it says which space or user.
 */
export const routes = sql`
  select m.space_id, m.user_id, m.node, null::text as group_id, ${startOf('m.history', 'm.join_seq')} as from_seq
  from member m where m.until_seq is null
  union all
  select r.space_id, m.user_id, m.node, r.group_id, ${startOf('r.history', 'r.add_seq')} as from_seq
  from recipient r join member m on m.space_id = r.group_id
  where r.remove_seq is null and m.until_seq is null and ${includesThread}
`
