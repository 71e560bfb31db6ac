import { createHash } from 'node:crypto'
import type { NodeId, SpaceId, UserId } from '#schema/ids.ts'
import { openMember } from '#server/db/members.ts'
import { insertUser } from '#server/db/users.ts'
import { newUserId } from '#server/ports/random.ts'
import type { TestNode, TestPerson } from './node.ts'

// People whom a node knows without their having signed up at it.

/** Makes a guest of somebody who has signed up. */
export async function makeGuest(node: TestNode, name: string): Promise<TestPerson> {
  const guest = await node.signUp(`guest-${name.toLowerCase()}`, name)
  const { db } = node.context
  await db.updateTable('user').set({ kind: 'guest' }).where('id', '=', guest.userId).execute()
  await db.updateTable('account').set({ role: 'guest' }).where('userId', '=', guest.userId).execute()
  return guest
}

/** Somebody of another company in a space, as if they had joined it. */
export async function meetStranger(node: TestNode, space: string, name: string): Promise<UserId> {
  const { random } = node.context
  const home = 'globex.example' as NodeId
  const id = newUserId(random, home)
  await node.context.db.transaction().execute(async (tx) => {
    await insertUser(tx, { id, node: home, name, identityVersion: 1 })
    const joinSeq = 1 + createHash('sha256').update(id).digest().readUInt16BE(0)
    const member = { spaceId: space as SpaceId, userId: id, node: home, joinSeq }
    await openMember(tx, { ...member, role: 'poster', history: 'all' })
  })
  return id
}
