import { Id, Loose, LoosePart, OptionalId, Part, Text } from './wire-fields.js';
import type { Scalar } from './wire-values.js';

/*
 * What amoCRM posts to a chat channel: https://www.amocrm.ru/developers/content/chats/chat-webhooks, read in January
 * 2026. Here a plain `id` is amoCRM's and a `client_id` is ours. Everything optional comes missing, null or empty.
 */

export class AmocrmConversation {
  /** Of the chat at amoCRM. */
  @OptionalId({ example: '1f7b6c20-8d3e-4a95-b0c4-7e2d9f618a53' })
  id?: Scalar;

  /** Ours; none where a manager wrote first. */
  @OptionalId({ example: 'edna:71844:79995550142' })
  client_id?: Scalar;
}

export class AmocrmReceiver {
  /** Of the client at amoCRM. */
  @OptionalId({ example: 'e81d42f6-0b57-4c39-a2d8-5f60c7b19e04' })
  id?: Scalar;

  @Loose({ example: '79995550142' })
  phone?: unknown;

  /** Of the client, ours; of no client whose first message is still to come. */
  @Loose({ example: 'edna:71844:79995550142' })
  client_id?: unknown;
}

export class AmocrmSender {
  /** Of the manager, or of the robot. */
  @Loose({ example: 'Oleg' })
  name?: unknown;

  /** Of a client, ours: he wrote it himself. */
  @Loose()
  client_id?: unknown;
}

export class AmocrmSource {
  @Loose({ example: 'pulse-wa-main' })
  external_id?: unknown;
}

/** A message inside another one's quote. */
export class AmocrmQuoted {
  @Loose({ example: 'b47f09ce-31d8-4a62-95e0-6c8d2f1a7b53' })
  id?: unknown;

  /** Ours, where it came from us. */
  @Loose({ example: 'edna:71844:16204400917' })
  msgid?: unknown;

  @Loose({ example: 'text' })
  type?: unknown;

  @Loose()
  text?: unknown;

  @Loose()
  media?: unknown;

  @Loose()
  file_name?: unknown;

  @Loose({ type: 'number' })
  file_size?: unknown;
}

export class AmocrmReply {
  @LoosePart(() => AmocrmQuoted)
  message?: AmocrmQuoted;
}

export class AmocrmForwards {
  /** One at most, these days. */
  @Loose({ type: 'array', items: { type: 'object' } })
  messages?: unknown;
}

export class AmocrmContent {
  @Id({ example: 'b47f09ce-31d8-4a62-95e0-6c8d2f1a7b53' })
  id: Scalar;

  /** Ours, of what came from us: histories call it so, and quotes `msgid`. */
  @Loose()
  client_id?: unknown;

  @Loose()
  msgid?: unknown;

  /** `text`, `file`, `video`, `picture`, `voice`, `audio`, `sticker`. */
  @Text({ example: 'text' })
  type?: Scalar;

  /** A template comes here with its fields filled in. */
  @Text({ example: 'Good afternoon' })
  text?: Scalar;

  @Text()
  media?: Scalar;

  @Loose()
  file_name?: unknown;

  /** Bytes; 0 where amoCRM does not know. */
  @Loose({ type: 'number' })
  file_size?: unknown;

  /** The same for files that were sent together; each of them has a hook of its own. */
  @Loose({ type: 'string' })
  media_group_id?: unknown;

  /** Buttons, or a list to pick from. */
  @Loose({ type: 'object', additionalProperties: true })
  markup?: unknown;

  /** Where it was chosen from templates: `id`, `external_id`, `content` and `params`; its text must reach edna to the letter. */
  @Loose({ type: 'object', additionalProperties: true })
  template?: unknown;

  @LoosePart(() => AmocrmReply)
  reply_to?: AmocrmReply;

  @LoosePart(() => AmocrmForwards)
  forwards?: AmocrmForwards;
}

export class AmocrmMessage {
  @Part(() => AmocrmConversation)
  conversation?: AmocrmConversation;

  @Part(() => AmocrmReceiver)
  receiver?: AmocrmReceiver;

  @LoosePart(() => AmocrmSender)
  sender?: AmocrmSender;

  @LoosePart(() => AmocrmSource)
  source?: AmocrmSource;

  /** Seconds. */
  @Loose({ type: 'number', example: 1772529480 })
  timestamp?: unknown;

  @Loose({ type: 'number', example: 1772529480310 })
  msec_timestamp?: unknown;

  @Part(() => AmocrmContent, { required: true })
  message: AmocrmContent;
}

/** A manager's message, version 2 of the hook. */
export class AmocrmHook {
  /** The account's `amojo_id`. */
  @OptionalId({ example: 'c2e94b10-63af-4d5e-8f07-91ab34cd56ef' })
  account_id?: Scalar;

  @Part(() => AmocrmMessage, { required: true })
  message: AmocrmMessage;
}

/** Version 1, which knows no message ids. */
export class AmocrmHookV1 {
  /** The client, by our own id. */
  @Id({ example: 'edna:71844:79995550142' })
  receiver: Scalar;

  /** By our own id. */
  @Id({ example: 'edna:71844:79995550142' })
  conversation_id: Scalar;

  @Text({ example: 'text' })
  type?: Scalar;

  @Text({ example: 'Good afternoon' })
  text?: Scalar;

  @Text()
  media?: Scalar;

  @Loose()
  file_name?: unknown;

  @Loose({ type: 'number' })
  file_size?: unknown;

  @Loose({ type: 'number' })
  timestamp?: unknown;

  @Loose({ type: 'number', example: 1772529480310 })
  msec_timestamp?: unknown;
}

export class AmocrmFlatMessage {
  @Id({ example: 'm-1' })
  id: Scalar;

  @Text({ example: 'Good afternoon' })
  text?: Scalar;

  /** Seconds, or ISO 8601. */
  @Loose({ type: 'number', example: 1772529480 })
  date?: unknown;
}

export class AmocrmFlatConversation {
  /** Ours where it reads like one of ours, else of the chat at amoCRM. */
  @Id({ example: 'edna:71844:79995550142' })
  id: Scalar;
}

export class AmocrmFlatAccount {
  @Loose({ example: 'c2e94b10-63af-4d5e-8f07-91ab34cd56ef' })
  id?: unknown;
}

/** The simple flat form, for small programs of one's own. */
export class AmocrmFlatHook {
  @Part(() => AmocrmFlatMessage, { required: true })
  message: AmocrmFlatMessage;

  @LoosePart(() => AmocrmSender)
  sender?: AmocrmSender;

  @Part(() => AmocrmFlatConversation, { required: true })
  conversation: AmocrmFlatConversation;

  @LoosePart(() => AmocrmFlatAccount)
  account?: AmocrmFlatAccount;
}
