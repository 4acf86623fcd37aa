import { addressOf, shownIn, type ChatMessage } from '../amojo/chat.ts';
import { PATIENCE_MS } from '../changes.ts';
import type { ManagerContent } from '../amojo/manager-content.ts';
import type { EdnaStatus, OutMessage } from '../edna/out-message.ts';
import type { Sandbox } from '../sandbox.ts';
import { settingsChange } from '../settings.ts';
import type { Cast } from './cast.ts';
import type { Stage } from './player.ts';
import type { Act, Expectation } from './scenario.ts';

export interface Performance extends Stage {
  readonly cast: Cast;
  /** @throws {Error} with the differences, where they are not gone in time */
  readonly waitFor: (expected: readonly Expectation[], seconds?: number) => Promise<void>;
}

type ActOf<Key extends PropertyKey> = Extract<Act, Record<Key, unknown>>;

/** Does what a step says; what it makes can be called by its name from then on. */
export async function perform(act: Act, on: Performance): Promise<void> {
  const { sandbox, cast, bridge, clock } = on;
  if ('client' in act) await clientWrites(act, on);
  else if ('writesFirst' in act) {
    const phone = cast.addressOf(act.manager);
    const content = act.writesFirst as ManagerContent;
    cast.remember(act.as, await sandbox.manager.writesFirst(phone, content));
  } else if ('does' in act) await sandbox.manager.types(chatOf(act.manager, on));
  else if ('manager' in act) await managerWrites(act, on);
  else if ('again' in act) await postAgain(act, on);
  else if ('status' in act) await reportStatus(act, on);
  else if ('post' in act) await postRaw(act, sandbox);
  else if ('fault' in act) cast.rememberFault(act.as, sandbox[act.fault].faults.add(act.rule));
  else if ('clear' in act) clearFault(act.clear, on);
  else if ('twin' in act) {
    const { server } = sandbox[act.twin];
    await (act.goes === 'down' ? server.goDown() : server.comeBack());
  } else if ('bridge' in act) {
    if (bridge === undefined) throw new Error('этот мост запустили не мы: остановить его нельзя');
    await bridge[act.bridge]();
  } else if ('wait' in act) {
    await new Promise<void>((resolve) => {
      clock.after(act.wait * 1000, resolve);
    });
  } else if ('until' in act) await on.waitFor([act.until], act.within);
  else sandbox.change(settingsChange(act.settings));
}

async function clientWrites(
  { client, writes, form, channel, array, quoting, as }: ActOf<'client'>,
  { sandbox, cast }: Performance,
): Promise<void> {
  const address = cast.addressOf(client);
  const replyTo = quoting === undefined ? undefined : onPhone(cast, sandbox, address, quoting);
  const options = { form, channel, array, replyTo };
  const message = await sandbox.client(address, { userName: client }).writes(writes, options);
  cast.remember(as, message);
}

async function managerWrites(
  { manager, writes, form, quoting, as }: Extract<Act, { manager: string; writes: unknown }>,
  on: Performance,
): Promise<void> {
  const { sandbox, cast } = on;
  const chat = chatOf(manager, on);
  const replyTo = quoting === undefined ? undefined : inChat(cast, chat, quoting);
  const options = { form, replyTo };
  if (Array.isArray(writes)) {
    const group = writes as Exclude<ManagerContent, string>[];
    const last = (await sandbox.manager.writesGroup(chat, group, options)).at(-1);
    if (last !== undefined) cast.remember(as, last);
  } else {
    const message = await sandbox.manager.writes(chat, writes as ManagerContent, options);
    cast.remember(as, message);
  }
}

function chatOf(name: string, { sandbox, cast }: Performance) {
  return sandbox.chat(cast.addressOf(name));
}

/** The message a client quotes: the client's own, or a manager's as it stands on the phone. */
function onPhone(cast: Cast, sandbox: Sandbox, address: string, name: string) {
  const message = cast.message(name);
  if (!('chat' in message)) return message;
  const arrived = sandbox.client(address).sees.find((one) => isSame(one, message, sandbox));
  if (arrived === undefined) throw new Error(`сообщения ${name} нет на телефоне`);
  return arrived;
}

/** The message a manager quotes, as it stands in the chat. */
function inChat(cast: Cast, chat: ChatMessage['chat'], name: string): ChatMessage {
  const message = cast.message(name);
  if ('chat' in message) return message;
  const row = shownIn(chat).find(({ text }) => text === message.text);
  if (row === undefined) throw new Error(`сообщения ${name} нет в чате`);
  return row;
}

async function postAgain({ again, answered = 200 }: ActOf<'again'>, on: Performance) {
  const { parcel } = on.cast.message(again);
  if (parcel?.url === undefined) throw new Error(`${again} никуда не отправляли`);
  const { status } = await on.sandbox.post(parcel.url, {
    headers: parcel.headers,
    body: parcel.raw,
  });
  checkAnswer(again, status, answered);
}

async function postRaw({ post, body, headers, answered }: ActOf<'post'>, sandbox: Sandbox) {
  const { status } = await (post === 'edna'
    ? sandbox.postAsEdna(body, headers)
    : sandbox.postAsAmocrm(body, headers));
  checkAnswer(`запрос от ${post}`, status, answered);
}

function checkAnswer(what: string, status: number | undefined, expected: number): void {
  if (status !== expected) throw new Error(`${what}: ответ ${status ?? 'нет'}, а не ${expected}`);
}

/** A message of several parts comes to a status part by part. */
async function reportStatus({ status, of, error }: ActOf<'status'>, on: Performance) {
  const { sandbox, cast, speed = 1 } = on;
  const message = cast.managerMessage(of);
  const parts = await sandbox.until(
    () => {
      const found = sandbox.edna.messages.filter((one) => isSame(one, message, sandbox));
      return found.length > 0 && found;
    },
    Math.max(PATIENCE_MS, 20_000 / speed),
  );
  for (const part of parts) await sandbox.edna.report(part, status as EdnaStatus, { error });
}

/** Whether edna's message carries the manager's text or file; ids are the bridge's own affair. */
function isSame(sent: OutMessage, written: ChatMessage, sandbox: Sandbox): boolean {
  const { text, media, chat } = written;
  const sha1 = sandbox.amojo.hashOf(media);
  const isFile = sha1 !== undefined && sent.file?.sha1 === sha1;
  const isText = text !== '' && sent.content.text === text;
  return sent.address === addressOf(chat.client) && (isFile || isText);
}

function clearFault(name: string, { sandbox, cast }: Performance): void {
  if (name !== 'all') return cast.fault(name).clear();
  sandbox.edna.faults.clear();
  sandbox.amojo.faults.clear();
}
