import {
  Address,
  Id,
  Loose,
  LoosePart,
  OptionalChannel,
  OptionalId,
  Part,
  Text,
} from './wire-fields.js';
import type { Scalar } from './wire-values.js';

/*
 * What edna Pulse posts today: https://docs-pulse.edna.io/docs/api/callback/get-message and
 * https://docs-pulse.edna.io/docs/api/callback/get-status, both of 2026-06-15. Channels are numbers, clients are
 * `subscriber`s, and `subject` is the name of a channel, never a client.
 */

export class EdnaAttachment {
  /** Signed, good for seven days. Its path often ends in the only name there is. */
  @Text({ example: 'https://files.example.test/acme_wa_main/Zk3v0.webp' })
  url?: Scalar;

  @Loose({ example: 'shelf.webp' })
  name?: unknown;

  /** Bytes. */
  @Loose({ oneOf: [{ type: 'number' }, { type: 'string' }], example: 48211 })
  size?: unknown;

  /** Of the simple form only. */
  @Loose({ example: 'image/webp' })
  mimeType?: unknown;
}

export class EdnaLocation {
  @Loose({ type: 'number', example: 59.9571 })
  latitude?: unknown;

  @Loose({ type: 'number', example: 30.3083 })
  longitude?: unknown;

  @Loose({ example: 'Pier 4' })
  address?: unknown;

  /** Some bodies call the address so. */
  @Loose()
  locationAddress?: unknown;
}

export class EdnaContent {
  @Text({ example: 'TEXT' })
  type?: Scalar;

  /** Of `FLOW` a JSON text with the answers, of `BUTTON` the button's title. */
  @Text({ example: 'Is it in stock?' })
  text?: Scalar;

  @Text()
  caption?: Scalar;

  @Part(() => EdnaAttachment)
  attachment?: EdnaAttachment;

  @LoosePart(() => EdnaLocation)
  location?: EdnaLocation;

  /** The code behind a pressed button. */
  @Loose()
  payload?: unknown;

  /** What was picked from a list: `[{identifier, title, subtitle}]`. */
  @Loose({ type: 'array', items: { type: 'object' } })
  items?: unknown;

  /* The shapes of these are not documented. */

  @Loose({ example: '👍' })
  emoji?: unknown;

  @Loose({ type: 'object', additionalProperties: true })
  contact?: unknown;

  @Loose({ type: 'object', additionalProperties: true })
  story?: unknown;

  @Loose({ type: 'object', additionalProperties: true })
  referral?: unknown;
}

export class EdnaSubscriber {
  /** The client's address in the channel: the digits of a phone, or an opaque id. */
  @Address({ example: '79995550142' })
  identifier: Scalar;
}

export class EdnaUserInfo {
  @Loose({ example: 'Vera' })
  userName?: unknown;

  @Loose()
  firstName?: unknown;

  @Loose()
  lastName?: unknown;

  @Loose()
  avatarUrl?: unknown;
}

/** A client's message. */
export class EdnaIncoming {
  @Id({ example: 16204400917 })
  id: Scalar;

  @Loose({ example: 'acme_wa_main' })
  subject?: unknown;

  @OptionalChannel({ example: 71844 })
  subjectId?: Scalar;

  @Part(() => EdnaSubscriber, { required: true })
  subscriber: EdnaSubscriber;

  @LoosePart(() => EdnaUserInfo)
  userInfo?: EdnaUserInfo;

  @Part(() => EdnaContent)
  messageContent?: EdnaContent;

  @Loose({ example: '2026-02-03T09:20:41Z' })
  receivedAt?: unknown;

  /** The quoted message, where the business wrote it. */
  @Loose({ type: 'number' })
  replyOutMessageId?: unknown;

  /** Its `requestId`. Set on `FLOW` answers too. */
  @Loose()
  replyOutMessageExternalRequestId?: unknown;

  /** The quoted message, where the client wrote it. */
  @Loose({ type: 'number' })
  replyInMessageId?: unknown;
}

/** News of a message that went out. Which client it went to is not in it. */
export class EdnaStatus {
  /** Ours; none where the message was not sent through the API. */
  @OptionalId({ example: '8f0d7f0e-5a5b-4f0a-9a53-0b6d0f3f7c11' })
  requestId?: Scalar;

  @OptionalId({ example: 903311 })
  messageId?: Scalar;

  @OptionalChannel({ example: 71844 })
  subjectId?: Scalar;

  /** In any case, with `-` or `_`. */
  @Id({ example: 'DELIVERED' })
  status: Scalar;

  @Loose({ example: 'not-whatsapp-user' })
  error?: unknown;

  /** As we sent it. */
  @Loose({ example: 'amo:b47f09ce-31d8-4a62-95e0-6c8d2f1a7b53' })
  comment?: unknown;
}
