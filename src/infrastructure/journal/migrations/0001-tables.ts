import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { ColumnTypes } from '../dialect.js';

/** The tables and the indexes the hot path lives on. */
export function tables(types: ColumnTypes): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      const run = (text: string) => sql.raw(text).execute(db);
      const { id, int, text, bytes } = types;

      await run(`create table conversation (
        id ${id}, line ${text} not null, channel ${text} not null, address ${text} not null,
        conversation_id ${text}, subject ${text}, chat_id ${text}, participant_id ${text},
        to_be_linked ${int} not null default 0,
        check (length(address) <= 512 and length(channel) <= 128))`);
      await run(
        'create unique index conversation_address on conversation (line, address, channel)',
      );
      await run(`create index conversation_born on conversation (line, conversation_id)
        where conversation_id is not null`);
      await run(`create index conversation_chat on conversation (line, chat_id)
        where chat_id is not null`);

      await run(`create table lane (
        conversation ${int} not null, kind ${text} not null, line ${text} not null,
        upstream ${text} not null, accepted_seq ${int} not null default 0, owner ${text},
        token ${int} not null default 0, due_at ${int}, last_ms ${int} not null default 0,
        held_by ${int}, primary key (conversation, kind))`);
      await run(`create index lane_due on lane (line, upstream, due_at)
        where owner is null and due_at is not null`);
      await run('create index lane_owned on lane (owner) where owner is not null');

      await run(`create table message (
        id ${id}, conversation ${int} not null, line ${text} not null, direction ${text} not null,
        source_id ${text} not null, seq ${int} not null, content ${text}, source_ms ${int} not null,
        accepted_at ${int} not null, state ${text} not null, reason ${text},
        tries ${int} not null default 0, failing_at ${int}, unknown_at ${int}, peer_id ${text},
        status ${text}, reported_status ${text}, reportable ${int} not null default 0,
        report_due ${int} not null default 0, report_tries ${int} not null default 0,
        report_failing_at ${int}, check (length(source_id) <= 512))`);
      await run('create unique index message_source on message (source_id, direction, line)');
      await run(`create index message_waiting on message (conversation, direction, seq)
        where state = 'waiting'`);
      await run(`create index message_oldest on message (direction, line, accepted_at)
        where state = 'waiting'`);
      await run('create index message_unreported on message (conversation) where report_due = 1');
      await run(`create index message_failed on message (direction) where state = 'failed'`);
      await run(`create index message_forgettable on message (accepted_at)
        where content is not null and state <> 'waiting'`);

      await run('create index message_forgotten on message (accepted_at) where content is null');

      await run(`create table part (
        id ${id}, message ${int} not null, number ${int} not null, generation ${int} not null,
        request_id ${text} not null, route ${text}, messenger_id ${text}, state ${text} not null,
        status ${text}, reason ${text}, lookups ${int} not null default 0, unknown_at ${int})`);
      await run('create unique index part_request on part (request_id)');
      await run('create index part_message on part (message)');
      await run(`create index part_messenger on part (messenger_id)
        where messenger_id is not null`);

      await run(`create table attempt (
        id ${id}, message ${int} not null, part ${int}, kind ${text} not null, at_ms ${int} not null,
        duration_ms ${int}, outcome ${text} not null, http_status ${int}, error ${text})`);
      await run('create index attempt_message on attempt (message)');
      await run(`create index attempt_open on attempt (part) where outcome = 'open'`);

      await run(`create table worker (
        id ${text} primary key, host ${text} not null, pid ${int} not null,
        heartbeat_at ${int} not null, wall_ms ${int} not null)`);
      await run(`create table quarantine (
        id ${id}, at_ms ${int} not null, reason ${text} not null, webhook ${text} not null,
        scope_id ${text}, raw ${bytes} not null)`);
      await run(`create table parked_receipt (
        id ${id}, line ${text} not null, messenger_id ${text} not null, status ${text} not null,
        reason ${text}, parked_at ${int} not null)`);
      await run(`create table memory (name ${text} primary key, value ${text} not null)`);
      await run('create index parked_receipt_message on parked_receipt (messenger_id, line)');
    },
  };
}
