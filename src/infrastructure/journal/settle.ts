import { sql, type Kysely } from 'kysely';
import { RANKS } from '../../domain/delivery-status.js';
import type { Change, Released } from '../../domain/journal.js';
import type { Reason } from '../../domain/reasons.js';
import { attempted, neverBegun } from './attempts.js';
import { passCaptionsOn } from './captions.js';
import type { Dialect } from './dialect.js';
import { openImports } from './marks.js';
import { dropEchoes } from './own-messages.js';
import { fromReason } from './rows.js';
import { keyOf, lockLanes, lockNames, releaseLanes, type LaneId } from './lanes.js';
import type { Schema } from './schema.js';
import { inboundFailed, inboundHandedOver, linkConversations } from './settle-inbound.js';
import {
  lookedUp,
  outboundFailed,
  outboundHandedOver,
  partsHandedOver,
  unpark,
} from './settle-outbound.js';
import type { Placed, Settlement } from './settlement.js';

/**
 * Writes a group of settlements. Facts about messages count whatever has become of their lane; only giving the lane
 * back asks whether it is still the worker's.
 * @param alsoLocks lanes that the same transaction writes about afterwards
 */
export async function settleGroup(
  trx: Kysely<Schema>,
  dialect: Dialect,
  owner: string,
  settlements: readonly Settlement[],
  alsoLocks: readonly LaneId[] = [],
): Promise<(Released | undefined)[]> {
  const byType = Map.groupBy(
    settlements.flatMap(({ lane, changes }) => changes.map((change) => ({ ...change, lane }))),
    ({ type }) => type,
  );
  const of = <Type extends Change['type']>(type: Type) =>
    (byType.get(type) ?? []) as unknown as readonly Placed<Type>[];

  await linkConversations(trx, dialect, of('inbound-handed-over'));
  const answered = of('part-handed-over').filter(({ messengerId }) => messengerId !== undefined);
  await lockNames(
    trx,
    dialect,
    answered.map(({ messengerId }) => messengerId as string),
  );
  await lockLanes(trx, dialect, [
    ...alsoLocks,
    ...settlements.map(({ lane }) => lane),
    ...[
      ...of('outbound-failed'),
      ...answered,
      ...of('inbound-handed-over').filter(({ isImport }) => isImport),
    ].map(({ lane }): LaneId => ({
      conversation: lane.conversation,
      kind: 'status',
    })),
  ]);

  await inboundHandedOver(trx, dialect, of('inbound-handed-over'));
  await openImports(
    trx,
    dialect,
    of('inbound-handed-over').flatMap(({ isImport, messageId }) => (isImport ? messageId : [])),
  );
  await dropEchoes(trx, of('outbound-was-echo'));
  for (const change of of('inbound-failed')) await inboundFailed(trx, dialect, change);
  await partsHandedOver(trx, dialect, of('part-handed-over'));
  await unpark(trx, dialect, answered);
  await outboundHandedOver(trx, dialect, of('outbound-handed-over'));
  await passCaptionsOn(trx, await outboundFailed(trx, dialect, of('outbound-failed')));
  await reported(trx, dialect, of('reported'));
  await putOff(trx, dialect, of('put-off'));
  await lookedUp(trx, of('part-looked-up'));
  await neverBegun(trx, dialect, of('part-not-begun'));
  await attempted(trx, dialect, of('attempt'));

  const releases = settlements.flatMap(({ lane, release }) => (release ? [{ lane, release }] : []));
  const released = await releaseLanes(trx, dialect, owner, releases);
  return settlements.map(({ lane, release }) => release && released.get(keyOf(lane)));
}

/** What the CRM has been told only climbs: a process that was taken for dead may say late what it had told before. */
async function reported(
  trx: Kysely<Schema>,
  dialect: Dialect,
  changes: readonly Placed<'reported'>[],
): Promise<void> {
  if (changes.length === 0) return;
  await sql`
    update message set reported_status = r.status, report_tries = 0, report_failing_at = null,
      report_due = case when message.status = r.status then 0 else message.report_due end
    from ${dialect.rows(
      'r',
      { id: 'int', status: 'text' } as const,
      changes.map(({ messageId, status }) => ({ id: messageId, status })),
    )} where message.id = r.id
      and ${rankOf(sql`r.status`)} >= ${rankOf(sql`message.reported_status`)}`.execute(trx);
}

function rankOf(status: ReturnType<typeof sql>) {
  const ranks = RANKS.map(([one, rank]) => sql`when ${sql.lit(one)} then ${sql.lit(rank)}`);
  return sql`case ${status} ${sql.join(ranks, sql` `)} else -1 end`;
}

/** Stands on a message that still waits, so that the next look at it knows what the last one suspected. */
const SUSPECT: Reason = { key: 'amo-poison' };

async function putOff(
  trx: Kysely<Schema>,
  dialect: Dialect,
  changes: readonly Placed<'put-off'>[],
): Promise<void> {
  const tried = changes.filter(({ why }) => why !== 'waits');
  if (tried.length === 0) return;
  const now = dialect.now();
  const rows = (of: typeof tried) =>
    dialect.rows(
      'r',
      { id: 'int', part: 'int', unknown: 'int', reason: 'text' } as const,
      of.map(({ messageId, partId, why, isSuspect }) => ({
        reason: isSuspect ? fromReason(SUSPECT) : null,
        id: messageId,
        part: partId,
        unknown: why === 'unknown' ? 1 : 0,
      })),
    );
  const reports = tried.filter(({ kind }) => kind === 'status');
  if (reports.length > 0) {
    await sql`
      update message set report_tries = report_tries + 1,
        report_failing_at = coalesce(report_failing_at, ${now})
      from ${rows(reports)} where message.id = r.id`.execute(trx);
  }
  const messages = tried.filter(({ kind }) => kind !== 'status');
  if (messages.length === 0) return;
  await sql`
    update message set tries = tries + 1, failing_at = coalesce(failing_at, ${now}),
      reason = case when direction = 'inbound' then r.reason else message.reason end,
      unknown_at = case when r.unknown = 1 then ${now} else unknown_at end
    from ${rows(messages)} where message.id = r.id`.execute(trx);
  await sql`
    update part set unknown_at = ${now}
    from ${rows(messages)} where part.id = r.part and r.unknown = 1`.execute(trx);
}
